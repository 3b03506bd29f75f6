// The portal on a phone's first screen: one page is kept for when there is no network.
(() => {
  "use strict";
  const manifest = document.querySelector("link[rel=manifest]");
  const worker = manifest && manifest.dataset.worker;
  if (worker && "serviceWorker" in navigator) navigator.serviceWorker.register(worker, { scope: "/" }).catch(() => {});
})();
