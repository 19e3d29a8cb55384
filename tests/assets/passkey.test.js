import { describe, expect, test, vi } from "vitest";

import { $, open, settled, words } from "./page.js";

const FORM = `<p data-passkey-without>None here</p>
<form hidden data-passkey-form><input type="hidden" name="csrfmiddlewaretoken" value="abc"><input type="hidden" name="proof-passkey">
<button type="button" data-passkey="/login/passkey/show" data-failed="It did not work">Passkey</button><p data-passkey-status></p></form>`;
const OPTIONS = { challenge: "_-8", rpId: "localhost", allowCredentials: [{ id: "AQ", type: "public-key" }] };
const buffer = (...numbers) => new Uint8Array(numbers).buffer;
const SHOWN = {
  id: "AQ",
  rawId: buffer(1),
  type: "public-key",
  response: { clientDataJSON: buffer(255, 239), authenticatorData: buffer(2), signature: buffer(3), userHandle: null },
};
const start = async ({ capable = true, secure = true, status = 200, html = FORM, credentials = {} } = {}) => {
  const exported = await open(html, "passkey", {
    before: () => {
      vi.stubGlobal("isSecureContext", secure);
      if (capable) vi.stubGlobal("PublicKeyCredential", class {});
      Object.defineProperty(navigator, "credentials", { value: credentials, configurable: true });
      fetch.mockImplementation(async () => new Response(JSON.stringify(status === 200 ? OPTIONS : { error: "no" }), { status }));
    },
  });
  exported.start($("[data-passkey]"));
  $("form").submit = vi.fn();
  return exported;
};
const press = async () => {
  $("button").click();
  await settled();
};

describe("a passkey", () => {
  test("is asked for by the server's options, and sent by the form", async () => {
    const get = vi.fn(async () => SHOWN);
    await start({ credentials: { get } });
    expect($("form").hidden).toBe(false);
    expect($("[data-passkey-without]").hidden).toBe(true);
    await press();
    expect(fetch.mock.calls[0]).toEqual(["/login/passkey/show", { method: "POST", headers: { "X-CSRFToken": "abc" } }]);
    expect(get.mock.calls[0][0].publicKey).toEqual({
      challenge: new Uint8Array([255, 239]),
      rpId: "localhost",
      allowCredentials: [{ id: new Uint8Array([1]), type: "public-key" }],
    });
    expect(JSON.parse($("[name=proof-passkey]").value)).toEqual({
      id: "AQ",
      rawId: "AQ",
      type: "public-key",
      response: { clientDataJSON: "_-8", authenticatorData: "Ag", signature: "Aw" },
      clientExtensionResults: {},
    });
    expect($("form").submit).toHaveBeenCalled();
  });

  test("is made where the button says so", async () => {
    const create = vi.fn(async () => ({ ...SHOWN, response: { clientDataJSON: buffer(1), attestationObject: buffer(9) } }));
    const html = FORM.replace("data-failed", "data-passkey-create data-failed").replace("proof-passkey", "passkey");
    await start({ html, credentials: { create } });
    await press();
    expect(JSON.parse($("[name=passkey]").value).response).toEqual({ clientDataJSON: "AQ", attestationObject: "CQ" });
  });

  test("may be refused by its owner, or by the server, and can be tried again", async () => {
    const get = vi.fn(async () => {
      throw new DOMException("no", "NotAllowedError");
    });
    await start({ credentials: { get } });
    await press();
    expect(words("[data-passkey-status]")).toBe("It did not work");
    expect($("button").disabled).toBe(false);
    expect($("form").submit).not.toHaveBeenCalled();
    await start({ status: 429, credentials: { get } });
    await press();
    expect(words("[data-passkey-status]")).toBe("It did not work");
  });

  test("is not offered where browsers make none", async () => {
    await start({ capable: false });
    expect($("form").hidden).toBe(true);
    await start({ secure: false });
    expect($("form").hidden).toBe(true);
    expect($("[data-passkey-without]").hidden).toBe(false);
  });
});

test("the server's options for a new passkey become bytes", async () => {
  const { decoded } = await start();
  const options = { challenge: "AQ", user: { id: "Ag", name: "quan" }, excludeCredentials: [{ id: "Aw", type: "public-key" }] };
  expect(decoded(options)).toEqual({
    challenge: new Uint8Array([1]),
    user: { id: new Uint8Array([2]), name: "quan" },
    excludeCredentials: [{ id: new Uint8Array([3]), type: "public-key" }],
  });
});
