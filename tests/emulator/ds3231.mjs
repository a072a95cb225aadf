// A DS3231 on an emulated I2C bus, by its datasheet: a register pointer that counts up, the time copied when a transfer
// begins. It has a battery: a power cycle of the Pico does not stop it. Alarms and temperature are not modelled.
const STATUS = 15;
const OSF = 0x80; // the oscillator has stopped
const REGISTERS = 19;

const bcd = (value) => (Math.floor(value / 10) << 4) | value % 10;
const ofBcd = (byte) => (byte >> 4) * 10 + (byte & 15);

export class Ds3231 {
  /** `pico.seconds` is its oscillator. */
  constructor(pico, utcS = 0, isStopped = false) {
    this.pico = pico;
    this.registers = new Uint8Array(REGISTERS);
    this.registers[STATUS] = isStopped ? OSF : 0;
    this.set(utcS);
    this.pointer = 0;
  }

  set(utcS) {
    this.offset = utcS - this.pico.seconds;
  }

  start(mode) {
    this.isPointerNext = true;
    this.hasNewTime = false;
    this.copyTime();
  }

  write(byte) {
    if (this.isPointerNext) {
      this.pointer = byte % REGISTERS;
      this.isPointerNext = false;
      return true;
    }
    if (this.pointer === STATUS) byte = (byte & ~OSF) | (byte & this.registers[STATUS] & OSF); // it can only be cleared
    if (this.pointer < 7) this.hasNewTime = true;
    this.registers[this.pointer] = byte;
    this.pointer = (this.pointer + 1) % REGISTERS;
    return true;
  }

  read() {
    const byte = this.registers[this.pointer];
    this.pointer = (this.pointer + 1) % REGISTERS;
    return byte;
  }

  stop() {
    if (!this.hasNewTime) return;
    this.hasNewTime = false;
    const [second, minute, hour, , day, month, year] = [...this.registers].map(ofBcd);
    this.set(Date.UTC(2000 + year, month - 1, day, hour, minute, second) / 1000);
  }

  copyTime() {
    const now = new Date(Math.floor(this.offset + this.pico.seconds) * 1000);
    this.registers.set([
      now.getUTCSeconds(), now.getUTCMinutes(), now.getUTCHours(), now.getUTCDay() + 1,
      now.getUTCDate(), now.getUTCMonth() + 1, now.getUTCFullYear() % 100,
    ].map(bcd));
  }
}
