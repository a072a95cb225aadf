// The host's end of the USB serial port. rp2040js answers every poll of an empty host with an empty packet; here the
// chip gets NAK until there is something to send.
import { USBCDC } from 'rp2040js';

const PACKET = 64;
const PACKET_US = 60; // a full-speed bulk packet of 64 bytes on the wire
const DTR_RTS = 3;

export class UsbSerial {
  constructor() {
    this.onData = () => {};
    this.waiting = []; // bytes for the chip
    this.isUp = false;
    this.isOpen = true; // a host has the port open
    this.isReading = true; // and takes what comes; otherwise the chip's packets stay where they are
    this.held = [];
  }

  /** Takes a chip that has just been reset: it enumerates anew, and what was on its way is lost. */
  attach(mcu) {
    const cdc = (this.cdc = new USBCDC(mcu.usbCtrl));
    this.controller = mcu.usbCtrl;
    this.waiting = [];
    this.roomAt = 0; // bytes the chip is ready to take
    this.isUp = false;
    this.held = [];
    cdc.onDeviceConnected = () => {
      this.isUp = true;
      if (!this.isOpen) this.setOpen(false);
    };
    cdc.onSerialData = (bytes) => this.onData(Buffer.from(bytes));
    this.holdBackWhileNotReading(mcu.usbCtrl, cdc);
    mcu.usbCtrl.onEndpointRead = (endpoint, size) => {
      if (endpoint !== cdc.outEndpoint) return;
      this.roomAt = size;
      this.pass();
    };
  }

  send(bytes) {
    for (const byte of bytes) this.waiting.push(byte);
    this.pass();
  }

  /** Opens or closes the port: DTR and RTS. */
  setOpen(isOpen) {
    this.isOpen = isOpen;
    if (this.isUp) this.cdc.cdcSetControlLineState(isOpen ? DTR_RTS : 0);
  }

  setReading(isReading) {
    this.isReading = isReading;
    if (isReading) for (const deliver of this.held.splice(0)) deliver();
  }

  holdBackWhileNotReading(controller, cdc) {
    const { indicateBufferReady, onEndpointWrite } = controller;
    const later = (isSerial, deliver) => (isSerial && !this.isReading ? this.held.push(deliver) : deliver());
    controller.onEndpointWrite = (endpoint, bytes) =>
      later(endpoint === cdc.inEndpoint, () => onEndpointWrite(endpoint, bytes));
    controller.indicateBufferReady = (endpoint, isOut) =>
      later(endpoint === cdc.inEndpoint && !isOut, () => indicateBufferReady.call(controller, endpoint, isOut));
  }

  pass() {
    if (!this.roomAt || !this.waiting.length) return;
    const size = Math.min(this.roomAt, this.waiting.length, PACKET);
    this.roomAt = 0;
    this.controller.endpointReadDone(this.cdc.outEndpoint, Uint8Array.from(this.waiting.splice(0, size)), PACKET_US);
  }
}
