// A Pico behind a loopback port, at the pace of the wall clock: its USB serial as raw TCP, for pumpctl or mpremote.
//
//   node serve.mjs '{"uf2": PATH, "bootRom": PATH, "files": PATH}' PORT
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Pico } from './pico.mjs';

const SLICE_S = 0.001;
const AHEAD_S = 0.002; // how far the chip may be ahead of the wall before it waits
const BEHIND_S = 0.05; // how far behind before that is forgiven
const CLOSING_MS = 500; // for the user before to be gone: what is closed on one side is open on the other for a moment

const pico = new Pico(JSON.parse(process.argv[2]));
let client = null;

pico.usb.setOpen(false);
pico.usb.onData = (bytes) => client?.write(bytes);
pico.onReset = (reason) => {
  console.log(`reset (${['power', 'watchdog', 'software'][reason]}) at ${pico.seconds.toFixed(3)} s`);
  client?.destroy(); // the port goes away, as on the board
};

const server = net.createServer(async (socket) => {
  for (let waited = 0; client && waited < CLOSING_MS; waited += 10) await pause(10);
  if (client || socket.destroyed) return socket.destroy(); // a serial port has one user
  client = socket;
  socket.setNoDelay(true);
  pico.usb.setOpen(true);
  socket.on('data', (bytes) => pico.usb.send(bytes));
  socket.on('error', () => {});
  socket.on('close', () => {
    client = null;
    pico.usb.setOpen(false);
  });
});
server.listen(Number(process.argv[3]), '127.0.0.1', () => {
  console.log(`an emulated Pico listens: --port socket://127.0.0.1:${server.address().port}`);
});

let begun = performance.now() / 1000 - pico.seconds; // the wall's second at which the chip's time was 0
for (;;) {
  pico.runFor(SLICE_S);
  const ahead = pico.seconds - (performance.now() / 1000 - begun);
  if (ahead > AHEAD_S) await pause(ahead * 1000);
  else {
    if (ahead < -BEHIND_S) begun += -ahead;
    await pause(0);
  }
}
