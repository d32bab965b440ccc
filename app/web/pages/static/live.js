// Adds new calls to the table as they arrive. The browser reconnects automatically and continues after the last call it received.
"use strict";

(() => {
  const rows = document.getElementById("newest-calls");
  const status = document.getElementById("live");
  if (!rows || !status) return;
  let source;
  const connect = () => {
    source = new EventSource(`${document.body.dataset.root}/live?after=${status.dataset.after}`);
    source.onopen = () => { status.textContent = "live"; };
    source.onerror = () => {
      const refused = source.readyState === EventSource.CLOSED; // an error status, for example with too many pages open
      status.textContent = refused ? "not live; trying again in 30 seconds" : "reconnecting…";
      if (refused) setTimeout(connect, 30000);
    };
    source.addEventListener("call", show);
  };
  const show = (event) => {
    status.dataset.after = event.lastEventId;
    const holder = document.createElement("template");
    holder.innerHTML = event.data; // a row from our own server, already escaped
    const row = holder.content.querySelector("tr");
    if (!row) return;
    rows.querySelector(`[data-call="${CSS.escape(row.dataset.call)}"]`)?.remove();
    row.classList.add("new");
    rows.prepend(row);
    while (rows.rows.length > Number(rows.dataset.most)) rows.lastElementChild.remove();
    document.getElementById("no-calls")?.remove();
  };
  connect();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
