// A Raspberry Pi Pico in rp2040js, to the cycle. Puts the parts together and lets time pass; knows no firmware.
//
// Not modelled: the second core, the unique id (zeros), PIO input synchronisers (two cycles on the chip), a power cut
// inside an erase. Cache misses of the flash are estimated where `missCycles` is given; without them the interpreter is
// faster than on the chip.
import fs from 'node:fs';
import { ConsoleLogger, LogLevel, RP2040 } from 'rp2040js';
import { FLASH_SIZE, Flash } from './flash.mjs';
import { I2cBuses } from './i2c.mjs';
import { patchPeripherals } from './patches.mjs';
import { Pins } from './pins.mjs';
import { PioClock } from './pio.mjs';
import { ROM_SIZE, readRom } from './rom.mjs';
import { UsbSerial } from './usb.mjs';
import { FlashCache } from './xip.mjs';

export const POWER_UP = 0;
export const WATCHDOG_TIMER = 1;
export const WATCHDOG_FORCED = 2; // machine.reset()
const WATCHDOG = 0x40058;
const ROM_CALL_CYCLES = 20; // of the flash functions that do nothing here
const FLASH_ENTRY = 0x10000000;

export class Pico {
  /** `uf2` and `bootRom` are paths; `files`, a path too, may be an image of the file system. Where there is a file
   * `flash`, the chip holds what that has in place of both. */
  constructor({ uf2, bootRom, files, flash, missCycles = 0 }) {
    this.rom = readRom(bootRom);
    this.flash = new Flash();
    if (flash && fs.existsSync(flash)) this.flash.bytes.set(fs.readFileSync(flash));
    else {
      this.flash.loadUf2(uf2);
      if (files) this.flash.loadFiles(files);
    }
    this.pins = new Pins();
    this.usb = new UsbSerial();
    this.i2c = new I2cBuses();
    this.parts = {}; // by name: what is wired to the pins, {attach(mcu)}
    this.cache = missCycles ? new FlashCache(missCycles) : null;
    this.adc = [0, 0, 0, 2068, 876]; // 12-bit readings; VSYS at 5 V behind its divider by three, and 27 C
    this.cycles = 0;
    this.clockHz = 125e6;
    this.resets = 0;
    this.onReset = () => {};
    this.resetWanted = null;
    this.boot(POWER_UP);
  }

  get seconds() {
    return this.cycles / this.clockHz;
  }

  /** Starts the chip anew; flash stays, and watchdog scratch too unless the power was off. */
  boot(reason) {
    const before = this.mcu;
    if (before) this.flash.bytes.set(before.flash.subarray(0, FLASH_SIZE));
    const mcu = (this.mcu = new RP2040());
    mcu.logger = new ConsoleLogger(LogLevel.Error);
    mcu.loadBootrom(this.rom.words);
    mcu.flash.fill(0xff);
    mcu.flash.set(this.flash.bytes);
    patchPeripherals(mcu);
    this.pio = new PioClock(this, mcu);
    this.pins.attach(mcu, () => this.pio.now());
    this.usb.attach(mcu);
    this.i2c.attach(mcu);
    this.cache?.attach(mcu);
    for (const part of Object.values(this.parts)) part.attach(mcu);
    this.attachClock(mcu);
    this.attachWatchdog(mcu.peripherals[WATCHDOG], before && reason ? before.peripherals[WATCHDOG] : null, reason);
    this.attachAdc(mcu.adc);
    mcu.core.PC = FLASH_ENTRY;
    this.stillUntil = 0; // the processor does nothing before this cycle
  }

  attachClock(mcu) {
    const take = () => {
      this.clockHz = mcu.clkSys;
      this.cycleNs = 1e9 / this.clockHz;
    };
    take();
    mcu.addClockListener(take);
  }

  attachWatchdog(watchdog, before, reason) {
    if (before) {
      watchdog.scratchData.set(before.scratchData);
      watchdog.reason = reason;
    }
    watchdog.onWatchdogTrigger = () => {
      watchdog.timer.enable = false;
      this.resetWanted = watchdog.reason;
    };
  }

  attachAdc(adc) {
    adc.onADCRead = (channel) => {
      adc.channelValues[channel] = this.adc[channel];
      adc.currentChannel = channel;
      adc.sampleAlarm.schedule(2000); // ns: 96 cycles of 48 MHz
    };
  }

  /** Lets `seconds` of the chip's time pass, through a reset if one happens. */
  runFor(seconds) {
    this.runTo(this.cycles + Math.round(seconds * this.clockHz));
  }

  runTo(end) {
    while (this.cycles < end) {
      this.runUntilReset(end);
      if (this.resetWanted === null) continue;
      const reason = this.resetWanted;
      this.resetWanted = null;
      this.resets++;
      this.boot(reason);
      this.onReset(reason);
    }
  }

  /** Power off and on. */
  powerCycle() {
    this.resetWanted = null;
    this.resets++;
    this.boot(POWER_UP);
    this.onReset(POWER_UP);
  }

  /** The flash chip's content now. */
  flashBytes() {
    this.flash.bytes.set(this.mcu.flash.subarray(0, FLASH_SIZE));
    return this.flash.bytes;
  }

  runUntilReset(end) {
    const { core, clock } = this.mcu;
    const { registers } = core;
    const { functions } = this.rom;
    const { cache } = this;
    while (this.cycles < end && this.resetWanted === null) {
      if (this.cycles < this.stillUntil) {
        this.advanceTo(Math.min(end, this.stillUntil, this.nextEvent()));
        continue;
      }
      if (core.waiting) {
        this.advanceTo(Math.min(end, this.nextEvent()));
        continue;
      }
      const pc = registers[15];
      if (pc < ROM_SIZE && functions[pc]) {
        this.callFlash(functions[pc]);
        continue;
      }
      let spent = core.executeInstruction();
      if (cache !== null) spent += cache.take();
      const now = this.cycles + spent;
      if (this.pio.next <= now) this.pio.run(now);
      this.cycles = now;
      const ns = spent * this.cycleNs; // clock.tick, without the call where nothing is due
      const alarm = clock.nextAlarm;
      if (alarm !== null && alarm.nanos <= clock.nanosCounter + ns) clock.tick(ns);
      else clock.nanosCounter += ns;
    }
  }

  advanceTo(cycle) {
    if (this.pio.next <= cycle) this.pio.run(cycle);
    const spent = cycle - this.cycles;
    this.cycles = cycle;
    this.mcu.clock.tick(spent * this.cycleNs);
  }

  /** The cycle of whatever comes next by itself, not before now. */
  nextEvent() {
    const alarm = this.mcu.clock.nextAlarm;
    const left = alarm ? Math.ceil((alarm.nanos - this.mcu.clock.nanosCounter) / this.cycleNs) : Infinity;
    return Math.max(this.cycles, Math.min(this.cycles + Math.max(0, left), this.pio.next));
  }

  /** A flash function of the boot ROM, done here; the processor stands still meanwhile, the rest of the chip runs. */
  callFlash(code) {
    const { core, flash: memory } = this.mcu;
    const registers = core.registers;
    if (code === 'RE') this.standStill(this.flash.erase(memory, registers[0] & 0xffffff, registers[1], this.cycles));
    else if (code === 'RP') {
      const source = registers[1];
      const byte = (i) => this.mcu.readUint8((source + i) >>> 0);
      this.standStill(this.flash.program(memory, registers[0] & 0xffffff, registers[2], byte));
    } else this.advanceTo(this.cycles + ROM_CALL_CYCLES);
    registers[15] = registers[14] & ~1;
  }

  standStill(ms) {
    this.stillUntil = this.cycles + Math.round(ms * 1e-3 * this.clockHz);
  }
}
