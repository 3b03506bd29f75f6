// Single keys: "/" goes to search, "?" lists the keys. They can be switched off in that list, for people who dictate.
(() => {
  "use strict";
  const SETTING = "portico-keys";

  // Storage can be forbidden; the keys work all the same.
  function read() {
    try { return localStorage.getItem(SETTING) !== "off"; } catch { return true; }
  }
  function write(on) {
    try { localStorage.setItem(SETTING, on ? "on" : "off"); } catch { /* The choice holds for this page. */ }
  }

  let on = read();
  const choice = document.querySelector("[data-keys-switch]");
  if (choice) {
    choice.checked = on;
    choice.addEventListener("change", () => { on = choice.checked; write(on); });
  }

  const types = (element) => element.closest && element.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (!on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (types(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const box = document.querySelector("[data-search]");
      if (!box || !box.offsetParent) return;
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "?") {
      const dialog = document.getElementById("keys");
      if (!dialog) return;
      event.preventDefault();
      dialog.showModal();
    }
  });
})();
