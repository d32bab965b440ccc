// The page of a call: a session's details come without a new page, people are found, and a drag over the ruler zooms.
"use strict";

(() => {
  const panel = document.getElementById("session");
  const here = location.pathname;

  async function show(position, push) {
    panel.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${here}/sessions/${position}`, { headers: { accept: "text/html" } });
      if (!answer.ok || answer.redirected) throw new Error("not shown");
      panel.innerHTML = await answer.text(); // our own page, escaped where it was made
    } catch {
      location.assign(`${here}?session=${position}#session`);
      return;
    }
    panel.removeAttribute("aria-busy");
    panel.scrollIntoView({ block: "start" });
    panel.focus({ preventScroll: true });
    if (push) history.pushState({ position }, "", `${here}?session=${position}#session`);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-session]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.dataset.session, true);
  });
  addEventListener("popstate", (event) => {
    if (event.state?.position) show(event.state.position, false);
    else panel.replaceChildren();
  });

  document.querySelector("[data-lanes]")?.addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const lane of document.querySelectorAll(".lanes .lane")) lane.hidden = !lane.dataset.name.includes(wanted);
    const fold = document.querySelector(".fold");
    if (fold && wanted) fold.open = true;
  });

  const timeline = document.querySelector(".timeline");
  const ruler = timeline?.querySelector(".ruler .lane-bar");
  let from = null;
  const second = (event) => {
    const box = ruler.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    return Math.round(Number(timeline.dataset.first) + share * Number(timeline.dataset.span));
  };
  ruler?.addEventListener("pointerdown", (event) => { from = second(event); });
  addEventListener("pointerup", (event) => {
    if (from === null) return;
    const [first, last] = [from, second(event)].sort((one, other) => one - other);
    from = null;
    if (last > first) location.assign(`${here}?zoom_from=${first}&zoom_to=${last}#timeline`);
  });

  const raw = document.querySelector(".raw");
  raw?.addEventListener("toggle", async () => {
    const text = raw.querySelector("pre");
    if (!raw.open || text.textContent) return;
    text.textContent = "…";
    const answer = await fetch(raw.dataset.document);
    text.textContent = answer.ok ? JSON.stringify(await answer.json(), null, 2) : "The document could not be read; open this page again.";
  });
  raw?.querySelector("[data-copy]").addEventListener("click", async () => {
    const said = raw.querySelector("[role=status]");
    try {
      await navigator.clipboard.writeText(raw.querySelector("pre").textContent);
      said.textContent = "copied";
    } catch {
      said.textContent = "the browser did not allow it; select the text and copy it";
    }
  });
})();
