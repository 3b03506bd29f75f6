// A form that sends itself once its page is shown: where coming to the page was the decision already.
(() => {
  "use strict";
  const form = document.querySelector("form[data-sends-itself]");
  if (!form) return;
  // A page that a browser draws ahead of its reader has not been opened by anybody yet.
  if (document.prerendering) document.addEventListener("prerenderingchange", () => form.requestSubmit(), { once: true });
  else form.requestSubmit();
})();
