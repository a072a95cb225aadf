// A TMC2209 on the one wire of UART 0, by its datasheet: datagrams, CRC, the registers that the firmware uses. What the
// Pico sends comes back as an echo, byte by byte, and an answer follows after eight bit times.
const BAUD = 115200;
const BYTE_NS = (10 / BAUD) * 1e9;
const SEND_DELAY_NS = (8 / BAUD) * 1e9;
const READABLE = [0x00, 0x01, 0x02, 0x6c];
const GSTAT = 1;
const IFCNT = 2;

function crcOf(bytes) {
  let crc = 0;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (crc >> 7) ^ ((byte >> bit) & 1);
      crc = ((crc << 1) & 0xff) ^ (isOdd ? 7 : 0);
    }
  }
  return crc;
}

export class Tmc2209 {
  /** `answers`: it has its motor supply; without, only the wire's echo is heard. */
  constructor(pico, answers = true) {
    this.pico = pico;
    this.powerUp(answers);
    this.attach(pico.mcu);
  }

  powerUp(answers) {
    this.answers = answers;
    this.registers = { 0x00: 0x101, [GSTAT]: 1, [IFCNT]: 0, 0x6c: 0x10000053 };
  }

  attach(mcu) {
    this.mcu = mcu;
    this.received = [];
    this.lineFree = 0; // ns of the chip's clock at which the wire is free again
    mcu.uart[0].onByte = (byte) => this.heard(byte);
  }

  heard(byte) {
    this.say(byte, 0);
    this.received.push(byte);
    const isWrite = this.received[2] & 0x80;
    if (this.received.length < (isWrite ? 8 : 4)) return;
    const datagram = this.received.splice(0);
    if (!this.answers || datagram[0] !== 5 || datagram[1] !== 0 || crcOf(datagram.slice(0, -1)) !== datagram.at(-1)) return;
    const register = datagram[2] & 0x7f;
    if (isWrite) this.write(register, datagram.slice(3, 7).reduce((value, each) => value * 256 + each, 0));
    else if (READABLE.includes(register)) this.answer(register);
  }

  write(register, value) {
    this.registers[IFCNT] = (this.registers[IFCNT] + 1) & 0xff;
    this.registers[register] = register === GSTAT ? this.registers[GSTAT] & ~value : value;
  }

  answer(register) {
    const value = this.registers[register] >>> 0;
    const bytes = [5, 0xff, register, ...[24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff)];
    bytes.push(crcOf(bytes));
    bytes.forEach((byte, at) => this.say(byte, at ? 0 : SEND_DELAY_NS));
  }

  /** The byte is on the wire when it is free, and `gapNs` later. */
  say(byte, gapNs) {
    const { clock, uart } = this.mcu;
    const now = clock.nanosCounter ?? 0;
    this.lineFree = Math.max(this.lineFree, now) + gapNs + BYTE_NS;
    clock.createAlarm(() => uart[0].feedByte(byte)).schedule(this.lineFree - now);
  }
}
