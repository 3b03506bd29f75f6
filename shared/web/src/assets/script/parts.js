// Large files: sent part by part, each with its digest, which storage compares as it arrives. One part of a file is on
// its way at a time, so that a lost connection costs that one. Ask again what has arrived, and go on with the rest.
(() => {
  "use strict";
  const SIGN_AT_ONCE = 4;
  const BACKOFF_MS = [400, 1000, 2000, 4000, 8000, 15000];
  const STALLED_MS = 45000;
  const REFUSED_MAX = 4;
  const CHANGED = "This file was changed or moved on your computer. Choose it again.";
  const OTHER = "This is another file than the one whose upload was begun.";

  const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const digest = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

  // What a file is known by when it is chosen again; its name is not kept.
  const print = (file) => digest(new TextEncoder().encode(`${file.name}|${file.size}|${file.lastModified}`));

  // `over`: this upload cannot be gone on with, the file has to be announced anew.
  class Stop extends Error {
    constructor(words, over = false) {
      super(words);
      this.over = over;
    }
  }

  class Parts {
    // `call(method, url, body)` asks the portal; `told(progress)` hears how far it is.
    constructor(file, url, call, told) {
      Object.assign(this, { file, url, call, told, sent: new Map(), digests: new Map(), addresses: new Map(), paused: false, wake: null, rates: [] });
    }

    pause() {
      this.paused = true;
      if (this.request) this.request.abort();
      this.nudge();
    }

    resume() {
      this.paused = false;
      this.nudge();
    }

    cancel() {
      this.cancelled = true;
      this.pause();
    }

    // Waiting is over early: the network is back, or somebody pressed a button.
    nudge() {
      if (this.wake) this.wake();
    }

    rest(ms) {
      return new Promise((done) => {
        const timer = setTimeout(() => this.wake(), ms);
        this.wake = () => { clearTimeout(timer); this.wake = null; done(); };
      });
    }

    async gate() {
      while (this.paused && !this.cancelled) {
        this.tell("paused");
        await this.rest(1 << 30);
      }
      if (this.cancelled) throw new Stop("");
    }

    // Tries until it is answered; a refusal in words ends it.
    async ask(method, url, body) {
      for (let times = 0; ; times += 1) {
        await this.gate();
        const answer = await this.call(method, url, body);
        if (answer.ok) return answer.body;
        if (answer.refused || answer.gone) throw new Stop(answer.words, answer.refused);
        await this.later(times);
      }
    }

    async later(times) {
      this.tell("offline");
      await this.rest(BACKOFF_MS[Math.min(times, BACKOFF_MS.length - 1)] * (0.75 + Math.random() / 2));
    }

    slice(number) {
      return this.file.slice((number - 1) * this.partBytes, number * this.partBytes);
    }

    async digestOf(number) {
      let found = this.digests.get(number);
      if (!found) {
        found = await this.slice(number).arrayBuffer().then(digest, () => { throw new Stop(CHANGED); });
        this.digests.set(number, found);
      }
      return found;
    }

    // What has arrived counts only if this very file says the same of itself.
    async look() {
      const found = await this.ask("GET", this.url);
      Object.assign(this, { partBytes: found.part_bytes, count: found.parts });
      if (found.size_bytes !== this.file.size) throw new Stop(OTHER, true);
      this.sent.clear();
      for (const { number, sha256 } of found.arrived) {
        this.tell("comparing");
        if (await this.digestOf(number) === sha256) this.sent.set(number, this.slice(number).size);
        else if (this.begunElsewhere) throw new Stop(OTHER, true);
        await this.gate();
      }
      this.tell("sending");
    }

    // Addresses for the parts that come next. They end with the session's credentials, some minutes later.
    async sign(from) {
      const wanted = [];
      for (let number = from; number <= this.count && wanted.length < SIGN_AT_ONCE; number += 1) {
        if (!this.sent.has(number)) wanted.push({ number, sha256: await this.digestOf(number) });
      }
      if (!wanted.length) return;
      const { parts } = await this.ask("POST", this.url, { parts: wanted });
      for (const part of parts) this.addresses.set(part.number, part);
    }

    async run() {
      this.tell("sending");
      await this.look();
      let [lost, refused] = [0, 0];
      for (let number = 1; number <= this.count;) {
        await this.gate();
        if (this.sent.has(number)) { number += 1; continue; }
        if (!this.addresses.has(number)) await this.sign(number);
        const began = Date.now();
        const status = await this.put(number);
        if (status === 200) {
          [lost, refused] = [0, 0];
          this.sent.set(number, this.slice(number).size);
          this.rates.push(this.slice(number).size / Math.max(1, Date.now() - began));
          this.tell("sending");
        } else if (this.paused) {
          // What was on its way is sent again.
        } else if (status === 0 || status >= 500) {
          await this.later(lost);
          lost += 1;
          // It may have arrived, and only its answer was lost.
          await this.look();
        } else {
          // An address that has run out, or bytes that changed underway.
          refused += 1;
          if (refused > REFUSED_MAX) throw new Stop(CHANGED);
          this.addresses.clear();
          this.digests.delete(number);
        }
      }
      const all = [];
      for (let number = 1; number <= this.count; number += 1) all.push({ number, sha256: await this.digestOf(number) });
      return this.ask("POST", this.url.replace(/parts$/, "complete"), { parts: all });
    }

    put(number) {
      return new Promise((done) => {
        const { url, checksum } = this.addresses.get(number);
        const request = new XMLHttpRequest();
        let timer;
        const watch = () => { clearTimeout(timer); timer = setTimeout(() => request.abort(), STALLED_MS); };
        this.request = request;
        request.upload.addEventListener("progress", watch);
        request.addEventListener("loadend", () => {
          clearTimeout(timer);
          this.request = null;
          this.addresses.delete(number);
          done(request.status);
        });
        request.open("PUT", url);
        request.setRequestHeader("x-amz-checksum-sha256", checksum);
        watch();
        request.send(this.slice(number));
      });
    }

    // Bytes that storage has confirmed, and what is left at the pace of the last parts.
    tell(stage) {
      let confirmed = 0;
      for (const bytes of this.sent.values()) confirmed += bytes;
      const last = this.rates.slice(-8);
      const rate = last.length > 1 ? last.reduce((sum, one) => sum + one, 0) / last.length : 0;
      this.told({ stage, confirmed, seconds: rate ? (this.file.size - confirmed) / rate / 1000 : null });
    }
  }

  // Uploads that are not through yet, by their documents, so that the same file goes on after a closed tab. In browsers
  // that lend files for longer, the file itself is remembered, and asking for it is one press.
  function open() {
    return new Promise((done, failed) => {
      const request = indexedDB.open("portico", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("uploads", { keyPath: "id" });
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
  }

  // Without storage, uploads work all the same; they are then gone on with in this tab alone.
  async function kept(mode, act) {
    try {
      const base = await open();
      return await new Promise((done, failed) => {
        const request = act(base.transaction("uploads", mode).objectStore("uploads"));
        request.onsuccess = () => { done(request.result); base.close(); };
        request.onerror = () => { failed(request.error); base.close(); };
      });
    } catch {
      return null;
    }
  }

  const memory = {
    all: async () => (await kept("readonly", (store) => store.getAll())) || [],
    keep: (entry) => kept("readwrite", (store) => store.put(entry)),
    drop: (id) => kept("readwrite", (store) => store.delete(id)),
  };

  // One tab sends an upload; another leaves it alone.
  const lockOf = (id) => `portico-upload-${id}`;
  async function alone(id, act) {
    if (!navigator.locks) return act();
    return navigator.locks.request(lockOf(id), { ifAvailable: true }, (lock) => lock ? act() : null);
  }
  async function isSentElsewhere(id) {
    if (!navigator.locks) return false;
    return (await navigator.locks.query()).held.some((lock) => lock.name === lockOf(id));
  }

  window.porticoParts = { Parts, Stop, print, memory, alone, isSentElsewhere };
})();
