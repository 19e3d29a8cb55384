// [data-passkey="/…"]: asks the browser for a passkey, by the options of that address, and sends the form around the button
// with the answer; [data-passkey-create] makes a new one. Shown where the browser can do it.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

/** The server's options as the browser takes them: base64url becomes bytes. */
export const decoded = (options) => {
  const ids = (rows = []) => rows.map((row) => ({ ...row, id: bytes(row.id) }));
  const result = { ...options, challenge: bytes(options.challenge) };
  if (options.user) result.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) result.excludeCredentials = ids(options.excludeCredentials);
  if (options.allowCredentials) result.allowCredentials = ids(options.allowCredentials);
  return result;
};

/** What the browser made or showed, as JSON (WebAuthn 3, 5.1). */
export const encoded = (credential) => {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  const { id, type } = credential;
  return JSON.stringify({ id, rawId: text(credential.rawId), type, response, clientExtensionResults: {} });
};

const ask = async (button, token) => {
  const answer = await fetch(button.dataset.passkey, { method: "POST", headers: { "X-CSRFToken": token } });
  const options = await answer.json();
  if (!answer.ok) throw new Error(options.error);
  const publicKey = decoded(options);
  const make = "passkeyCreate" in button.dataset;
  return encoded(await (make ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey })));
};

export const start = (button) => {
  if (!("PublicKeyCredential" in globalThis && isSecureContext)) return;
  const form = button.closest("form");
  const status = form.querySelector("[data-passkey-status]");
  form.hidden = false;
  for (const without of document.querySelectorAll("[data-passkey-without]")) without.hidden = true;
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "";
    try {
      const answer = await ask(button, form.querySelector("[name=csrfmiddlewaretoken]").value);
      form.querySelector("[name=passkey], [name=proof-passkey]").value = answer;
      form.submit();
    } catch {
      status.textContent = button.dataset.failed;
      button.disabled = false;
    }
  });
};
