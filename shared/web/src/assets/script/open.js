// Dialogs open, menus close, messages go away, and the focus lands where something has to be read first.
(() => {
  "use strict";

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.getAttribute("data-opens"));
      // Without such a dialog the link goes to the page that asks the same.
      if (dialog instanceof HTMLDialogElement) {
        event.preventDefault();
        dialog.showModal();
      }
    }
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) {
      const toast = dismiss.closest("[data-toast]");
      if (toast) toast.remove();
    }
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details[data-menu][open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  document.addEventListener("focusout", (event) => {
    const menu = event.target.closest && event.target.closest("details[data-menu][open]");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });

  // A live region is read out when it changes, and what a page was sent with is no change.
  const toasts = document.getElementById("toasts");
  if (toasts && toasts.childElementCount) setTimeout(() => toasts.replaceChildren(...toasts.children), 200);

  // What was said goes by itself, later where it can be taken back. Not while somebody is at it; what went wrong stays.
  function leave(toast) {
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, 2000, toast);
    else toast.remove();
  }
  const going = new WeakSet();
  function willLeave() {
    for (const toast of toasts.querySelectorAll("[data-leaves]")) {
      if (going.has(toast)) continue;
      going.add(toast);
      setTimeout(leave, Number(toast.dataset.leaves), toast);
    }
  }
  if (toasts) {
    willLeave();
    new MutationObserver(willLeave).observe(toasts, { childList: true });
  }

  // It has been said: whoever loads the page again, or keeps its address, is not told once more.
  const address = new URL(location.href);
  if (address.searchParams.has("done")) {
    for (const name of ["done", "count", "batch", "document", "line", "milestone", "now", "of"]) address.searchParams.delete(name);
    history.replaceState(history.state, "", address);
  }

  const first = document.querySelector("[data-focus]");
  if (first) first.focus();
})();
