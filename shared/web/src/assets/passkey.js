// Forms that a passkey fills in: the page's form shows where the browser knows passkeys; sent, it asks our server for a
// question, the browser for the answer, and sends itself with that.
(() => {
  "use strict";
  const forms = document.querySelectorAll("form[data-passkey]");
  if (!forms.length || !window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function question(address) {
    const answer = await fetch(address, {
      method: "POST", credentials: "same-origin", headers: { "X-Portico-Csrf": "1", Accept: "application/json" },
    });
    const told = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(told.detail), { told: true });
    return told;
  }

  async function shown(options) {
    const publicKey = {
      ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials),
    };
    const { id, rawId, type, response } = await navigator.credentials.get({ publicKey });
    return {
      id, type, rawId: text(rawId),
      response: {
        authenticatorData: text(response.authenticatorData), clientDataJSON: text(response.clientDataJSON),
        signature: text(response.signature), userHandle: response.userHandle && text(response.userHandle),
      },
    };
  }

  async function made(options) {
    const publicKey = {
      ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials),
    };
    const { id, rawId, type, response } = await navigator.credentials.create({ publicKey });
    return {
      id, type, rawId: text(rawId),
      response: { attestationObject: text(response.attestationObject), clientDataJSON: text(response.clientDataJSON) },
    };
  }

  // The browser says little, so that nobody can find out what a device holds; it is mostly that the person thought again.
  function words(error) {
    if (error.name === "InvalidStateError") return "This device has a passkey of yours already.";
    if (error instanceof DOMException) return "No passkey was used. Try again, or go on another way.";
    return error.told ? error.message : "That did not work. Try again, or go on another way.";
  }

  async function fill(form) {
    const problem = form.querySelector("[data-passkey-problem]");
    problem.hidden = true;
    form.setAttribute("aria-busy", "true");
    try {
      const { state, options } = await question(form.dataset.question);
      const credential = await (form.dataset.passkey === "create" ? made(options) : shown(options));
      form.elements.state.value = state;
      form.elements.credential.value = JSON.stringify(credential);
      form.requestSubmit();
    } catch (error) {
      form.removeAttribute("aria-busy");
      problem.className = "field-error";
      problem.textContent = words(error);
      problem.hidden = false;
    }
  }

  for (const form of forms) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      if (form.getAttribute("aria-busy") !== "true") fill(form);
    });
  }
  // Coming back by the browser's button finds the form as it first was: an answer counts once.
  window.addEventListener("pageshow", () => {
    for (const form of forms) {
      form.elements.credential.value = "";
      form.removeAttribute("aria-busy");
    }
  });
})();
