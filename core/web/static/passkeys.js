// Passkeys on top of forms that carry what is to be signed: the browser is asked, its answer goes into the
// form, and the form is sent. Without this script, or without passkeys, the form stays hidden.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const keyed = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

/** Return the options as the browser takes them: bytes where JSON has text. */
function asked(options) {
  const made = { ...options, challenge: bytes(options.challenge) };
  if (options.user) made.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) made.excludeCredentials = keyed(options.excludeCredentials);
  if (options.allowCredentials) made.allowCredentials = keyed(options.allowCredentials);
  return made;
}

/** Return a credential as JSON has it. */
function told({ id, rawId, type, response }) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = names.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  return JSON.stringify({ id, rawId: text(rawId), type, response: Object.fromEntries(given) });
}

for (const form of globalThis.PublicKeyCredential && navigator.credentials ? document.querySelectorAll("form[data-passkey]") : []) {
  const failed = form.querySelector("[role=alert]");
  form.hidden = false;
  form.parentElement.querySelector("[data-without]")?.remove();
  form.addEventListener("submit", async (event) => {
    if (form.elements.passkey.value || !form.checkValidity()) return;
    event.preventDefault();
    event.stopPropagation(); // it is not sent yet
    const button = form.querySelector("button");
    button.disabled = true;
    failed.hidden = true;
    try {
      const publicKey = asked(JSON.parse(form.dataset.options));
      form.elements.passkey.value = told(await navigator.credentials[form.dataset.passkey]({ publicKey }));
      button.disabled = false;
      form.requestSubmit();
    } catch {
      button.disabled = false;
      failed.hidden = false;
      button.focus();
    }
  });
}

addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); }); // what was signed is used up
