// Uploads: tickets from our API for up to a call's number of files, then each file straight to storage, by its form or
// in parts, then asking until the file is ready or refused. Words that people read come from the server where it has any.
(() => {
  "use strict";
  const PARALLEL_MAX = 3;
  // One way stays free for files that a form takes, whose tickets end within minutes.
  const PARTS_MAX = 2;
  const AGAIN_MS = [1000, 3000, 8000, 20000];
  const ASK_MS = [1000, 1500, 2000, 3000, 5000, 8000];
  const ASK_TIMES_MAX = 80;
  const OFFLINE = "The connection broke. Nothing is lost: try again.";
  const GONE = "Your session has ended. Sign in in another tab, then try again.";
  const WHERE = "Choose above what it is for.";
  const WHAT = "Look at the category above, then press Upload.";
  const BROKEN = "The connection broke. It goes on by itself.";
  const CHOOSE = "Choose the same file again to go on.";
  const ELSEWHERE = "Another tab is sending this file.";
  const ANNOUNCE_MS = [500, 2000, 5000, 10000];
  const SLOW = "Received. Checking takes longer than usual; you can leave this page.";

  const zone = document.querySelector("[data-upload]");
  if (!zone) return;
  const { Parts, Stop, print, memory, alone, isSentElsewhere } = window.porticoParts;
  const folders = window.porticoFolders;
  const part = (name, root = zone) => root.querySelector(`[data-upload-${name}]`);
  const [list, status, over, input, folder] = [part("list"), part("status"), part("over"), part("input"), part("folder")];
  const summary = part("summary");
  const place = part('choice="project"');
  const base = `/api/v1/clients/${encodeURIComponent(zone.dataset.client)}/documents`;
  const bytesMax = Number(zone.dataset.bytesMax);
  const filesMax = Number(zone.dataset.filesMax);

  const waiting = [];
  // Placed, but not announced yet: a call's number at a time, as those before get through.
  const unannounced = [];
  let announcing = false;
  // Begun before, in a tab that is gone: by what their files are known by.
  const unfinished = new Map();
  // Chosen before anybody said what they are for.
  const unplaced = [];
  // The refused document that the next file is another copy of, and where it belongs.
  // Or the document that it is the next version of, which lies where that does.
  const { againFor, replaces, project: placeOfAgain, category: kindOfAgain } = zone.dataset;
  const again = againFor || replaces ? { againFor, replaces, project: placeOfAgain, category: kindOfAgain } : null;
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
    if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
    return `${(bytes / 1e9).toFixed(1)} GB`;
  }

  function left(seconds) {
    if (seconds < 60) return "less than a minute left";
    if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`;
    return `about ${Math.round(seconds / 3600)} hours left`;
  }

  const uploads = new Set();

  const docked = zone.classList.contains("uploads-dock");
  function first(element) {
    // Who is at one of its buttons stays there.
    if (!element.contains(document.activeElement)) list.prepend(element);
    zone.scrollTop = 0;
  }

  // One line for many: how many of them have arrived.
  function count() {
    const all = [...uploads].filter((upload) => upload.stage !== "unfinished" && !upload.into);
    const arrived = all.filter((upload) => ["checking", "ready"].includes(upload.stage)).length;
    const wrong = all.filter((upload) => ["failed", "rejected"].includes(upload.stage)).length;
    summary.hidden = all.length < 2;
    summary.textContent = `${arrived} of ${all.length} files sent${wrong ? `, ${wrong} ${wrong === 1 ? "needs" : "need"} a look` : ""}`;
  }

  // A line can stand with what its file goes with; whoever lists it there hears of each of its steps.
  const listOf = (upload) => upload.into || list;
  function tellOf(upload) {
    upload.element.dispatchEvent(new CustomEvent("portico:upload", { bubbles: true, detail: upload }));
  }

  function line({ file, name, handle, place }) {
    const element = part("line").content.firstElementChild.cloneNode(true);
    const upload = { file, name, handle, element, project: chosen("project"), category: chosen("category"), visibility: viewers(), stage: "waiting", ...(place || copyOf) };
    if (!place) {
      if (copyOf && copyOf.old) { uploads.delete(copyOf.old); copyOf.old.element.remove(); }
      copyOf = null;
    }
    uploads.add(upload);
    part("name", element).textContent = name;
    part("size", element).textContent = size(file.size);
    for (const about of element.querySelectorAll("[data-upload-about]")) about.textContent = ` ${name}`;
    part("cancel", element).addEventListener("click", () => cancel(upload));
    part("hide", element).addEventListener("click", () => cancel(upload));
    part("retry", element).addEventListener("click", () => retry(upload));
    part("pause", element).addEventListener("click", () => pause(upload));
    part("resume", element).addEventListener("click", () => resume(upload));
    part("again", element).addEventListener("click", () => {
      const { project, category, request, into } = upload;
      copyOf = { againFor: upload.ticket.document.id, project, category, request, into, old: into && upload };
      input.click();
    });
    listOf(upload).hidden = false;
    // Where little of the list is in sight, what came last is.
    if (docked && !upload.into) first(element);
    else listOf(upload).append(element);
    tellOf(upload);
    return upload;
  }

  function show(upload, stage, words) {
    upload.stage = stage;
    upload.element.dataset.stage = stage;
    part("words", upload.element).textContent = words;
    if (stage === "checking" || stage === "ready") part("bar", upload.element).value = 100;
    count();
    tellOf(upload);
  }

  function fail(upload, words) {
    show(upload, "failed", words);
    if (docked && !upload.into) first(upload.element);
    say(`${upload.name}: ${words}`);
  }

  async function add(found) {
    await recalled;
    const fresh = [];
    for (const one of found) {
      const begun = unfinished.size && unfinished.get(await print(one.file));
      if (begun) goOn(begun, one);
      else fresh.push(line(one));
    }
    const sound = fresh.filter((upload) => {
      const { file: { size: bytes }, name } = upload;
      let wrong = "";
      if (bytes === 0) wrong = "This file is empty. Check the original, then upload it again.";
      else if (bytes > bytesMax) wrong = `Files up to ${Math.floor(bytesMax / 2 ** 30)} GB, please. This one is larger.`;
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
      misses(true);
      part('choice="project"').focus();
    }
    count();
    start(sound.filter((upload) => upload.project));
  }

  // The field says in words what it misses.
  function misses(wrong) {
    part("error").hidden = !wrong;
    place.setAttribute("aria-invalid", wrong);
    // What is hidden is read out where it describes something.
    if (wrong) place.setAttribute("aria-describedby", `${place.id}-error`);
    else place.removeAttribute("aria-describedby");
    place.closest(".field").classList.toggle("has-error", wrong);
  }

  function start(sound) {
    if (sound.length) say(sound.length === 1 ? `Uploading ${sound[0].name}` : `Uploading ${sound.length} files`);
    unannounced.push(...sound);
    pump();
  }

  // One call after the other: calls side by side would fight over the client's count of documents.
  async function pump() {
    if (announcing) return;
    announcing = true;
    while (unannounced.length && waiting.length < filesMax) {
      const some = unannounced.splice(0, filesMax).filter((upload) => upload.stage !== "cancelled");
      if (some.length) await announce(some);
    }
    announcing = false;
  }

  // One call for many files; when the server refuses the call, each file is asked for alone, so that one bad name does
  // not hold up the others and the reason lands on the right line. A lost answer is asked for again by the same key.
  async function announce(some) {
    const documents = some.map(({ file, name, project, category, visibility, againFor: id, replaces: before, request }) =>
      ({ name, size_bytes: file.size, project, category, ...(id && { again_for: id }), ...(before && { replaces: before }), ...(visibility && { visibility }),
        ...(request && { request }) }));
    const key = crypto.randomUUID();
    let answer = await call("POST", base, { documents }, key);
    for (const ms of ANNOUNCE_MS) {
      if (answer.ok || answer.refused || answer.gone) break;
      await new Promise((done) => setTimeout(done, ms));
      answer = await call("POST", base, { documents }, key);
    }
    const tickets = answer.body && (answer.body.documents || [answer.body]);
    if (answer.ok && tickets.length === some.length) {
      some.forEach((upload, at) => {
        upload.ticket = tickets[at];
        if (upload.stage === "cancelled") giveUp(upload);
        else waiting.push(upload);
        tellOf(upload);
      });
      next();
    } else if (some.length > 1 && answer.refused) {
      for (const upload of some) await announce([upload]);
    } else {
      for (const upload of some) if (upload.stage !== "cancelled") fail(upload, answer.words);
    }
  }

  async function call(method, url, body, key) {
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-Portico-Csrf"] = "1";
    if (body) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    let response;
    try {
      response = await fetch(url, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin" });
    } catch {
      return { ok: false, words: OFFLINE };
    }
    const said = await response.json().catch(() => ({}));
    if (response.ok) return { ok: true, body: said };
    const words = said.detail || (response.status === 401 ? GONE : OFFLINE);
    const { status } = response;
    return { ok: false, gone: status === 401, refused: status >= 400 && status < 500 && status !== 401 && status !== 429, words };
  }

  function next() {
    const isLarge = (upload) => upload.ticket.upload.method === "PUT";
    for (;;) {
      const busy = [...uploads].filter((upload) => upload.stage === "sending");
      const full = busy.filter((upload) => upload.ticket && isLarge(upload)).length >= PARTS_MAX;
      const at = waiting.findIndex((upload) => !full || !isLarge(upload));
      if (at < 0 || busy.length >= PARALLEL_MAX) break;
      const [upload] = waiting.splice(at, 1);
      if (upload.stage !== "cancelled") (isLarge(upload) ? sendParts : send)(upload);
    }
    pump();
  }

  // What is remembered is a document's id and what its file is known by.
  async function remember(upload) {
    const entry = { id: upload.ticket.document.id, client: zone.dataset.client, print: await print(upload.file) };
    await memory.keep(upload.handle ? { ...entry, handle: upload.handle } : entry);
  }

  async function sendParts(upload) {
    const { id } = upload.ticket.document;
    upload.element.dataset.parts = "";
    show(upload, "sending", "0%");
    upload.parts = new Parts(upload.file, `${base}/${encodeURIComponent(id)}/parts`, call, (progress) => tell(upload, progress));
    upload.parts.begunElsewhere = upload.begunElsewhere;
    try {
      const sent = await alone(id, async () => {
        await remember(upload);
        return upload.parts.run();
      });
      if (!sent) throw new Stop(ELSEWHERE);
      memory.drop(id);
      show(upload, "checking", "Received. Being checked");
      ask(upload, 0);
    } catch (error) {
      if (error.over) {
        memory.drop(id);
        Object.assign(upload, { ticket: null, begunElsewhere: false });
      }
      if (upload.stage !== "cancelled") fail(upload, error instanceof Stop ? error.message : OFFLINE);
      if (!(error instanceof Stop)) throw error;
    } finally {
      upload.parts = null;
      next();
    }
  }

  function tell(upload, { stage, confirmed, seconds }) {
    if (upload.stage === "cancelled") return;
    const percent = Math.floor((confirmed / upload.file.size) * 100);
    part("bar", upload.element).value = percent;
    const far = `${percent}%`;
    if (stage === "paused") show(upload, "paused", `Paused at ${far}`);
    else if (stage === "offline") show(upload, "sending", `${far}. ${BROKEN}`);
    else if (stage === "comparing") show(upload, "sending", "Comparing with what has arrived");
    else show(upload, "sending", seconds === null ? far : `${far}, ${left(seconds)}`);
  }

  function pause(upload) {
    if (!upload.parts) return;
    upload.parts.pause();
    tell(upload, { stage: "paused", confirmed: [...upload.parts.sent.values()].reduce((sum, one) => sum + one, 0) });
    part("resume", upload.element).focus();
    next();
  }

  // A paused upload goes on; one of a tab that is gone needs its file first.
  async function resume(upload) {
    if (upload.parts) {
      upload.parts.resume();
      part("pause", upload.element).focus();
      return;
    }
    if (upload.handle && await upload.handle.requestPermission({ mode: "read" }) === "granted") {
      const file = await upload.handle.getFile().catch(() => null);
      if (file && await print(file) === upload.print) {
        goOn(upload, { file, name: upload.name, handle: upload.handle });
        return;
      }
    }
    input.click();
  }

  function goOn(upload, { file, handle }) {
    unfinished.delete(upload.print);
    Object.assign(upload, { file, begunElsewhere: true }, handle && { handle });
    show(upload, "waiting", "Waiting");
    say(`Uploading ${upload.name}`);
    waiting.push(upload);
    next();
  }

  // Lines for uploads that another tab, or this page before, did not get through.
  async function recall() {
    for (const entry of await memory.all()) {
      if (entry.client !== zone.dataset.client || await isSentElsewhere(entry.id)) continue;
      const url = `${base}/${encodeURIComponent(entry.id)}`;
      const [facts, arrived] = await Promise.all([call("GET", url), call("GET", `${url}/parts`)]);
      if (arrived.refused) memory.drop(entry.id);
      if (!facts.ok || !arrived.ok) continue;
      const document = facts.body.document || facts.body;
      const upload = line({ file: { size: document.size_bytes }, name: document.name, handle: entry.handle });
      Object.assign(upload, { print: entry.print, ticket: { document, upload: { method: "PUT" } } });
      const percent = Math.floor((arrived.body.arrived.length / arrived.body.parts) * 100);
      part("bar", upload.element).value = percent;
      unfinished.set(entry.print, upload);
      show(upload, "unfinished", `${percent}% has arrived. ${entry.handle ? "Go on where it stopped." : CHOOSE}`);
    }
  }

  function giveUp(upload) {
    const { document, upload: how } = upload.ticket;
    if (how.method === "PUT") memory.drop(document.id);
    call("DELETE", `${base}/${encodeURIComponent(document.id)}/parts`);
  }

  function send(upload) {
    const { url, fields } = upload.ticket.upload;
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    // Storage ignores every part that comes after the file.
    form.append("file", upload.file);
    const request = new XMLHttpRequest();
    upload.sending = request;
    show(upload, "sending", "0%");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable || upload.stage !== "sending") return;
      const percent = Math.min(100, Math.floor((event.loaded / event.total) * 100));
      part("bar", upload.element).value = percent;
      part("words", upload.element).textContent = `${percent}%`;
    });
    request.addEventListener("loadend", () => {
      upload.sending = null;
      if (upload.stage !== "sending") { /* Cancelled meanwhile. */ }
      else if (request.status >= 200 && request.status < 300) {
        show(upload, "checking", "Received. Being checked");
        ask(upload, 0);
      } else if (request.status === 0 && (upload.lost ||= 0) < AGAIN_MS.length) {
        show(upload, "waiting", BROKEN);
        setTimeout(() => {
          if (upload.stage !== "waiting") return;
          waiting.push(upload);
          next();
        }, AGAIN_MS[upload.lost]);
        upload.lost += 1;
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
      link.textContent = upload.name;
      part("name", upload.element).replaceChildren(link);
      say(`${upload.name} is ready`);
      if (zone.dataset.replaces && state.series) replaced(link.href);
      document.body.dispatchEvent(new CustomEvent("portico:ready", { bubbles: true, detail: { id: state.id } }));
    } else if (state && state.state === "rejected") {
      upload.element.dataset.arrived = "";
      const words = state.detail || "This file was refused. Its line in the list says why.";
      show(upload, "rejected", words);
      if (docked && !upload.into) first(upload.element);
      say(`${upload.name}: ${words}`);
      // Its line on the page says so as well.
      document.body.dispatchEvent(new CustomEvent("portico:ready", { bubbles: true, detail: { id: state.id } }));
    } else {
      ask(upload, times + 1);
    }
  }

  // The page still shows what was current when it came.
  function replaced(by) {
    const note = document.querySelector("[data-newer]");
    if (!note) return;
    note.hidden = false;
    note.querySelector("a").href = by;
  }

  function cancel(upload) {
    const { sending, parts, stage } = upload;
    const running = ["waiting", "sending", "paused", "unfinished"].includes(stage);
    if (running) show(upload, "cancelled", "Cancelled");
    for (const queue of [waiting, unannounced, unplaced]) {
      const at = queue.indexOf(upload);
      if (at >= 0) queue.splice(at, 1);
    }
    if (sending) sending.abort();
    if (parts) parts.cancel();
    // A failed one that is taken off the list is not gone on with either.
    if (upload.ticket && (running || stage === "failed")) giveUp(upload);
    unfinished.delete(upload.print);
    uploads.delete(upload);
    if (running) say(`${upload.name} was cancelled`);
    // What is over is only taken off the list; a file that has arrived stays with the firm.
    const neighbour = upload.element.nextElementSibling || upload.element.previousElementSibling;
    const own = listOf(upload);
    upload.element.remove();
    count();
    own.hidden = !own.childElementCount;
    const stop = neighbour && [...neighbour.querySelectorAll("button")].find((button) => button.offsetParent);
    (stop || own.closest("form")?.querySelector("[data-attach-input]") || input).focus();
    own.dispatchEvent(new CustomEvent("portico:upload", { bubbles: true, detail: upload }));
    if (place && !unplaced.length) {
      misses(false);
      if (part("go")) part("go").hidden = true;
    }
    // There is room for one that waits.
    next();
  }

  function retry(upload) {
    show(upload, "waiting", "Waiting");
    upload.lost = 0;
    part("bar", upload.element).value = 0;
    part("cancel", upload.element).focus();
    if (upload.ticket) {
      waiting.push(upload);
      next();
    } else {
      start([upload]);
    }
  }

  if (place) {
    place.addEventListener("change", () => {
      misses(!place.value && unplaced.length > 0);
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
  zone.addEventListener("portico:files", ({ detail: { files, found, ...place } }) => {
    const where = { project: zone.dataset.project, category: "", ...place };
    add((found || folders.chosen(files)).map((one) => ({ ...one, place: where })));
  });
  // What was dropped or pasted is the page's own, unless something on it takes it for itself.
  function taken(found, event) {
    const offer = new CustomEvent("portico:dropped", { cancelable: true, detail: { found, at: event.target } });
    if (zone.dispatchEvent(offer)) add(found);
  }
  input.addEventListener("cancel", () => { copyOf = again; });
  for (const one of [input, folder].filter(Boolean)) {
    one.addEventListener("change", () => {
      add(folders.chosen(one.files));
      // The same file can be chosen again.
      one.value = "";
    });
  }

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
    folders.dropped(event.dataTransfer).then((found) => taken(found, event));
  });
  window.addEventListener("paste", (event) => {
    const files = event.clipboardData && event.clipboardData.files;
    if (files && files.length) taken(folders.chosen(files), event);
  });

  window.addEventListener("online", () => { for (const { parts } of uploads) if (parts) parts.nudge(); });

  // Only what is still being sent by a form would be lost: parts are gone on with.
  window.addEventListener("beforeunload", (event) => {
    const loses = (upload) => ["waiting", "sending"].includes(upload.stage) && upload.ticket?.upload.method !== "PUT";
    if (unplaced.length || [...uploads].some(loses)) event.preventDefault();
  });

  const recalled = recall().catch(() => undefined);
})();
