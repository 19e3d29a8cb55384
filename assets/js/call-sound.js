// How a call is heard, by RTCPeerConnection.getStats(): figures of the whole talk for the product, and at each moment
// whether anything comes and anything is said.
const SILENCE = 10 ** (-65 / 20); // root mean square; a quiet room is at about -50 dB
const DEAF = 5_000; // milliseconds

const loudness = ({ totalAudioEnergy: energy, totalSamplesDuration: seconds }, before = {}) => {
  const time = seconds - (before.totalSamplesDuration ?? 0);
  return time > 0 ? Math.min(1, Math.sqrt(Math.max(0, energy - (before.totalAudioEnergy ?? 0)) / time)) : null;
};

const read = (stats) => {
  const found = {};
  for (const one of stats.values()) {
    if (one.type === "inbound-rtp" && one.kind === "audio") found.heard = one;
    if (one.type === "remote-inbound-rtp" && one.kind === "audio") found.far = one;
    if (one.type === "media-source" && one.kind === "audio") found.spoken = one;
  }
  return found;
};

export const sound = (clock = () => performance.now()) => {
  const begun = clock();
  let last = {};
  let deafSince = begun;
  let muteSince = begun;
  return {
    /** Takes what getStats() told; says how loud both are now, and what is wrong: "deaf", "mute" or nothing. */
    take(stats, quiet = false) {
      const now = read(stats);
      const at = clock();
      const came = (now.heard?.packetsReceived ?? 0) - (last.heard?.packetsReceived ?? 0);
      const heard = now.heard ? loudness(now.heard, last.heard) : null;
      const spoken = now.spoken ? loudness(now.spoken, last.spoken) : null;
      if (came > 0 || quiet) deafSince = at;
      if (quiet || spoken === null || spoken > SILENCE) muteSince = at;
      last = now;
      const wrong = at - deafSince > DEAF ? "deaf" : at - muteSince > 2 * DEAF ? "mute" : "";
      return { heard: heard ?? 0, spoken: spoken ?? 0, wrong };
    },
    /** Figures of the whole talk, as the product keeps them. */
    figures() {
      const { heard, far, spoken } = last;
      const received = heard?.packetsReceived ?? 0;
      const lost = Math.max(0, heard?.packetsLost ?? 0);
      return {
        seconds: (clock() - begun) / 1000,
        received,
        lost: received + lost ? lost / (received + lost) : 0,
        jitter: heard?.jitter ?? null,
        round_trip: far?.roundTripTime ?? null,
        incoming: heard ? loudness(heard) : null,
        outgoing: spoken ? loudness(spoken) : null,
      };
    },
  };
};
