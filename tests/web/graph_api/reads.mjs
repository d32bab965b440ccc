// Reads the archive with Microsoft's client for JavaScript, as a program written for Graph would.
// Arguments: the port, the key, the id of a call; prints what it read as JSON.
import { BatchRequestContent, BatchResponseContent, Client, PageIterator } from "@microsoft/microsoft-graph-client";

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

// Microsoft's helper takes requests of the fetch API and leaves of their URLs what follows the host.
async function batch(...steps) {
  const requests = steps.map(([id, path, ...dependsOn]) => ({
    id,
    request: new Request(`https://localhost:${port}${path}`),
    ...(dependsOn.length && { dependsOn }),
  }));
  const content = await new BatchRequestContent(requests).getContent();
  const answers = new BatchResponseContent(await client.api("/$batch").post(content)).getResponses();
  const read = async ([id, answer]) => [id, { status: answer.status, body: await answer.json() }];
  return Object.fromEntries(await Promise.all([...answers].map(read)));
}

const missing = `${records}/00000000-0000-4000-8000-00000000ffff`;

console.log(
  JSON.stringify({
    all: await every(client.api(records).top(2).select("id,startDateTime")),
    filtered: await every(client.api(records).filter("startDateTime ge 2026-02-25T00:02:00Z")),
    record: await client.api(`${records}/${callId}`).expand("sessions($expand=segments),participants_v2").get(),
    sessions: await every(client.api(`${records}/${callId}/sessions`).expand("segments").top(2)),
    missing: await refusal(client.api(missing)),
    batch: await batch(["one", `/v1.0${records}/${callId}?$select=id,participants`], ["list", `${records}?$top=2`]),
    serial: await batch(["first", `/v1.0${missing}`], ["second", `/v1.0${records}/${callId}`, "first"]),
    unsupported: await refusal(client.api(records).orderby("startDateTime")),
  }),
);
