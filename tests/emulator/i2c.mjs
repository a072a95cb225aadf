// The two I2C buses, with the times of 400 kHz.
// A device is {start(mode), write(byte) -> ack, read(ack) -> byte, stop()}.
const BIT_US = 2.5;
const BYTE_US = 9 * BIT_US; // eight bits and the acknowledge

export class I2cBuses {
  constructor() {
    this.devices = {}; // by "bus:address"
  }

  /** Takes a chip that has just been reset. */
  attach(mcu) {
    for (const [bus, i2c] of mcu.i2c.entries()) this.attachBus(bus, i2c, mcu.clock);
  }

  attachBus(bus, i2c, clock) {
    const after = (us, action) => clock.createAlarm(action).schedule(us * 1000);
    let device;
    i2c.onStart = () => after(BIT_US, () => i2c.completeStart());
    i2c.onConnect = (address, mode) => {
      device = this.devices[`${bus}:${address}`];
      device?.start?.(mode);
      after(BYTE_US, () => i2c.completeConnect(!!device));
    };
    i2c.onWriteByte = (value) => {
      const ack = device ? device.write(value) !== false : false;
      after(BYTE_US, () => i2c.completeWrite(ack));
    };
    i2c.onReadByte = (ack) => {
      const value = device ? device.read(ack) : 0xff;
      after(BYTE_US, () => i2c.completeRead(value));
    };
    i2c.onStop = () => {
      device?.stop?.();
      after(BIT_US, () => i2c.completeStop());
    };
  }
}
