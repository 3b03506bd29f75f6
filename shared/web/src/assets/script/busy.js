// A form that has been sent shows that it works, and cannot be sent twice.
(() => {
  "use strict";
  // A download answers a post without leaving the page; after this the button is given back.
  const BUSY_MS_MAX = 20000;
  const busy = new Map();

  function release(form) {
    const state = busy.get(form);
    if (!state) return;
    busy.delete(form);
    clearTimeout(state.timer);
    form.removeAttribute("aria-busy");
    for (const button of state.buttons) {
      button.removeAttribute("data-busy");
      button.removeAttribute("aria-disabled");
    }
  }

  function hold(form, submitter) {
    const buttons = submitter ? [submitter] : [...form.querySelectorAll('button[type="submit"]')].slice(0, 1);
    for (const button of buttons) {
      button.setAttribute("data-busy", "");
      // Not `disabled`: the button's own name and value still have to be sent.
      button.setAttribute("aria-disabled", "true");
    }
    form.setAttribute("aria-busy", "true");
    busy.set(form, { buttons, timer: setTimeout(() => release(form), BUSY_MS_MAX) });
  }

  // Before anybody else hears of it: htmx would queue the second sending and make it after the first.
  document.addEventListener("submit", (event) => {
    if (!busy.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const method = (event.submitter && event.submitter.getAttribute("formmethod")) || form.method;
    if (!event.defaultPrevented && method === "post") hold(form, event.submitter);
  });

  // htmx sends by itself and prevents the browser's own sending.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt;
    const cause = event.detail.requestConfig.triggeringEvent;
    if (form instanceof HTMLFormElement) hold(form, cause && cause.submitter);
  });
  document.addEventListener("htmx:afterRequest", (event) => release(event.detail.elt));

  // Coming back by the browser's button shows the page as it was left.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of [...busy.keys()]) release(form);
  });
})();
