// Adds new calls to the table as they arrive. The browser reconnects automatically and continues after the last call it received.
// Without a sign of the server the page turns grey and says since when: what it shows may no longer be true.
"use strict";

(() => {
  const rows = document.getElementById("newest-calls");
  const status = document.getElementById("live");
  const stale = document.getElementById("stale");
  if (!rows || !status || !stale) return;
  const SILENCE = 40; // seconds: the server sends an event at least every 15
  const BROKEN = 8; // seconds without a connection: a reconnect takes 2
  const CHECK = 2;
  let after = status.dataset.after;
  let heard = Date.now();
  let source = null;

  const seconds = () => (Date.now() - heard) / 1000;
  const clock = (at) => new Date(at).toLocaleTimeString("en-GB", { timeZone: document.body.dataset.zone });

  function alive() {
    heard = Date.now();
    status.textContent = "live";
    stale.hidden = true;
    document.body.classList.remove("stale");
  }
  function check() {
    const isOpen = source.readyState === EventSource.OPEN;
    if (seconds() < (isOpen ? SILENCE : BROKEN)) return;
    if (stale.hidden) {
      const what = source.readyState === EventSource.CLOSED ? "No live updates" : "No contact with the server";
      stale.textContent = `${what} since ${clock(heard)}. What this page shows may be out of date.`;
      stale.hidden = false;
      document.body.classList.add("stale");
    }
    if (source.readyState === EventSource.CLOSED) open();
  }
  function open() {
    source?.close();
    source = new EventSource(`${document.body.dataset.root}/live?after=${after}`);
    source.onopen = alive;
    source.onerror = () => { status.textContent = "reconnecting…"; };
    source.addEventListener("alive", alive);
    source.addEventListener("call", (event) => {
      alive();
      after = event.lastEventId || after;
      const holder = document.createElement("template");
      holder.innerHTML = event.data; // a row from our own server, already escaped
      const row = holder.content.querySelector("tr");
      if (!row) return;
      rows.querySelector(`[data-call="${CSS.escape(row.dataset.call)}"]`)?.remove();
      row.classList.add("new");
      rows.prepend(row);
      while (rows.rows.length > Number(rows.dataset.most)) rows.lastElementChild.remove();
      document.getElementById("no-calls")?.remove();
    });
  }

  open();
  setInterval(check, CHECK * 1000);
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
