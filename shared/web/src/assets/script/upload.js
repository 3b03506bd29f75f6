// Uploads: tickets from our API for up to a call's number of files, then each file straight to storage by its form,
// then asking until the file is ready or refused. Words that people read come from the server where it has any.
(() => {
  "use strict";
  const PARALLEL_MAX = 3;
  const ASK_MS = [1000, 1500, 2000, 3000, 5000, 8000];
  const ASK_TIMES_MAX = 80;
  const OFFLINE = "The connection broke. Nothing is lost: try again.";
  const GONE = "Your session has ended. Sign in in another tab, then try again.";
  const WHERE = "Choose above what it is for.";
  const WHAT = "Look at the category above, then press Upload.";
  const SLOW = "Received. Checking takes longer than usual; you can leave this page.";

  const zone = document.querySelector("[data-upload]");
  if (!zone) return;
  const part = (name, root = zone) => root.querySelector(`[data-upload-${name}]`);
  const [list, status, over, input] = [part("list"), part("status"), part("over"), part("input")];
  const base = `/api/v1/clients/${encodeURIComponent(zone.dataset.client)}/documents`;
  const bytesMax = Number(zone.dataset.bytesMax);
  const filesMax = Number(zone.dataset.filesMax);

  const waiting = [];
  // Chosen before anybody said what they are for.
  const unplaced = [];
  let sending = 0;
  // The refused document that the next file is another copy of, and where it belongs.
  const { againFor, project: placeOfAgain, category: kindOfAgain } = zone.dataset;
  const again = againFor ? { againFor, project: placeOfAgain, category: kindOfAgain } : null;
  let copyOf = again;

  const say = (words) => { status.textContent = words; };
  const chosen = (name) => {
    const choice = part(`choice="${name}"`);
    return choice ? choice.value : zone.dataset[name];
  };

  // Another copy of a refused file is for whom that one was.
  const viewers = () => {
    const whom = copyOf ? "" : chosen("viewers");
    if (!whom) return undefined;
    return whom === "company" || whom === "firm" ? whom : { people: whom.split(" ") };
  };

  function size(bytes) {
    if (bytes < 1000) return `${bytes} bytes`;
    if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
    return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  }

  function line(file) {
    const element = part("line").content.firstElementChild.cloneNode(true);
    const upload = { file, element, project: chosen("project"), category: chosen("category"), visibility: viewers(), stage: "waiting", ...copyOf };
    copyOf = null;
    part("name", element).textContent = file.name;
    part("size", element).textContent = size(file.size);
    for (const about of element.querySelectorAll("[data-upload-about]")) about.textContent = ` ${file.name}`;
    part("cancel", element).addEventListener("click", () => cancel(upload));
    part("hide", element).addEventListener("click", () => cancel(upload));
    part("retry", element).addEventListener("click", () => retry(upload));
    part("again", element).addEventListener("click", () => {
      const { project, category, request } = upload;
      copyOf = { againFor: upload.ticket.document.id, project, category, request };
      input.click();
    });
    list.hidden = false;
    list.append(element);
    return upload;
  }

  function show(upload, stage, words) {
    upload.stage = stage;
    upload.element.dataset.stage = stage;
    part("words", upload.element).textContent = words;
    if (stage === "checking" || stage === "ready") part("bar", upload.element).value = 100;
  }

  function fail(upload, words) {
    show(upload, "failed", words);
    say(`${upload.file.name}: ${words}`);
  }

  function add(files) {
    const fresh = [...files].map(line);
    const sound = fresh.filter((upload) => {
      const { size: bytes, name } = upload.file;
      let wrong = "";
      // A folder has no bytes to send; browsers hand it over as an empty file.
      if (bytes === 0) wrong = "This file is empty, or is a folder. Choose the files inside it.";
      else if (bytes > bytesMax) wrong = `Files up to ${Math.floor(bytesMax / 1048576)} MB, please. This one is larger.`;
      if (!wrong) return true;
      show(upload, "rejected", wrong);
      say(`${name}: ${wrong}`);
      return false;
    });
    if (!copyOf) copyOf = again;
    const placeless = sound.filter((upload) => !upload.project);
    if (placeless.length) {
      unplaced.push(...placeless);
      for (const upload of placeless) part("words", upload.element).textContent = WHERE;
      say(WHERE);
      part('choice="project"').focus();
    }
    start(sound.filter((upload) => upload.project));
  }

  function start(sound) {
    if (sound.length) say(sound.length === 1 ? `Uploading ${sound[0].file.name}` : `Uploading ${sound.length} files`);
    for (let at = 0; at < sound.length; at += filesMax) announce(sound.slice(at, at + filesMax));
  }

  // One call for many files; when the server refuses the call, each file is asked for alone, so that one bad name does
  // not hold up the others and the reason lands on the right line.
  async function announce(uploads) {
    const documents = uploads.map(({ file, project, category, visibility, againFor: id, request }) => ({
      name: file.name, size_bytes: file.size, project, category,
      ...(id && { again_for: id }), ...(visibility && { visibility }), ...(request && { request }),
    }));
    const answer = await call("POST", base, { documents });
    const tickets = answer.body && (answer.body.documents || [answer.body]);
    if (answer.ok && tickets.length === uploads.length) {
      uploads.forEach((upload, at) => {
        if (upload.stage === "cancelled") return;
        upload.ticket = tickets[at];
        waiting.push(upload);
      });
      next();
    } else if (uploads.length > 1 && answer.refused) {
      for (const upload of uploads) await announce([upload]);
    } else {
      for (const upload of uploads) if (upload.stage !== "cancelled") fail(upload, answer.words);
    }
  }

  async function call(method, url, body) {
    const headers = { Accept: "application/json" };
    if (body) {
      headers["Content-Type"] = "application/json";
      headers["X-Portico-Csrf"] = "1";
      headers["Idempotency-Key"] = crypto.randomUUID();
    }
    let response;
    try {
      response = await fetch(url, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin" });
    } catch {
      return { ok: false, words: OFFLINE };
    }
    const said = await response.json().catch(() => ({}));
    if (response.ok) return { ok: true, body: said };
    const words = said.detail || (response.status === 401 ? GONE : OFFLINE);
    return { ok: false, refused: response.status >= 400 && response.status < 500 && response.status !== 401, words };
  }

  function next() {
    while (sending < PARALLEL_MAX && waiting.length) send(waiting.shift());
  }

  function send(upload) {
    if (upload.stage === "cancelled") return;
    const { url, fields } = upload.ticket.upload;
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    // Storage ignores every part that comes after the file.
    form.append("file", upload.file);
    const request = new XMLHttpRequest();
    upload.request = request;
    sending += 1;
    show(upload, "sending", "0%");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable || upload.stage !== "sending") return;
      const percent = Math.min(100, Math.floor((event.loaded / event.total) * 100));
      part("bar", upload.element).value = percent;
      part("words", upload.element).textContent = `${percent}%`;
    });
    request.addEventListener("loadend", () => {
      sending -= 1;
      upload.request = null;
      if (upload.stage !== "sending") { /* Cancelled meanwhile. */ }
      else if (request.status >= 200 && request.status < 300) {
        show(upload, "checking", "Received. Being checked");
        ask(upload, 0);
      } else if (request.status === 0) fail(upload, OFFLINE);
      else {
        // A ticket is refused when it has run out: the next try asks for a new one.
        upload.ticket = null;
        fail(upload, "The upload was refused, perhaps because it waited too long. Try again.");
      }
      next();
    });
    request.open(upload.ticket.upload.method || "POST", url);
    request.send(form);
  }

  async function ask(upload, times) {
    if (times >= ASK_TIMES_MAX) {
      show(upload, "checking", SLOW);
      return;
    }
    await new Promise((done) => setTimeout(done, ASK_MS[Math.min(times, ASK_MS.length - 1)]));
    const answer = await call("GET", `${base}/${encodeURIComponent(upload.ticket.document.id)}`);
    const state = answer.ok && (answer.body.document || answer.body);
    if (state && state.state === "ready") {
      show(upload, "ready", "Ready");
      const link = document.createElement("a");
      link.href = `/clients/${encodeURIComponent(zone.dataset.client)}/documents/${encodeURIComponent(state.id)}`;
      link.textContent = upload.file.name;
      part("name", upload.element).replaceChildren(link);
      say(`${upload.file.name} is ready`);
      document.body.dispatchEvent(new CustomEvent("portico:ready", { bubbles: true, detail: { id: state.id } }));
    } else if (state && state.state === "rejected") {
      upload.element.dataset.arrived = "";
      const words = state.detail || "This file was refused. Its line in the list says why.";
      show(upload, "rejected", words);
      say(`${upload.file.name}: ${words}`);
    } else {
      ask(upload, times + 1);
    }
  }

  function cancel(upload) {
    const running = upload.stage === "waiting" || upload.stage === "sending";
    const { request } = upload;
    if (running) show(upload, "cancelled", "Cancelled");
    if (request) request.abort();
    if (running) say(`${upload.file.name} was cancelled`);
    // What is over is only taken off the list; a file that has arrived stays with the firm.
    const neighbour = upload.element.nextElementSibling || upload.element.previousElementSibling;
    upload.element.remove();
    list.hidden = !list.childElementCount;
    const stop = neighbour && [...neighbour.querySelectorAll("button")].find((button) => button.offsetParent);
    (stop || input).focus();
  }

  function retry(upload) {
    show(upload, "waiting", "Waiting");
    part("bar", upload.element).value = 0;
    part("cancel", upload.element).focus();
    if (upload.ticket) {
      waiting.push(upload);
      next();
    } else {
      announce([upload]);
    }
  }

  const place = part('choice="project"');
  if (place) {
    place.addEventListener("change", () => {
      const option = place.selectedOptions[0];
      const kind = part('choice="category"');
      if (kind && option.dataset.categories) {
        const had = kind.value;
        const names = option.dataset.categories.split("|");
        const kept = names.includes(had) ? had : zone.dataset.category;
        kind.replaceChildren(...names.map((name) => new Option(name, name, name === kept, name === kept)));
      }
      const go = part("go");
      if (!place.value) {
        if (go) go.hidden = true;
      } else if (!go) {
        startPlaced();
      } else if (unplaced.length) {
        for (const upload of unplaced) part("words", upload.element).textContent = WHAT;
        say(WHAT);
        go.hidden = false;
      }
    });
    part("go")?.addEventListener("click", startPlaced);
  }

  function startPlaced() {
    const go = part("go");
    if (go) go.hidden = true;
    const ready = unplaced.splice(0).filter((upload) => upload.stage === "waiting");
    for (const upload of ready) {
      upload.project = place.value;
      upload.category = chosen("category");
      upload.visibility = upload.againFor ? undefined : viewers();
      part("words", upload.element).textContent = "Waiting";
    }
    start(ready);
  }

  // From a part of the page that says itself what its files are for.
  zone.addEventListener("portico:files", ({ detail: { files, ...place } }) => {
    for (const file of files) {
      copyOf = { project: zone.dataset.project, category: "", ...place };
      add([file]);
    }
    copyOf = again;
  });
  input.addEventListener("cancel", () => { copyOf = again; });
  input.addEventListener("change", () => {
    add(input.files);
    // The same file can be chosen again.
    input.value = "";
  });

  const holdsFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  let depth = 0;
  function showOver() {
    const choice = place && place.value && place.selectedOptions[0].textContent;
    if (choice) over.querySelector("p").textContent = `Drop to upload to ${choice}`;
    over.hidden = false;
  }
  window.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    depth += 1;
    showOver();
  });
  window.addEventListener("dragleave", (event) => {
    if (!holdsFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (!depth) over.hidden = true;
  });
  window.addEventListener("dragover", (event) => { if (holdsFiles(event)) event.preventDefault(); });
  window.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    over.hidden = true;
    add(event.dataTransfer.files);
  });
  window.addEventListener("paste", (event) => {
    const files = event.clipboardData && event.clipboardData.files;
    if (files && files.length) add(files);
  });

  // Only what is still being sent would be lost.
  window.addEventListener("beforeunload", (event) => {
    if (sending || waiting.length || unplaced.length) event.preventDefault();
  });
})();
