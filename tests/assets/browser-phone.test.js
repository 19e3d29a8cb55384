import { createHash } from "node:crypto";

import JsSIP from "jssip";
import { afterEach, describe, expect, test, vi } from "vitest";

import { $, fire, open, passes, settled } from "./page.js";

const md5 = (text) => createHash("md5").update(text).digest("hex");
const until = (true_) => vi.waitFor(() => expect(true_()).toBeTruthy(), { timeout: 20_000, interval: 20 });
const KEY = {
  page: "seite",
  extension: "109",
  password: "einmal",
  realm: "caunoi",
  wss: "wss://pbx.example/ws",
  host: "pbx.example",
  ice: [{ urls: ["turn:t.example"], username: "1:lan", credential: "x" }],
};
const BUTTONS = "answer hangup mute hold on off echo heard".split(" ").map((name) => `<button data-do="${name}"></button>`);
const STATES = "off connecting ready elsewhere taken unreachable deaf failed dialling ringing talking".split(" ");
const PAGE = `<section data-browser-phone data-unlock="/key" data-here="/here" data-quality="/quality" data-echo="*43">
  <audio></audio><b data-fact="caller"></b><i data-fact="trouble"></i>${STATES.map((state) => `<p data-when="${state}" hidden>${state}</p>`).join("")}
  ${BUTTONS.join("")}<button data-do="digit" value="5"></button>
  <select data-device="audioinput"></select><select data-device="audiooutput"></select></section>`;
const OFFER = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=Asterisk", "c=IN IP4 127.0.0.1", "t=0 0", "m=audio 10000 UDP/TLS/RTP/SAVPF 0", ""].join(
  "\r\n",
);

/** An exchange behind a WebSocket: digest is enforced, what was recorded of Asterisk is sent. */
class Exchange {
  static sent = [];
  static proof = md5("109:caunoi:einmal");
  static up = true;
  static refusal = ""; // of each REGISTER; "silence" is none at all
  OPEN = 1;
  CONNECTING = 0;
  readyState = 1;
  constructor() {
    Exchange.last = this;
    setTimeout(() => (Exchange.up ? this.onopen?.() : this.onclose?.({ wasClean: false, code: 1006 })));
  }
  close() {
    setTimeout(() => this.onclose?.({ wasClean: true, code: 1000 }));
  }
  send(text) {
    const [head, ...lines] = text.split("\r\n\r\n")[0].split("\r\n");
    const headers = Object.fromEntries(lines.map((line) => [line.split(":")[0].toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
    const said = { head, headers, text, by: this };
    Exchange.sent.push(said);
    const status = Exchange.refusal || (this.proved(said) ? "200 OK" : "401 Unauthorized");
    if (head.startsWith("REGISTER")) status !== "silence" && this.answer(said, status);
    else if (/^(BYE|INFO|INVITE)/.test(head) && !head.includes("*43")) this.answer(said, "200 OK");
  }
  proved({ head, headers }) {
    const given = Object.fromEntries([...(headers.authorization ?? "").matchAll(/(\w+)="?([^",]+)"?/g)].map(([, a, b]) => [a, b]));
    const asked = md5(`${head.split(" ")[0]}:${given.uri}`);
    return given.response === md5([Exchange.proof, "n1", given.nc, given.cnonce, "auth", asked].join(":"));
  }
  answer({ head, headers }, status) {
    const sound = ["Content-Type: application/sdp", `Content-Length: ${OFFER.length}`, "", OFFER];
    const body = head.startsWith("INVITE") ? sound : ["Content-Length: 0", "", ""];
    const more = status.startsWith("401")
      ? ['WWW-Authenticate: Digest realm="caunoi",nonce="n1",algorithm=MD5,qop="auth"']
      : [`Contact: ${headers.contact ?? "<sip:a@b>"};expires=120`];
    const kept = [`Via: ${headers.via}`, `From: ${headers.from}`, `To: ${headers.to};tag=as1`, `Call-ID: ${headers["call-id"]}`, `CSeq: ${headers.cseq}`];
    this.say([`SIP/2.0 ${status}`, ...kept, ...more, ...body]);
  }
  say(lines) {
    setTimeout(() => this.onmessage?.({ data: lines.join("\r\n") }));
  }
  ring(contact, leg = "leg1") {
    this.say([
      `INVITE ${contact} SIP/2.0`,
      `Via: SIP/2.0/WS 127.0.0.1:8088;rport;branch=z9hG4bK${leg}`,
      'From: "0900000001" <sip:0900000001@127.0.0.1>;tag=t1',
      `To: <${contact}>`,
      "Contact: <sip:asterisk@127.0.0.1:8088;transport=ws>",
      `Call-ID: ${leg}`,
      "CSeq: 24171 INVITE",
      "Max-Forwards: 70",
      "User-Agent: Asterisk PBX 22.10.1",
      "X-Linkedid: pbx1-17.1",
      "Content-Type: application/sdp",
      `Content-Length: ${OFFER.length}`,
      "",
      OFFER,
    ]);
  }
  acknowledge(contact, leg = "leg1") {
    this.say([
      `ACK ${contact} SIP/2.0`,
      `Via: SIP/2.0/WS 127.0.0.1:8088;branch=z9hG4bKack${leg}`,
      "From: <sip:0900000001@127.0.0.1>;tag=t1",
      `To: ${Exchange.sent.findLast(({ head }) => head === "SIP/2.0 200 OK").headers.to}`,
      `Call-ID: ${leg}`,
      "CSeq: 24171 ACK",
      "Content-Length: 0",
      "",
      "",
    ]);
  }
}

const stream = () => {
  const track = { kind: "audio", enabled: true, stop: vi.fn() };
  return { getTracks: () => [track], getAudioTracks: () => [track], getVideoTracks: () => [] };
};

class Sender {
  constructor(track) {
    this.track = track;
  }
  async replaceTrack(track) {
    await settled();
    Object.assign(this, { track, enabledAtFirst: track.enabled });
  }
}

class Peer extends EventTarget {
  static last;
  constructor() {
    super();
    Peer.last = this;
  }
  iceGatheringState = "complete";
  signalingState = "stable";
  getSenders = () => this.tracks ?? [];
  addTrack = (track) => (this.tracks = [new Sender(track)]);
  addStream = () => {};
  getReceivers = () => [];
  close = () => (this.signalingState = "closed");
  createOffer = async () => ({ type: "offer", sdp: OFFER });
  createAnswer = async () => ({ type: "answer", sdp: OFFER });
  setLocalDescription = async (one) => (this.localDescription = one);
  setRemoteDescription = async (one) => (this.remoteDescription = one);
  getStats = async () => new Map([["in", { type: "inbound-rtp", kind: "audio", packetsReceived: 9, packetsLost: 0 }]]);
}

class Description {
  constructor(one) {
    Object.assign(this, one);
  }
}

/** One lock of the browser, which is granted or not a moment after it is asked for. */
class Locks {
  constructor(free) {
    this.free = free;
  }
  async request(_name, _how, run) {
    await settled();
    if (!this.free) return run(null);
    this.free = false;
    return run({}).finally(() => (this.free = true));
  }
}

let held = false;
const answered = (address) => {
  if (address === "/key") return KEY;
  return address === "/here" ? { state: Exchange.known } : { kept: true };
};
const turned = async ({ known = "valid", lock = true, proof = "einmal" } = {}) => {
  Object.assign(Exchange, { sent: [], known, up: true, refusal: "", proof: md5(`109:caunoi:${proof}`) });
  const before = () => {
    vi.stubGlobal("WebSocket", Exchange);
    vi.stubGlobal("RTCPeerConnection", Peer);
    vi.stubGlobal("RTCSessionDescription", Description);
    Object.assign(window, { RTCPeerConnection: Peer, WebSocket: Exchange });
    fetch.mockImplementation(async (address) => new Response(JSON.stringify(answered(address)), { status: 200 }));
    Object.defineProperty(navigator, "locks", { configurable: true, value: new Locks(lock) });
    const devices = [
      { kind: "audioinput", deviceId: "m1", label: "Tai nghe" },
      { kind: "audiooutput", deviceId: "s1", label: "Loa" },
    ];
    const mediaDevices = { getUserMedia: vi.fn(async () => stream()), enumerateDevices: async () => devices };
    Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: mediaDevices });
  };
  const { start } = await open(PAGE, "browser-phone", { before });
  start($("[data-browser-phone]"), async () => JsSIP);
  $('[data-do="on"]').click();
  held = true;
};
const state = () => STATES.find((name) => !$(`[data-when="${name}"]`).hidden);
const sent = (start) => Exchange.sent.filter(({ head, by }) => by === Exchange.last && head.startsWith(start));
const contact = () => /<([^>]+)>/.exec(sent("REGISTER")[0].headers.contact)[1];
const bodies = (address) => fetch.mock.calls.filter(([to]) => to === address).map(([, { body }]) => JSON.parse(body));
const talking = async () => {
  await turned();
  await until(() => state() === "ready");
  Exchange.last.ring(contact());
  await until(() => state() === "ringing");
  $('[data-do="answer"]').click();
  await until(() => sent("SIP/2.0 200").length);
  Exchange.last.acknowledge(contact());
  await until(() => state() === "talking");
};

const microphone = async () => (await navigator.mediaDevices.getUserMedia.mock.results.at(-1).value).getTracks()[0];
const registers = () => sent("REGISTER").length;
const never = new Promise(() => {});
/** What becomes of a request for a password from now on; that a page has closed reaches nobody. */
const keys = (become) => {
  const before = fetch.getMockImplementation();
  fetch.mockImplementation(async (address, how) => {
    if (address === "/key") return become();
    return how.body.includes("gone") ? never : before(address, how);
  });
};
const refuses = () => new Response(JSON.stringify({ no: "The exchange is down." }), { status: 409 });
const choosesMicrophone = async () => {
  fire($('[data-device="audioinput"]'), "change");
  const track = await microphone();
  await until(() => Peer.last.getSenders()[0].track === track);
  await settled();
  return track;
};

describe("the phone in the browser", () => {
  afterEach(async () => {
    if (held) window.dispatchEvent(new Event("pagehide"));
    held = false;
    await settled();
  });

  test("signs in by the password of its own, once the exchange knows it", async () => {
    await turned();
    await until(() => state() === "ready");
    expect(bodies("/here")[0]).toEqual({ page: "seite" });
    expect(sent("REGISTER")).toHaveLength(2);
    expect(Exchange.sent.map(({ text }) => text).join()).not.toContain("einmal");
    expect([...$('[data-device="audioinput"]').options].map(({ label }) => label)).toEqual(["Tai nghe"]);
  });

  test("an exchange that refuses the password's digest is not signed in at", async () => {
    await turned({ proof: "anderes" });
    await until(() => state() === "unreachable");
    expect(sent("REGISTER").length).toBeGreaterThan(1);
  });

  test("what the exchange did not take is said", async () => {
    await turned({ known: "failed" });
    await until(() => state() === "failed");
    expect(sent("REGISTER")).toHaveLength(0);
  });

  test("another tab has it: nothing is asked for", async () => {
    await turned({ lock: false });
    await until(() => state() === "elsewhere");
    expect(bodies("/key")).toHaveLength(0);
    held = false;
  });

  test("rings, is answered, muted, and tells how it was heard, by the exchange's own id", async () => {
    await talking();
    expect($("[data-fact=caller]").textContent).toBe("0900000001");
    $('[data-do="mute"]').click();
    expect($('[data-do="mute"]').getAttribute("aria-pressed")).toBe("true");
    $('[data-do="hangup"]').click();
    await until(() => bodies("/quality").length);
    expect(bodies("/quality")[0]).toMatchObject({ call: "pbx1-17.1", lost: 0 });
    expect(sent("BYE")[0].headers.reason).toBeUndefined();
    expect(state()).toBe("ready");
  });

  test("whoever calls meanwhile is told that it is busy", async () => {
    await talking();
    Exchange.last.ring(contact(), "leg2");
    await until(() => sent("SIP/2.0 486").length);
    expect(state()).toBe("talking");
  });

  test("a tab that is closed in a call says that the caller was lost, and gives up its password", async () => {
    await talking();
    window.dispatchEvent(new Event("pagehide"));
    held = false;
    await until(() => sent("BYE").length);
    expect(sent("BYE")[0].headers.reason).toBe('Q.850;cause=44;text="page closed"');
    await until(() => bodies("/here").some(({ gone }) => gone));
  });

  test("other tabs are told what happens, and can do it", async () => {
    const strip = `<div id="strip"><i data-when="ringing" hidden></i><button data-do="answer"></button></div>`;
    await turned();
    await until(() => state() === "ready");
    document.body.insertAdjacentHTML("beforeend", strip);
    navigator.locks.query = async () => ({ held: [{ name: "caunoi-phone" }] });
    const { start } = await import("../../assets/js/phone-strip.js");
    start($("#strip"));
    Exchange.last.ring(contact());
    await until(() => !$("#strip [data-when]").hidden);
    $("#strip [data-do]").click();
    await until(() => sent("SIP/2.0 200").length);
  });

  test("a microphone that is chosen while the call is muted is muted too, until it is unmuted", async () => {
    await talking();
    const first = await microphone();
    $('[data-do="mute"]').click();
    const second = await choosesMicrophone();
    expect([second.enabled, Peer.last.getSenders()[0].enabledAtFirst]).toEqual([false, false]);
    expect(first.stop).toHaveBeenCalled();
    $('[data-do="mute"]').click();
    expect(second.enabled).toBe(true);
    expect(second.stop).not.toHaveBeenCalled();
  });

  test("a microphone that is chosen while the call is held is not heard", async () => {
    await talking();
    $('[data-do="hold"]').click();
    await until(() => $('[data-do="hold"]').getAttribute("aria-pressed") === "true");
    expect((await choosesMicrophone()).enabled).toBe(false);
  });

  test("nor is one that comes as the call is muted", async () => {
    await talking();
    const choice = choosesMicrophone();
    $('[data-do="mute"]').click();
    expect((await choice).enabled).toBe(false);
  });

  test("no microphone stays open after the call, not even one that came too late", async () => {
    await talking();
    const second = await choosesMicrophone();
    expect(second.enabled).toBe(true);
    fire($('[data-device="audioinput"]'), "change");
    const late = microphone();
    $('[data-do="hangup"]').click();
    await until(() => state() === "ready");
    expect(second.stop).toHaveBeenCalled();
    expect((await late).stop).toHaveBeenCalled();
  });

  for (const [name, refusal, time] of [
    ["is busy", "503 Service Unavailable", 100],
    ["is silent", "silence", 33_000],
  ]) {
    test(`an exchange that ${name} is tried again until it takes the phone`, async () => {
      await turned();
      Exchange.refusal = refusal;
      await until(registers);
      await passes(time);
      expect([state(), registers()]).toEqual(["unreachable", 1]);
      await passes(5_000);
      expect([state(), registers()]).toEqual(["unreachable", 2]);
      Exchange.refusal = "";
      await passes(time + 5_000);
      await until(() => state() === "ready");
      expect([registers(), bodies("/key").length]).toEqual([4, 1]);
    });
  }

  test("a socket that is lost while it is waited for makes no second series of attempts", async () => {
    await turned();
    Exchange.refusal = "503 Service Unavailable";
    await until(() => state() === "unreachable");
    Object.assign(Exchange.last, { readyState: 3 }).onclose({ wasClean: false, code: 1006 });
    await passes(30_000);
    const before = registers();
    await passes(30_000);
    expect(registers() - before).toBeLessThanOrEqual(6);
    expect(registers()).toBeGreaterThan(before);
  });

  test("a registration that fails in a talk is tried again in it", async () => {
    await talking();
    Exchange.refusal = "500 Server Error";
    await passes(90_000);
    expect(state()).toBe("talking");
    Exchange.refusal = "";
    await passes(6_000);
    $('[data-do="hangup"]').click();
    await until(() => state() === "ready");
  });

  test("a password that is refused in a talk is another one after it", async () => {
    await talking();
    Exchange.refusal = "403 Forbidden";
    await passes(120_000);
    expect([state(), bodies("/key").length]).toEqual(["talking", 1]);
    Exchange.refusal = "";
    $('[data-do="hangup"]').click();
    await until(() => state() === "unreachable");
    await passes(6_000);
    await until(() => state() === "ready");
    expect(bodies("/key")).toHaveLength(2);
  });

  for (const [name, become, trouble] of [
    ["is refused", refuses, "The exchange is down."],
    ["cannot be fetched", () => Promise.reject(new TypeError("no network")), ""],
  ]) {
    test(`where another password ${name}, it is said, and the phone can be turned on again`, async () => {
      await turned();
      await until(() => state() === "ready");
      keys(become);
      Exchange.refusal = "403 Forbidden";
      await passes(90_000);
      await until(() => state() === "failed");
      expect($("[data-fact=trouble]").textContent).toBe(trouble);
      Exchange.refusal = "";
      keys(() => new Response(JSON.stringify(KEY)));
      $('[data-do="on"]').click();
      await until(() => state() === "ready");
      expect($("[data-fact=trouble]").textContent).toBe("");
    });
  }

  test("whoever turns it off while it gets another password has it off", async () => {
    await turned();
    await until(() => state() === "ready");
    Exchange.refusal = "403 Forbidden";
    let give;
    keys(() => new Promise((resolve) => (give = () => resolve(new Response(JSON.stringify(KEY))))));
    await passes(95_000);
    await until(() => give);
    $('[data-do="off"]').click();
    await until(() => state() === "off");
    const before = Exchange.sent.length;
    Exchange.refusal = "";
    give();
    await passes(6_000);
    expect([state(), Exchange.sent.length]).toEqual(["off", before]);
  });

  test("turning on that fails leaves no sound open and can be tried again", async () => {
    await turned({ known: "failed" });
    const close = vi.fn();
    vi.stubGlobal("AudioContext", function () {
      return { close };
    });
    await until(() => state() === "failed");
    expect(close).toHaveBeenCalledOnce();
    Exchange.known = "valid";
    $('[data-do="on"]').click();
    await until(() => state() === "ready");
    expect(close).toHaveBeenCalledOnce();
  });

  test("a second click on the way to the exchange changes nothing", async () => {
    await turned({ known: "asked" });
    $('[data-do="on"]').click();
    await until(() => bodies("/here").length);
    expect(state()).toBe("connecting");
    Exchange.known = "valid";
    await until(() => state() === "ready");
    expect(bodies("/key")).toHaveLength(1);
  });

  test("a second tab says that the phone is elsewhere to nobody but its reader", async () => {
    await turned();
    await until(() => state() === "ready");
    const states = [];
    new BroadcastChannel("caunoi-phone").addEventListener("message", ({ data }) => states.push(data.now?.state));
    document.body.insertAdjacentHTML("beforeend", `<div id="second">${PAGE}</div>`);
    const { start } = await import("../../assets/js/browser-phone.js");
    start($("#second [data-browser-phone]"), async () => JsSIP);
    $('#second [data-do="on"]').click();
    await until(() => !$('#second [data-when="elsewhere"]').hidden);
    await passes(100);
    expect([states, state()]).toEqual([[], "ready"]);
  });
});
