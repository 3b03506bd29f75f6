// Files for one of several things that are asked for: chosen there or dropped on it, they go into the page's upload queue
// with the place that they are for.
(() => {
  "use strict";
  const zone = document.querySelector("[data-upload]");
  if (!zone || !document.querySelector("[data-ask-list], #asks")) return;
  const NOWHERE = "Drop the file on the line that it is for.";
  const status = zone.querySelector("[data-upload-status]");
  const holdsFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  const under = (event) => event.target instanceof Element && event.target.closest("[data-ask]");

  function send(item, files) {
    const request = { list: item.dataset.askList, line: item.dataset.ask };
    zone.dispatchEvent(new CustomEvent("portico:files", { detail: { files: [...files], request } }));
  }

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || !("askInput" in input.dataset)) return;
    send(input.closest("[data-ask]"), input.files);
    // The same file can be chosen again.
    input.value = "";
  });

  // Before the queue's own listeners: elsewhere on this page nothing says what a file is for.
  const mark = (item) => {
    for (const other of document.querySelectorAll(".ask.is-over")) if (other !== item) other.classList.remove("is-over");
    if (item) item.classList.add("is-over");
  };
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    window.addEventListener(kind, (event) => {
      if (!holdsFiles(event)) return;
      event.stopImmediatePropagation();
      event.preventDefault();
      const item = under(event);
      if (kind === "drop") {
        mark(null);
        if (item) send(item, event.dataTransfer.files);
        else if (status) status.textContent = NOWHERE;
      } else if (kind === "dragleave") {
        if (!event.relatedTarget) mark(null);
      } else {
        mark(item);
      }
    }, true);
  }
  window.addEventListener("paste", (event) => {
    if (event.clipboardData && event.clipboardData.files.length) event.stopImmediatePropagation();
  }, true);
})();
