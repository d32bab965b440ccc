// On every page: store the browser's time zone in a cookie, and focus the search field when "/" is pressed.
"use strict";

(() => {
  const name = "callkeeper_zone";
  const stored = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? "auto:";
  const mine = `auto:${Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC"}`;
  if (stored.startsWith("auto:") && stored !== mine) {
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${name}=${mine}; path=/; max-age=31536000; samesite=lax${secure}`;
    const isStored = document.cookie.includes(`${name}=${mine}`);
    if (isStored && document.querySelector("header.top")) location.reload();
  }
})();

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const find = document.getElementById("find");
  if (!find) return;
  event.preventDefault();
  find.focus();
  find.select();
});

// Beside a field for a date, which takes typed dates, a button opens the browser's calendar.
for (const field of document.querySelectorAll("input[data-date]")) {
  const holder = document.createElement("span");
  const calendar = Object.assign(document.createElement("input"), { type: "date", tabIndex: -1 });
  const label = document.querySelector(`label[for="${field.id}"]`)?.textContent ?? "";
  const button = Object.assign(document.createElement("button"), { type: "button", className: "second" });
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 16 16");
  icon.setAttribute("aria-hidden", "true");
  const path = icon.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  path.setAttribute("d", "M2 4h12v10H2zM2 7.5h12M5 1.5v4M11 1.5v4");
  button.append(icon);
  button.setAttribute("aria-label", `Choose a date: ${label}`);
  calendar.setAttribute("aria-hidden", "true");
  holder.className = "picked";
  field.replaceWith(holder);
  holder.append(field, button, calendar);
  button.addEventListener("click", () => {
    calendar.value = field.value.slice(0, 10);
    calendar.showPicker();
  });
  calendar.addEventListener("change", () => { field.value = calendar.value; field.focus(); });
}

// What is printed names its page.
for (const address of document.querySelectorAll("[data-address]")) address.textContent = location.href;
