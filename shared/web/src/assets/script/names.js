// Naming somebody: behind an "@" the people of the conversation are offered as the name is typed. Arrows choose, Enter or Tab
// takes, Escape leaves; a press does the same.
(() => {
  "use strict";
  const SHOWN_MAX = 6;
  const BEGUN = /(?:^|[^\p{L}\p{N}])@([\p{L}\p{N}][\p{L}\p{N} .'-]{0,40}|)$/u;

  function names(list) {
    const field = list.closest("form").querySelector("textarea");
    const choices = [...list.children];
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    let shown = [];
    let chosen = 0;

    // What is typed of a name, and where its "@" stands.
    function begun() {
      const { selectionStart: caret, selectionEnd: end, value } = field;
      const found = caret === end && BEGUN.exec(value.slice(0, caret));
      return found && { typed: found[1].toLowerCase(), from: caret - found[1].length - 1, caret };
    }

    function close() {
      list.hidden = true;
      shown = [];
      field.removeAttribute("aria-activedescendant");
    }

    function choose(at) {
      chosen = (at + shown.length) % shown.length;
      for (const choice of choices) choice.setAttribute("aria-selected", choice === shown[chosen]);
      field.setAttribute("aria-activedescendant", shown[chosen].id);
    }

    function offer() {
      const now = begun();
      const fits = (choice) => {
        const name = choice.dataset.name.toLowerCase();
        return name !== now.typed && (name.startsWith(now.typed) || name.split(/\s+/).some((word) => word.startsWith(now.typed)));
      };
      shown = now ? choices.filter(fits).slice(0, SHOWN_MAX) : [];
      if (!shown.length) { close(); return; }
      for (const choice of choices) choice.hidden = !shown.includes(choice);
      list.hidden = false;
      choose(0);
    }

    function take(choice) {
      const now = begun();
      if (now) field.setRangeText(`@${choice.dataset.name} `, now.from, now.caret, "end");
      close();
      field.focus();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }

    field.addEventListener("input", offer);
    field.addEventListener("blur", close);
    field.addEventListener("keydown", (event) => {
      if (!shown.length || event.isComposing) return;
      const act = {
        ArrowDown: () => choose(chosen + 1), ArrowUp: () => choose(chosen - 1),
        Enter: () => take(shown[chosen]), Tab: () => take(shown[chosen]), Escape: close,
      }[event.key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    });
    // Before the field is left.
    list.addEventListener("pointerdown", (event) => {
      const choice = event.target.closest("[data-name]");
      if (!choice) return;
      event.preventDefault();
      take(choice);
    });
  }

  for (const list of document.querySelectorAll("[data-names]")) names(list);
})();
