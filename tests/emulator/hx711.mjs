// An HX711 on two pins, by its datasheet: ten conversions a second, the first 400 ms after power-up; a bit of the value
// with each rising edge of the clock, the highest first; a clock that is high for more than 60 us switches it off.
const DOUT = 21;
const SCK = 22;
const SETTLING_NS = 400e6;
const PERIOD_NS = 100e6;
const POWER_DOWN_S = 60e-6;

export class Hx711 {
  /** It has its power from the Pico. `value`: what it converts, in two's complement; null: it is silent. */
  constructor(pico) {
    this.pico = pico;
    this.value = 0;
    this.attach(pico.mcu);
  }

  attach(mcu) {
    this.bits = [];
    this.highSince = null;
    this.pico.pins.watchers[SCK] = (level, cycle) => this.clocked(level, cycle);
    this.pico.pins.drive(DOUT, 1);
    this.alarm = mcu.clock.createAlarm(() => this.convert());
    this.alarm.schedule(SETTLING_NS);
  }

  convert() {
    this.alarm.schedule(PERIOD_NS);
    if (this.value === null) return;
    this.bits = Array.from({ length: 24 }, (_, at) => (this.value >> (23 - at)) & 1).concat(1);
    this.pico.pins.drive(DOUT, 0);
  }

  clocked(level, cycle) {
    if (!level) {
      if (this.highSince !== null && (cycle - this.highSince) / this.pico.clockHz > POWER_DOWN_S) this.attach(this.pico.mcu);
      return;
    }
    this.highSince = cycle;
    if (this.bits.length) this.pico.pins.drive(DOUT, this.bits.shift());
  }
}
