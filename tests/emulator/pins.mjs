// The 30 pins: levels driven from outside, edges made by the chip, each with the cycle at which it came.

const LOW = 0;
const HIGH = 1;
const PULL_UP = 3;
const PULL_DOWN = 4;

export class Pins {
  constructor() {
    this.driven = new Array(30).fill(null); // from outside: null, 0, 1
    this.edges = []; // [cycle, pin, level] of outputs
    this.risingEdges = new Array(30).fill(0);
    this.recorded = new Set(); // pins whose edges are kept
    this.watchers = new Array(30).fill(null); // (level, cycle) of each edge that the chip makes
    this.intervals = new Map(); // pin -> of its rising edges: edges, last, least, most
  }

  /** Takes a chip that has just been reset; `now()` gives the cycle. */
  attach(mcu, now) {
    this.gpio = mcu.gpio;
    for (const pin of mcu.gpio) {
      pin.addListener((state) => this.changed(pin, state, now));
      if (this.driven[pin.index] !== null) pin.rawInputValue = !!this.driven[pin.index];
    }
  }

  changed(pin, state, now) {
    let level = pin.rawInputValue;
    if (state === LOW || state === HIGH) {
      level = state === HIGH; // an output is read back on its own input
      if (level) this.risen(pin.index, now);
      this.watchers[pin.index]?.(state, now());
      if (this.recorded.has(pin.index)) this.edges.push([now(), pin.index, state]);
    } else if (this.driven[pin.index] !== null) level = !!this.driven[pin.index];
    else if (state === PULL_UP) level = true;
    else if (state === PULL_DOWN) level = false;
    if (pin.rawInputValue !== level) pin.setInputValue(level);
  }

  risen(index, now) {
    this.risingEdges[index]++;
    const seen = this.intervals.get(index);
    if (!seen) return;
    const cycle = now();
    if (seen.edges++) {
      seen.least = Math.min(seen.least, cycle - seen.last);
      seen.most = Math.max(seen.most, cycle - seen.last);
    }
    seen.last = cycle;
  }

  /** What came on a pin since the last call: {edges, last, least, most}, rising edges and cycles between them. */
  takeIntervals(index) {
    const seen = this.intervals.get(index);
    this.intervals.set(index, { edges: 0, last: 0, least: Infinity, most: 0 });
    return seen;
  }

  /** Drives a pin from outside, or lets it go with null. */
  drive(index, level) {
    this.driven[index] = level;
    const pin = this.gpio[index];
    if (pin.outputEnable) return;
    const next = level !== null ? !!level : pin.pullupEnabled;
    if (pin.rawInputValue !== next) pin.setInputValue(next);
  }

  /** 0 or 1 of what the chip drives, null where it drives nothing. */
  output(index) {
    const pin = this.gpio[index];
    return pin.outputEnable ? Number(pin.outputValue) : null;
  }

  /** The edges recorded since the last call. */
  takeEdges() {
    const taken = this.edges;
    this.edges = [];
    return taken;
  }
}
