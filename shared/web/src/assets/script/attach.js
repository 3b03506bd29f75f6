// Files that go with a message: chosen, dropped or pasted where it is written, they go into the page's upload queue, and the
// message names them. It can be sent while they are on their way: then the page stays, so that nothing of them is lost.
(() => {
  "use strict";
  const ASK_MS = [1000, 2000, 3000, 5000, 8000, 15000];
  const ASK_TIMES_MAX = 40;
  const OFFLINE = "The connection broke. Nothing is lost: try again.";
  const GONE = "Your session has ended. Sign in in another tab, then try again.";
  const WHERE = "Choose what the files are for.";
  const zone = document.querySelector("[data-upload]");
  const at = (name, root) => root.querySelector(`[data-attach-${name}]`);
  const onTheirWay = ["waiting", "sending", "paused"];

  function composer(form) {
    const [list, kept, ids, wrong, place] = ["list", "kept", "ids", "wrong", "place"].map((name) => at(name, form));
    const status = at("status", form);
    const lines = new Map();
    const uploads = () => [...list.children].map((element) => lines.get(element)).filter(Boolean);
    let posting = false;

    function say(words) {
      wrong.hidden = !words;
      const place = wrong.querySelector("p > span");
      place.replaceChildren(place.firstElementChild, words);
      if (words) wrong.focus();
    }

    function sync() {
      const had = [...kept.children].map((item) => item.dataset.attachId);
      const sound = uploads().filter((one) => one.ticket && !["failed", "rejected", "cancelled"].includes(one.stage));
      ids.value = [...had, ...sound.map((one) => one.ticket.document.id)].join(" ");
      kept.hidden = !kept.childElementCount;
      form.dispatchEvent(new CustomEvent("portico:changed"));
    }

    function take(found) {
      const { project, category, visibility, filesMax } = form.dataset;
      const where = project || (place && place.value);
      if (!where) { say(WHERE); place.focus(); return; }
      const room = Number(filesMax) - kept.childElementCount - list.childElementCount;
      if (found.length > room) { say(`Attach up to ${filesMax} files to one message.`); return; }
      say("");
      zone.dispatchEvent(new CustomEvent("portico:files", { detail: { found, project: where, category, visibility, into: list } }));
    }

    at("input", form).addEventListener("change", ({ target }) => {
      take(window.porticoFolders.chosen(target.files));
      // The same file can be chosen again.
      target.value = "";
    });
    list.addEventListener("portico:upload", ({ detail: upload, target }) => {
      if (target !== list) {
        lines.set(target, upload);
        target.querySelector("[data-upload-hide] span").textContent = list.dataset.off;
      }
      if (!wrong.hidden && !uploads().some(isWrong)) say("");
      sync();
    });
    kept.addEventListener("click", (event) => {
      const off = event.target.closest("[data-attach-off]");
      if (!off) return;
      off.closest("li").remove();
      sync();
      at("input", form).focus();
    });

    const isWrong = (one) => ["failed", "rejected"].includes(one.stage);
    function complain() {
      const bad = uploads().find(isWrong);
      if (bad) say(`${bad.name} was not sent. Try it again or take it off, then send.`);
      return Boolean(bad);
    }

    form.addEventListener("submit", (event) => {
      sync();
      if (posting || complain()) { event.preventDefault(); return; }
      if (!uploads().some((one) => onTheirWay.includes(one.stage))) return;
      event.preventDefault();
      post(event.submitter);
    });

    // Announced is enough: from then on its place is known.
    const announced = () => new Promise((done) => {
      const look = () => {
        if (uploads().some((one) => one.stage === "waiting" && !one.ticket)) return;
        list.removeEventListener("portico:upload", look);
        done();
      };
      list.addEventListener("portico:upload", look);
      look();
    });

    async function post(button) {
      posting = true;
      button?.setAttribute("data-busy", "");
      await announced();
      sync();
      const words = await (complain() ? "" : send());
      posting = false;
      button?.removeAttribute("data-busy");
      if (words) say(words);
    }

    // Answers with what is wrong, or nothing.
    async function send() {
      const { text, note, once, answer_wanted: asks } = form.elements;
      const field = text || note;
      const body = { text: field.value.trim() || form.dataset.bare, attachments: ids.value.split(" ").filter(Boolean) };
      if (asks) body.answer_wanted = asks.checked;
      let answer;
      try {
        answer = await fetch(form.dataset.api, {
          method: "POST", credentials: "same-origin", body: JSON.stringify(body),
          headers: { Accept: "application/json", "Content-Type": "application/json", "X-Portico-Csrf": "1", "Idempotency-Key": once.value },
        });
      } catch { return OFFLINE; }
      const said = await answer.json().catch(() => ({}));
      if (!answer.ok) return said.detail || (answer.status === 401 ? GONE : OFFLINE);
      once.value = crypto.randomUUID();
      field.value = "";
      kept.replaceChildren();
      // What is on its way goes on in the page's own queue; of what has arrived the conversation tells.
      for (const upload of uploads()) {
        if (onTheirWay.includes(upload.stage)) goOn(upload);
        else upload.element.remove();
      }
      list.hidden = true;
      sync();
      status.textContent = "Sent";
      form.dispatchEvent(new CustomEvent("portico:sent"));
      document.dispatchEvent(new CustomEvent("portico:said"));
      field.focus();
      return "";
    }
    return { form, take };
  }

  const queue = zone && zone.querySelector("[data-upload-list]");
  function goOn(upload) {
    upload.into = queue;
    upload.element.querySelector("[data-upload-hide] span").textContent = "Hide";
    queue.append(upload.element);
    queue.hidden = false;
  }
  function arrived({ detail: upload, target }) {
    if (upload.into !== queue || target === queue || !["checking", "ready"].includes(upload.stage)) return;
    target.remove();
    queue.hidden = !queue.childElementCount;
  }

  if (zone) {
    queue.addEventListener("portico:upload", arrived);
    const composers = [...document.querySelectorAll("form[data-attaches]")].map(composer);
    // On a form it is that form's, anywhere else the first one's, which writes to the other side.
    if (composers.length) zone.addEventListener("portico:dropped", (event) => {
      const { found, at: target } = event.detail;
      event.preventDefault();
      (composers.find(({ form }) => target instanceof Node && form.contains(target)) || composers[0]).take(found);
    });
  }

  // A file that is being checked says when it is there.
  async function watch(file, times) {
    if (times >= ASK_TIMES_MAX || !file.isConnected) return;
    await new Promise((done) => setTimeout(done, ASK_MS[Math.min(times, ASK_MS.length - 1)]));
    if (document.hidden) { watch(file, times); return; }
    const answer = await fetch(file.dataset.attachedState, { headers: { Accept: "application/json" } }).catch(() => null);
    const said = answer && answer.ok ? await answer.json().catch(() => ({})) : {};
    const { state, detail } = said.document || said;
    const words = { ready: file.dataset.readyWords, rejected: detail }[state];
    if (!words) { watch(file, times + 1); return; }
    file.classList.replace("is-checking", state === "ready" ? "is-ready" : "is-refused");
    file.querySelector("[data-attached-words]").textContent = words;
    file.removeAttribute("data-attached-state");
  }
  const watched = new WeakSet();
  function look() {
    for (const file of document.querySelectorAll("[data-attached-state]")) {
      if (!watched.has(file)) { watched.add(file); watch(file, 0); }
    }
  }
  look();
  document.addEventListener("portico:news", look);
})();
