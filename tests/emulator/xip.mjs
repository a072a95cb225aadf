// An estimate of the RP2040's flash cache: 16 KiB, two ways, lines of eight bytes filled word by word. What a miss
// costs is a guess (about 45 cycles); without this the interpreter runs as if all of it were in RAM.
const LINES = 2048;
const SETS = 1024;

export class FlashCache {
  constructor(missCycles) {
    this.missCycles = missCycles;
    this.owed = 0; // cycles not yet spent
  }

  /** Takes a chip that has just been reset. */
  attach(mcu) {
    this.tags = new Int32Array(LINES).fill(-1);
    this.filled = new Uint8Array(LINES); // bit 0: first word, bit 1: second word
    this.oldest = new Uint8Array(SETS);
    for (const name of ['readUint32', 'readUint16', 'readUint8']) {
      const read = Object.getPrototypeOf(mcu)[name];
      mcu[name] = (address) => {
        if (address >>> 24 === 0x10) this.touch(address);
        return read.call(mcu, address);
      };
    }
  }

  touch(address) {
    const line = (address & 0xffffff) >>> 3;
    const set = line & (SETS - 1);
    const word = address & 4 ? 2 : 1;
    let way = set << 1;
    if (this.tags[way] !== line) {
      if (this.tags[way + 1] === line) way++;
      else {
        way += this.oldest[set];
        this.tags[way] = line;
        this.filled[way] = 0;
      }
    }
    this.oldest[set] = (way & 1) ^ 1;
    if (this.filled[way] & word) return;
    this.filled[way] |= word;
    this.owed += this.missCycles;
  }

  /** Cycles to spend now. */
  take() {
    const cycles = this.owed;
    this.owed = 0;
    return cycles;
  }
}
