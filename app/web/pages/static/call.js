// The page of a call: a session's details come without a new page, people are found, and a drag over the ruler zooms.
"use strict";

(() => {
  const panel = document.getElementById("session");
  const here = location.pathname;
  const asked = new URLSearchParams(location.search);

  const address = (changes, hash) => {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) query.set(name, value);
    return `${here}?${query}${hash}`;
  };

  async function show(position, push) {
    panel.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${here}/sessions/${position}`, { headers: { accept: "text/html" } });
      if (!answer.ok || answer.redirected) throw new Error("not shown");
      panel.innerHTML = await answer.text(); // our own page, escaped where it was made
    } catch {
      location.assign(address({ session: position }, "#session"));
      return;
    }
    panel.removeAttribute("aria-busy");
    panel.scrollIntoView({ block: "start" });
    panel.focus({ preventScroll: true });
    if (push) history.pushState({ position }, "", address({ session: position }, "#session"));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-session]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.dataset.session, true);
  });
  addEventListener("popstate", () => {
    const position = new URLSearchParams(location.search).get("session");
    if (position !== null) show(position, false);
    else panel.replaceChildren();
  });

  document.querySelector("[data-lanes]")?.addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    let found = 0;
    for (const lane of document.querySelectorAll(".lanes .lane")) {
      lane.hidden = !lane.dataset.name.includes(wanted);
      found += !lane.hidden;
    }
    for (const fold of document.querySelectorAll(".fold")) {
      fold.hidden = !fold.querySelector(".lane:not([hidden])");
      if (wanted && !fold.hidden) fold.open = true;
    }
    document.getElementById("nobody").hidden = found > 0;
  });

  const timeline = document.querySelector(".timeline");
  const ruler = timeline?.querySelector(".ruler .lane-bar");
  const drawn = ruler?.querySelector(".drawn");
  let from = null;
  const share = (event) => {
    const box = ruler.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  };
  const second = (at) => Math.round(Number(timeline.dataset.first) + at * Number(timeline.dataset.span));
  ruler?.addEventListener("pointerdown", (event) => {
    from = share(event);
    ruler.setPointerCapture(event.pointerId);
  });
  ruler?.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const to = share(event);
    drawn.setAttribute("x", `${100 * Math.min(from, to)}%`);
    drawn.setAttribute("width", `${100 * Math.abs(to - from)}%`);
  });
  ruler?.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const [first, last] = [from, share(event)].sort((one, other) => one - other).map(second);
    from = null;
    drawn.setAttribute("width", "0");
    if (last > first) location.assign(address({ zoom_from: first, zoom_to: last }, "#timeline"));
  });
  ruler?.addEventListener("pointercancel", () => {
    from = null;
    drawn.setAttribute("width", "0");
  });

  async function copy(text, said) {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = "copied";
    } catch {
      said.textContent = "the browser did not allow it; select the text and copy it";
    }
  }

  const raw = document.querySelector(".raw");
  raw?.addEventListener("toggle", async () => {
    const text = raw.querySelector("pre");
    if (!raw.open || text.textContent) return;
    text.textContent = "Being read…";
    try {
      const answer = await fetch(raw.dataset.document);
      if (!answer.ok) throw new Error("not read");
      text.textContent = pretty(await answer.text());
    } catch {
      text.textContent = "";
      raw.querySelector("[role=status]").textContent = "The document could not be read; fold it and open it again.";
    }
  });
  raw?.querySelector("[data-copy]").addEventListener("click", () => {
    copy(raw.querySelector("pre").textContent, raw.querySelector("[role=status]"));
  });
  const id = document.querySelector("[data-copy-text]");
  if (id) {
    id.hidden = false;
    id.addEventListener("click", () => copy(id.dataset.copyText, id.parentElement.querySelector("[role=status]")));
  }

  // Laid out without being read as numbers: a browser would round what is longer than it can hold.
  function pretty(json) {
    let depth = 0;
    const line = (by) => `\n${"  ".repeat(depth += by)}`;
    return json.replace(/"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}[\],:]|\s+/g, (part) => {
      if (part === "{" || part === "[") return part + line(1);
      if (part === "}" || part === "]") return line(-1) + part;
      if (part === ",") return part + line(0);
      if (part === ":") return ": ";
      return part.trim() === "" ? "" : part;
    });
  }

  if (asked.has("session") && location.hash === "#session") panel.focus({ preventScroll: true });
})();
