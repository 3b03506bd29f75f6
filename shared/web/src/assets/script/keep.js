// What is typed into a conversation and not sent is kept by the server, for this person alone: a moment after the last key, and
// when the page goes away. It disturbs nobody who types, and says little.
(() => {
  "use strict";
  const PAUSE_MS = 1200;
  const AGAIN_MS = 10000;
  const KEPT = "Draft kept";
  const LOST = "Draft not kept yet";

  function keeper(form) {
    const note = form.querySelector("[data-kept]");
    const { text, note: words, once, attachments, answer_wanted: asks } = form.elements;
    const field = text || words;
    const body = () => JSON.stringify({
      text: field.value, answer_wanted: Boolean(asks && asks.checked), once: once.value,
      attachments: attachments ? attachments.value.split(" ").filter(Boolean) : [],
    });
    // By what is in it: the key of an attempt alone is nothing to keep.
    const content = () => JSON.stringify([field.value, Boolean(asks && asks.checked), attachments && attachments.value]);
    let known = content();
    let timer = 0;
    let sent = false;
    let asking = null;

    function later(ms) {
      clearTimeout(timer);
      timer = setTimeout(save, ms);
    }

    async function save(last) {
      clearTimeout(timer);
      const now = content();
      if (sent || now === known) return;
      if (asking && !last) { later(PAUSE_MS); return; }
      const before = known;
      known = now;
      asking = fetch(form.dataset.keeps, {
        method: "PUT", credentials: "same-origin", keepalive: true, body: body(),
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-Portico-Csrf": "1" },
      });
      const answer = await asking.catch(() => null);
      asking = null;
      if (answer && answer.ok) {
        if (!sent) note.textContent = field.value.trim() || (attachments && attachments.value) ? KEPT : "";
      } else if (!sent && known === now) {
        known = before;
        note.textContent = LOST;
        // Refused for good: typing on tries again.
        if (!answer || answer.status >= 500) later(AGAIN_MS);
      }
    }

    for (const name of ["input", "change", "portico:changed"]) form.addEventListener(name, () => later(PAUSE_MS));
    form.addEventListener("submit", (event) => {
      clearTimeout(timer);
      // One that the page sends by itself says when it is through.
      if (!event.defaultPrevented) sent = true;
    });
    form.addEventListener("portico:sent", () => {
      clearTimeout(timer);
      known = content();
      note.textContent = "";
    });
    window.addEventListener("pageshow", (event) => { if (event.persisted) sent = false; });
    window.addEventListener("pagehide", () => save(true));
    document.addEventListener("visibilitychange", () => { if (document.hidden) save(true); });
  }

  for (const form of document.querySelectorAll("form[data-keeps]")) keeper(form);
})();
