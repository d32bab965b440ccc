// Reads the archive with Microsoft's client for JavaScript, as a program written for Graph would.
// Arguments: the port, the key, the id of a call; prints what it read as JSON.
import { Client, PageIterator } from "@microsoft/microsoft-graph-client";

const [port, key, callId] = process.argv.slice(2);
const client = Client.init({
  baseUrl: `https://localhost:${port}`,
  customHosts: new Set(["localhost"]),
  authProvider: (done) => done(null, key),
});
const records = "/communications/callRecords";

async function every(request) {
  const ids = [];
  await new PageIterator(client, await request.get(), (record) => ids.push(record.id) > 0).iterate();
  return ids;
}

async function refusal(request) {
  try {
    return await request.get();
  } catch (error) {
    return { status: error.statusCode, code: error.code, requestId: error.requestId, message: error.message };
  }
}

console.log(
  JSON.stringify({
    all: await every(client.api(records).top(2).select("id,startDateTime")),
    filtered: await every(client.api(records).filter("startDateTime ge 2026-02-25T00:02:00Z")),
    record: await client.api(`${records}/${callId}`).expand("sessions($expand=segments),participants_v2").get(),
    sessions: await every(client.api(`${records}/${callId}/sessions`).expand("segments").top(2)),
    missing: await refusal(client.api(`${records}/00000000-0000-4000-8000-00000000ffff`)),
    unsupported: await refusal(client.api(records).orderby("startDateTime")),
  }),
);
