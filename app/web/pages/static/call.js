// The call page: shows a session without loading a page, and zooms when the ruler is dragged.
"use strict";

(() => {
  const panel = document.getElementById("session");
  const here = location.pathname;
  const parameters = new URLSearchParams(location.search);

  const address = (changes, hash) => {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) query.set(name, value);
    return `${here}?${query}${hash}`;
  };

  async function show(position, push) {
    panel.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(`${here}/sessions/${position}`, { headers: { accept: "text/html" } });
      if (!response.ok || response.redirected) throw new Error("session not loaded");
      panel.innerHTML = await response.text(); // from our own server, already escaped
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

  async function copy(text, status) {
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = "copied";
    } catch {
      status.textContent = "The browser blocked copying. Select the text and copy it.";
    }
  }

  const raw = document.querySelector(".raw");
  raw?.addEventListener("toggle", async () => {
    const text = raw.querySelector("pre");
    if (!raw.open || text.textContent) return;
    text.textContent = "Loading…";
    try {
      const response = await fetch(raw.dataset.document);
      if (!response.ok) throw new Error("document not loaded");
      text.textContent = indented(await response.text());
    } catch {
      text.textContent = "";
      raw.querySelector("[role=status]").textContent = "The document could not be loaded. Close this section and open it again.";
    }
  });
  raw?.querySelector("[data-copy]").addEventListener("click", () => {
    copy(raw.querySelector("pre").textContent, raw.querySelector("[role=status]"));
  });
  for (const button of document.querySelectorAll("[data-copy-text], [data-copy-from]")) {
    const text = () => button.dataset.copyText ?? document.getElementById(button.dataset.copyFrom).textContent;
    button.hidden = false;
    button.addEventListener("click", () => copy(text(), button.parentElement.querySelector("[role=status]")));
  }

  // Indents the JSON as text: parsing it would round numbers that exceed a double.
  function indented(json) {
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

  if (parameters.has("session") && location.hash === "#session") panel.focus({ preventScroll: true });
})();
