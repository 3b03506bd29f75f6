// A conversation that is open shows what is new: it asks while somebody is there, rarely when nothing is done for a
// while, and not at all when the page is not seen.
(() => {
  "use strict";
  const OFTEN_MS = 2000;
  const RARELY_MS = 15000;
  // Without a hand on the page for so long it asks rarely, and then no more, so that a forgotten tab costs nothing.
  const PRESENT_MS = 2 * 60 * 1000;
  const GONE_MS = 15 * 60 * 1000;

  const thread = () => document.querySelector("#thread[data-news]");
  if (!thread()) return;
  let touched = Date.now();
  let timer = 0;
  let asking = false;

  function later() {
    clearTimeout(timer);
    const idle = Date.now() - touched;
    if (document.hidden || idle > GONE_MS) return;
    timer = setTimeout(ask, idle > PRESENT_MS ? RARELY_MS : OFTEN_MS);
  }

  async function ask() {
    const list = thread();
    if (!list || asking) return;
    asking = true;
    try {
      const answer = await fetch(`${list.dataset.news}?seen=${encodeURIComponent(list.dataset.seen)}`, {
        headers: { "HX-Request": "true" },
      });
      // Signed out, or no longer theirs: the next thing that is pressed says so.
      if (answer.redirected || [401, 403, 404].includes(answer.status)) return;
      if (answer.status >= 400) throw new Error(answer.statusText);
      if (answer.status === 200) take(list, await answer.text());
      asking = false;
      later();
    } catch {
      asking = false;
      clearTimeout(timer);
      timer = setTimeout(ask, RARELY_MS);
    }
  }

  // What is there stays, so that a selection or a focus in it is kept and only what is new is read out.
  function take(list, html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("#thread");
    if (!fresh) return;
    const items = list.querySelector("ol");
    const near = window.innerHeight + window.scrollY > document.documentElement.scrollHeight - 240;
    list.dataset.seen = fresh.dataset.seen;
    for (const item of [...fresh.querySelectorAll("li")]) {
      const old = item.id && document.getElementById(item.id);
      if (!old) { if (item.id) items.append(item); }
      else if (old.textContent !== item.textContent) old.replaceWith(item);
    }
    document.dispatchEvent(new CustomEvent("portico:news"));
    if (near && items.lastElementChild) items.lastElementChild.scrollIntoView({ block: "nearest" });
  }

  // A hand, that is: the page scrolls by itself when something new comes.
  function present() {
    const wasGone = Date.now() - touched > PRESENT_MS;
    touched = Date.now();
    if (wasGone && !asking) ask();
  }
  for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"]) {
    document.addEventListener(name, present, { passive: true });
  }
  // What was sent from here without leaving the page.
  document.addEventListener("portico:said", () => { touched = Date.now(); if (!asking) ask(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else { touched = Date.now(); if (!asking) ask(); }
  });
  later();
})();
