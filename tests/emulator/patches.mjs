// Small corrections to rp2040js, applied once to its classes: I2C, the absent second core, waking from sleep, UART,
// overridden inputs; and to each chip: its pads.

const PAD_RESET = 0x56; // RP2040 datasheet, PADS_BANK0: input enabled, 4 mA, pull-down, Schmitt trigger
let isPatched = false;

export function patchPeripherals(mcu) {
  for (const pin of mcu.gpio) pin.padValue = PAD_RESET;
  if (isPatched) return;
  isPatched = true;
  patchI2cAbort(mcu.i2c[0].constructor.prototype);
  patchSecondCore(mcu.sio.constructor.prototype, mcu.peripherals[0x40010].constructor.prototype);
  patchWaking(mcu.core.constructor.prototype);
  patchUart(mcu.uart[0].constructor.prototype);
  patchOverrides(mcu.peripherals[0x40014].constructor.prototype);
}

/** A state machine that waits for a pin sees at once what a new input override makes of it. */
function patchOverrides(io) {
  const GPIO_CTRL_END = 0xf0;
  const { writeUint32 } = io;
  io.writeUint32 = function (offset, value) {
    writeUint32.call(this, offset, value);
    if (offset >= GPIO_CTRL_END) return;
    for (const pio of this.rp2040.pio) for (const machine of pio.machines) machine.checkWait();
  };
}

/** Its transmit FIFO is always empty, which is no event: the interrupt for that came for ever. */
function patchUart(uart) {
  uart.checkInterrupts = function () {
    this.rp2040.setInterrupt(this.irq, !!(this.interruptStatus & this.interruptMask));
  };
}

/** A NACK empties the transmit FIFO, which raises TX_EMPTY; without it the SDK reports a timeout instead of EIO. */
function patchI2cAbort(i2c) {
  const abort = i2c.abort;
  i2c.abort = function (reason) {
    abort.call(this, reason);
    this.setInterrupts(1 << 4);
  };
}

/** There is one core. Only the hand-shake of a reset of the other is answered: it sends one 0. */
function patchSecondCore(sio, psm) {
  const FIFO_ST = 0x50;
  const FIFO_WR = 0x54;
  const FIFO_RD = 0x58;
  const FRCE_OFF = 4;
  const PROC1 = 0x10000;
  const { readUint32, writeUint32 } = sio;
  sio.readUint32 = function (offset) {
    if (offset === FIFO_ST) return this.hasReset ? 3 : 2;
    if (offset !== FIFO_RD) return readUint32.call(this, offset);
    this.hasReset = false;
    return 0;
  };
  sio.writeUint32 = function (offset, value) {
    if (offset !== FIFO_ST && offset !== FIFO_WR) writeUint32.call(this, offset, value);
  };
  const writePsm = psm.writeUint32;
  psm.writeUint32 = function (offset, value) {
    if (offset === FRCE_OFF) {
      if (this.isOtherOff && !(value & PROC1)) this.rp2040.sio.hasReset = true;
      this.isOtherOff = !!(value & PROC1);
    }
    writePsm.call(this, offset, value);
  };
}

/** WFI and WFE with interrupts masked wake up without taking the exception. */
function patchWaking(core) {
  const setInterrupt = core.setInterrupt;
  core.setInterrupt = function (irq, value) {
    if (!(this.waiting && this.PM && value)) return setInterrupt.call(this, irq, value);
    const bit = 1 << irq;
    this.pendingInterrupts |= bit;
    this.interruptsUpdated = true;
    if (this.enabledInterrupts & bit) this.waiting = false;
  };
}
