// Passkeys by the browser's own JSON forms (W3C WebAuthn level 3).

const read = {
  create: (json) => PublicKeyCredential.parseCreationOptionsFromJSON(json),
  get: (json) => PublicKeyCredential.parseRequestOptionsFromJSON(json),
};

/** Make a passkey, or sign with one; the answer is JSON for the server. */
export async function answer(form) {
  const kind = form.dataset.passkeyMake ? "create" : "get";
  const options = JSON.parse(form.dataset.passkeyMake ?? form.dataset.passkey);
  const credential = await navigator.credentials[kind]({ publicKey: read[kind](options) });
  return JSON.stringify(credential.toJSON());
}
