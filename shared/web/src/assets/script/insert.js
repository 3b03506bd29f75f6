// A text of the firm's goes where the cursor is, and what it could not fill in is selected, to be typed over.
(() => {
  "use strict";
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest("[data-insert]");
    if (!button) return;
    const field = button.closest("form").querySelector("textarea");
    const text = button.dataset.insert;
    const { selectionStart: from, selectionEnd: to, value } = field;
    const apart = value.slice(0, from).trim() && !/\n$/.test(value.slice(0, from)) ? "\n\n" : "";
    const after = value.slice(to).trim() && !/^\n/.test(value.slice(to)) ? "\n\n" : "";
    if (value.length - (to - from) + apart.length + text.length + after.length > field.maxLength) return;
    field.setRangeText(apart + text + after, from, to, "end");
    const open = /\{[^{}]+\}/.exec(text);
    button.closest("details").open = false;
    field.focus();
    if (open) {
      const begin = from + apart.length + open.index;
      field.setSelectionRange(begin, begin + open[0].length);
    }
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
