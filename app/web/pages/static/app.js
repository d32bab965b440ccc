// What every page does: keep the browser's time zone known, and put the cursor into the search at "/".
"use strict";

(() => {
  const name = "callkeeper_zone";
  const kept = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? "auto:";
  const mine = `auto:${Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC"}`;
  if (kept.startsWith("auto:") && kept !== mine) {
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${name}=${mine}; path=/; max-age=31536000; samesite=lax${secure}`;
    const known = document.cookie.includes(`${name}=${mine}`);
    if (known && document.querySelector("header.top")) location.reload();
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
