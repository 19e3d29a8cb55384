import { memory } from "./dom.js";
import { sound } from "./call-sound.js";
import { channel, listen, LOCK, show } from "./phone-face.js";

// [data-browser-phone]: a page that is an operator's telephone. Each time it is turned on it gets a password of its own.
// Of several tabs one has the phone. It is never left by a link, and a tab that is closed in a call says so to the
// exchange, which takes the caller back to the head of the line.
const RINGING = [425, 1, 3]; // hertz, seconds of sound, of silence
const LOST = "Reason: Q.850;cause=44;text=\"page closed\"";
const LIFE = 30_000;
const TICK = 500;
const AGAIN = 5_000;
const KINDS = ["audioinput", "audiooutput"];
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

export const start = (place, load = () => import("jssip")) => {
  const { unlock: key, here, quality, echo } = place.dataset;
  const line = channel();
  const audio = place.querySelector("audio");
  let now = { state: "off" };
  let phone; // {sip, ua, key}
  let talk; // {session, call, mark, sound, tracks}: those of microphones that were chosen in it
  let off; // lets go of the lock

  const tell = (what) => {
    now = { ...now, ...what };
    show(place, now);
    line.postMessage({ kind: "state", now });
  };
  const send = async (address, body = {}, more = {}) => {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": document.documentElement.dataset.csrf ?? "" };
    const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body), ...more });
    return { ok: answer.ok, status: answer.status, ...(await answer.json().catch(() => ({}))) };
  };
  const device = (kind) => memory.get(`phone:${kind}`) ?? "";
  const microphone = () => (device("audioinput") ? { deviceId: { ideal: device("audioinput") } } : true);

  // --- devices ---

  const devices = async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: microphone() });
    for (const track of stream.getTracks()) track.stop();
    const all = await navigator.mediaDevices.enumerateDevices();
    for (const kind of KINDS) {
      const list = place.querySelector(`[data-device="${kind}"]`);
      const found = all.filter((one) => one.kind === kind && one.deviceId);
      list.replaceChildren(...found.map((one) => new Option(one.label, one.deviceId, false, one.deviceId === device(kind))));
    }
  };
  const listenBy = async () => {
    if (device("audiooutput")) await audio.setSinkId?.(device("audiooutput")).catch(() => {}); // unplugged: the usual one
  };
  const speakBy = async (one) => {
    const sender = one.session.connection?.getSenders().find(({ track }) => track?.kind === "audio");
    if (!sender) return;
    const [track] = (await navigator.mediaDevices.getUserMedia({ audio: microphone() })).getAudioTracks();
    if (talk !== one) return track.stop();
    const last = sender.track;
    one.tracks.push(track);
    track.enabled = false; // until it is the one that Mute and Hold act on
    await sender.replaceTrack(track);
    track.enabled = !(now.muted || now.held);
    last.stop();
  };
  place.addEventListener("change", ({ target }) => {
    if (!target.dataset.device) return;
    memory.set(`phone:${target.dataset.device}`, target.value);
    listenBy();
    const one = talk;
    if (!one || target.dataset.device !== "audioinput") return;
    speakBy(one).catch(() => talk === one && tell({ unheard: true }));
  });

  // --- the ring, which goes on in a tab that is behind: one sound that is played over and over ---

  let bell;
  const ring = () => {
    if (!phone.sound || bell) return;
    const [pitch, loud, still] = RINGING;
    const rate = phone.sound.sampleRate;
    const buffer = phone.sound.createBuffer(1, rate * (loud + still), rate);
    buffer.getChannelData(0).forEach((_, at, all) => {
      all[at] = at < loud * rate ? 0.3 * Math.sin((2 * Math.PI * pitch * at) / rate) : 0;
    });
    bell = Object.assign(phone.sound.createBufferSource(), { buffer, loop: true });
    bell.connect(phone.sound.destination);
    bell.start();
  };
  const still = () => {
    bell?.stop();
    bell = undefined;
  };

  // --- calls ---

  const iceServers = () => ({ iceServers: phone.key.ice });
  const media = () => ({ mediaConstraints: { audio: microphone(), video: false }, pcConfig: iceServers() });
  const hears = ({ peerconnection }) => {
    peerconnection.addEventListener("track", ({ streams: [stream], track }) => {
      audio.srcObject = stream ?? new MediaStream([track]);
      listenBy();
      audio.play?.()?.catch(() => {});
    });
  };
  const measure = async (one) => {
    while (talk === one) {
      const stats = await one.session.connection?.getStats().catch(() => undefined);
      if (stats && talk === one) {
        const { wrong, ...levels } = one.sound.take(stats, now.held || now.muted);
        tell({ ...levels, unheard: wrong === "mute", nothing: wrong === "deaf" });
      }
      for (const meter of place.querySelectorAll("meter")) meter.value = Math.sqrt(now[meter.dataset.level] ?? 0);
      await pause(TICK);
    }
  };
  const report = async ({ call, mark, sound: heard, test }) => {
    if (!heard || test) return;
    const figures = { call, mark, ...heard.figures() };
    for (let tries = 0; tries < 3; tries++) {
      const { status } = await send(quality, figures, { keepalive: true }).catch(() => ({ status: 0 }));
      if (status !== 404 && status !== 0) return;
      await pause(AGAIN); // the exchange's word of the call is not there yet
    }
  };
  const over = () => {
    if (!talk) return;
    const ended = talk;
    talk = undefined;
    for (const track of ended.tracks) track.stop();
    still();
    audio.srcObject = null;
    tell({ state: phone?.ua.isRegistered() ? "ready" : "unreachable", caller: "", muted: false, held: false, unheard: false, nothing: false, test: false });
    report(ended);
  };
  const taken = ({ originator, session, request }) => {
    if (talk) return session.terminate({ status_code: 486 });
    const test = originator === "local";
    const call = test ? "" : (request.getHeader("X-Linkedid") ?? "");
    const one = { session, test, mark: crypto.randomUUID(), call, tracks: [] };
    talk = one;
    session.on("peerconnection", hears);
    let waiting;
    session.on("icecandidate", ({ ready }) => {
      clearTimeout(waiting);
      waiting = setTimeout(ready, TICK); // a TURN server that does not answer holds up nobody
    });
    session.on("confirmed", () => {
      still();
      one.sound = sound();
      tell({ state: "talking" });
      measure(one);
    });
    session.on("hold", () => tell({ held: session.isOnHold().local }));
    session.on("unhold", () => tell({ held: session.isOnHold().local }));
    session.on("ended", over);
    session.on("failed", over);
    const { display_name: name, uri } = session.remote_identity;
    tell({ state: test ? "dialling" : "ringing", caller: test ? "" : name || uri.user, test });
    if (!test) ring();
  };

  const acts = {
    answer: () => talk?.session.isInProgress() && talk.session.answer(media()),
    hangup: () => talk?.session.terminate(talk.session.isEstablished() ? {} : { status_code: talk.test ? undefined : 486 }),
    mute: () => {
      if (!talk) return;
      if (now.muted) talk.session.unmute({ audio: true });
      else talk.session.mute({ audio: true });
      tell({ muted: !now.muted });
    },
    hold: () => (now.held ? talk?.session.unhold() : talk?.session.hold()),
    digit: (value) => talk?.session.sendDTMF(value, { transportType: "RFC2833" }),
    echo: () => now.state === "ready" && phone.ua.call(`sip:${echo}@${phone.key.host}`, { ...media(), eventHandlers: { peerconnection: hears } }),
    heard: () => {
      memory.set("phone:heard", new Date().toISOString());
      acts.hangup();
    },
    on: () => turnOn(),
    off: () => off?.(),
  };
  const act = (name, value) => acts[name]?.(value);

  // --- being the phone ---

  /** A password that the exchange knows; undefined where there is none, which is then said. */
  const unlock = async () => {
    const made = await send(key);
    if (!made.ok) return tell({ state: "failed", trouble: made.no ?? "" });
    for (let tries = 0; tries < 20; tries++) {
      const { state } = await send(here, { page: made.page });
      if (state === "valid") return made;
      if (state !== "asked") break;
      await pause(TICK);
    }
    tell({ state: "failed", trouble: "" });
  };
  const connect = async (sip) => {
    const before = phone;
    const made = await unlock();
    if (!made || phone !== before) return false; // turned off meanwhile
    const ua = new sip.UA({
      sockets: [new sip.WebSocketInterface(made.wss)],
      uri: `sip:${made.extension}@${made.host}`,
      password: made.password,
      realm: made.realm,
      register_expires: 120,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 5,
      user_agent: "caunoi",
    });
    phone = { ...phone, ua, key: made };
    ua.on("registered", () => !talk && tell({ state: "ready", trouble: "" }));
    ua.on("disconnected", () => !talk && phone?.ua === ua && tell({ state: "unreachable" }));
    let waits = false;
    ua.on("registrationFailed", async ({ response }) => {
      if (phone?.ua !== ua) return;
      if (!talk) tell({ state: "unreachable" });
      if (waits) return;
      waits = true;
      const isRefusal = [401, 403].includes(response?.status_code);
      do await pause(AGAIN);
      while (isRefusal && talk); // another password would end it
      waits = false;
      if (phone?.ua !== ua || ua.isRegistered()) return;
      if (isRefusal) renew(sip);
      else if (ua.isConnected()) ua.register(); // when a socket comes back, JsSIP does so itself
    });
    ua.on("newRTCSession", taken);
    ua.start();
    return true;
  };
  /** Another password, where the exchange takes the one before no more. */
  const renew = async (sip) => {
    const { ua, key: last } = phone;
    ua.stop();
    const { state } = await send(here, { page: last.page }).catch(() => ({}));
    if (phone?.ua !== ua) return;
    if (state === "gone") return off("taken"); // never taken back from whoever took it
    if (!(await connect(sip).catch(() => false)) && phone?.ua === ua) off("failed");
  };
  const live = async () => {
    const mine = phone;
    while (phone && phone.sound === mine.sound) {
      await pause(LIFE);
      const said = phone && (await send(here, { page: phone.key.page }).catch(() => ({})));
      if (said?.state === "gone" && !talk) return off?.("taken");
    }
  };
  const run = async (lock) => {
    if (off) return undefined; // a second click
    if (!lock) return show(place, (now = { ...now, state: "elsewhere" })); // the tab that has it tells the others
    const released = new Promise((resolve) => (off = resolve));
    tell({ state: "connecting", trouble: "" });
    try {
      await devices();
      const sip = await load();
      phone = { sound: globalThis.AudioContext && new AudioContext() };
      if (!(await connect(sip.default ?? sip))) return undefined;
      live();
      tell({ state: (await released) ?? "off" });
    } catch (error) {
      tell({ state: error.name === "NotAllowedError" || error.name === "NotFoundError" ? "deaf" : "failed", trouble: "" });
    } finally {
      off = undefined;
      leave();
    }
    return undefined;
  };
  const turnOn = () => !off && navigator.locks.request(LOCK, { ifAvailable: true }, run);
  const leave = async () => {
    const last = phone;
    phone = undefined;
    last?.sound?.close();
    if (!last?.ua) return;
    last.ua.stop();
    await send(here, { page: last.key.page, gone: true }, { keepalive: true }).catch(() => {});
  };

  listen(place, act);
  line.addEventListener("message", ({ data }) => {
    if (data.kind === "who" && off) line.postMessage({ kind: "state", now });
    if (data.kind === "do" && off) act(data.act, data.value);
  });
  addEventListener("beforeunload", (event) => talk && event.preventDefault());
  addEventListener("pagehide", () => {
    if (talk?.session.isEstablished()) talk.session.terminate({ extraHeaders: [LOST] });
    else if (talk) talk.session.terminate({ status_code: 480 });
    if (off) line.postMessage({ kind: "state", now: { state: "off" } });
    leave();
  });
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.("a[href]:not([target])");
    if (link) link.target = "caunoi-desk";
  });
  show(place, now);
};
