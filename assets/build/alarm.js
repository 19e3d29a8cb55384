const RATE = 8_000; // samples a second
const SECONDS = 1.2;
const TONES = [
  { from: 0, to: 0.25, hertz: 880 },
  { from: 0.3, to: 0.55, hertz: 660 },
];

/** Two tones and a rest, 8 bits a sample, as a WAV file. */
const wave = () => {
  const count = Math.round(RATE * SECONDS);
  const bytes = Buffer.alloc(44 + count, 128);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(36 + count, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(RATE, 28);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(count, 40);
  for (const { from, to, hertz } of TONES) {
    for (let n = Math.round(from * RATE); n < to * RATE; n += 1) {
      const at = n / RATE;
      const volume = Math.min(1, (at - from) * 50, (to - at) * 50); // without clicks
      bytes[44 + n] = 128 + Math.round(90 * volume * Math.sin(2 * Math.PI * hertz * at));
    }
  }
  return bytes;
};

/** The sound of an emergency, which a page plays over and over: no file of anybody's. */
export const alarm = () => ({
  name: "caunoi:alarm",
  buildStart() {
    this.emitFile({ type: "asset", name: "alarm.wav", originalFileName: "assets/alarm.wav", source: wave() });
  },
});
