// New calls come into the table by themselves; the browser reconnects by itself, from the last one it saw.
"use strict";

(() => {
  const rows = document.getElementById("newest-calls");
  const status = document.getElementById("live");
  if (!rows || !status) return;
  const source = new EventSource(`${document.body.dataset.root}/live?after=${status.dataset.after}`);
  source.onopen = () => { status.textContent = "live"; };
  source.onerror = () => { status.textContent = "connecting again…"; };
  source.addEventListener("call", (event) => {
    const holder = document.createElement("template");
    holder.innerHTML = event.data; // our own row, escaped where it was made
    const row = holder.content.querySelector("tr");
    if (!row) return;
    rows.querySelector(`[data-call="${CSS.escape(row.dataset.call)}"]`)?.remove();
    row.classList.add("new");
    rows.prepend(row);
    while (rows.rows.length > Number(rows.dataset.most)) rows.lastElementChild.remove();
    document.getElementById("no-calls")?.remove();
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
