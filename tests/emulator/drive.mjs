// A Pico driven over stdin and stdout, one JSON object a line each way, in lockstep: the chip's time passes only while
// `run` or `until` is carried out, so the same requests give the same cycles on every run.
//
//   node drive.mjs '{"uf2": PATH, "bootRom": PATH, "files": PATH}'
//   {"do": NAME, ...} -> {"ok": ..., "cycles": N, "serial": base64 of what came over USB meanwhile}
//                        or {"error": TEXT}
import readline from 'node:readline';
import { Ds3231 } from './ds3231.mjs';
import { Hx711 } from './hx711.mjs';
import { Pico } from './pico.mjs';
import { Tmc2209 } from './tmc2209.mjs';

const SLICE_S = 0.0005; // how often `until` looks

const pico = new Pico(JSON.parse(process.argv[2]));
let serial = [];
pico.usb.onData = (bytes) => serial.push(bytes);

const requests = {
  /** Lets {seconds} pass. */
  run: ({ seconds }) => pico.runFor(seconds),
  /** Lets time pass until the chip has sent {text}, {seconds} at most; true when it has. */
  until: ({ text, seconds }) => {
    const end = pico.cycles + seconds * pico.clockHz;
    const found = () => Buffer.concat(serial).includes(text);
    while (!found() && pico.cycles < end) pico.runFor(SLICE_S);
    return found();
  },
  send: ({ data }) => pico.usb.send(Buffer.from(data, 'base64')),
  open: ({ isOpen }) => pico.usb.setOpen(isOpen),
  read: ({ isReading }) => pico.usb.setReading(isReading),
  /** Keeps the edges of {pins} from now on. */
  record: ({ pins }) => void (pico.pins.recorded = new Set(pins)),
  edges: () => pico.pins.takeEdges(),
  /** Of {pin} since the last call: how many rising edges, and the cycles between them. Costs less than `edges`. */
  intervals: ({ pin }) => pico.pins.takeIntervals(pin),
  drive: ({ pin, level }) => pico.pins.drive(pin, level),
  output: ({ pin }) => pico.pins.output(pin),
  adc: ({ channel, reading }) => void (pico.adc[channel] = reading),
  /** Fits a DS3231 that shows {utcS} now, or whose oscillator has stopped. */
  rtc: ({ utcS, isStopped }) => void (pico.i2c.devices['0:104'] = new Ds3231(pico, utcS, isStopped)),
  /** Fits an HX711 that converts {value} from now on, or, with null, is silent. */
  hx711: ({ value }) => void ((pico.parts.hx711 ??= new Hx711(pico)).value = value),
  /** Fits a TMC2209 on UART 0, or gives or takes its motor supply. */
  tmc2209: ({ answers }) => {
    if (pico.parts.tmc2209) pico.parts.tmc2209.powerUp(answers);
    else pico.parts.tmc2209 = new Tmc2209(pico, answers);
  },
  registers: () => pico.parts.tmc2209.registers,
  powerCycle: () => pico.powerCycle(),
  state: () => ({
    usb: pico.usb.isUp, resets: pico.resets, sectorErases: pico.flash.sectorErases,
    eraseCycles: pico.flash.eraseCycles, programmedBytes: pico.flash.programmedBytes, clockHz: pico.clockHz,
  }),
};

function answer(line) {
  try {
    const { do: name, ...fields } = JSON.parse(line);
    const ok = requests[name](fields) ?? null;
    const data = Buffer.concat(serial).toString('base64');
    serial = [];
    return { ok, cycles: pico.cycles, serial: data };
  } catch (error) {
    return { error: String(error.stack) };
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(answer(line)) + '\n');
}
