// A Pico at the pace of the wall clock: its USB serial on standard input and output, its resets as lines on standard
// error. Ends with its standard input. served.py gives it a port.
//
//   node serve.mjs '{"uf2": PATH, "bootRom": PATH, "files": PATH, "flash": PATH or null}'
import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Pico } from './pico.mjs';

const SLICE_S = 0.001;
const AHEAD_S = 0.002; // how far the chip may be ahead of the wall before it waits
const BEHIND_S = 0.05; // how far behind before that is forgiven
const KEEP_S = 10; // how often the flash is written to its file, by the wall; also at each reset and at the end

const options = JSON.parse(process.argv[2]);
const pico = new Pico(options);
let hasEnded = false;

/** Writes the flash chip to its file, the whole of it or nothing. */
function keep() {
  if (!options.flash) return;
  const beside = `${options.flash}.new`;
  fs.writeFileSync(beside, pico.flashBytes());
  fs.renameSync(beside, options.flash);
}

pico.usb.onData = (bytes) => process.stdout.write(bytes);
pico.onReset = (reason) => {
  keep();
  process.stderr.write(`reset (${['power', 'watchdog', 'software'][reason]}) at ${pico.seconds.toFixed(3)} s\n`);
};
process.stdin.on('data', (bytes) => pico.usb.send(bytes));
process.stdin.on('end', () => (hasEnded = true));

let begun = performance.now() / 1000 - pico.seconds; // the wall's second at which the chip's time was 0
let keptAt = performance.now();
while (!hasEnded) {
  pico.runFor(SLICE_S);
  const now = performance.now();
  if (now - keptAt > KEEP_S * 1000) {
    keep();
    keptAt = now;
  }
  const ahead = pico.seconds - (now / 1000 - begun);
  if (ahead > AHEAD_S) await pause(ahead * 1000);
  else {
    if (ahead < -BEHIND_S) begun += -ahead;
    await pause(0);
  }
}
keep();
