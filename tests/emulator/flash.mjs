// The 2 MiB flash chip beside the RP2040: what is in it, how long it is busy, how often it was erased.
import fs from 'node:fs';

export const FLASH_SIZE = 2 * 1024 * 1024;
export const FILES_OFFSET = 0xa0000; // where MicroPython's board RPI_PICO keeps its file system
export const FILES_SIZE = FLASH_SIZE - FILES_OFFSET;
const SECTOR = 4096;
const BLOCK = 65536;
const PAGE = 256;
// Typical times of the Pico's W25Q16JV.
const SECTOR_ERASE_MS = 45;
const BLOCK_ERASE_MS = 150;
const PAGE_PROGRAM_MS = 0.4;

export class Flash {
  constructor() {
    this.bytes = new Uint8Array(FLASH_SIZE).fill(0xff);
    this.sectorErases = 0;
    this.eraseCycles = []; // when each erase began
    this.programmedBytes = 0;
  }

  /** Puts the image of a UF2 file into the chip. */
  loadUf2(path) {
    const file = fs.readFileSync(path);
    for (let at = 0; at + 512 <= file.length; at += 512) {
      if (file.readUInt32LE(at) !== 0x0a324655) throw new Error(`${path} is no UF2 file`);
      const address = file.readUInt32LE(at + 12) - 0x10000000;
      const size = file.readUInt32LE(at + 16);
      if (address >= 0 && address + size <= FLASH_SIZE) this.bytes.set(file.subarray(at + 32, at + 32 + size), address);
    }
  }

  /** Puts a file system image into the chip. */
  loadFiles(path) {
    this.bytes.set(fs.readFileSync(path).subarray(0, FILES_SIZE), FILES_OFFSET);
  }

  /** Erases whole sectors of `memory` at cycle `now`; returns the ms that takes. */
  erase(memory, address, size, now) {
    this.eraseCycles.push(now);
    memory.fill(0xff, address, address + size);
    this.sectorErases += size / SECTOR;
    let ms = 0;
    for (let at = address; at < address + size;) {
      const whole = at % BLOCK === 0 && address + size - at >= BLOCK;
      ms += whole ? BLOCK_ERASE_MS : SECTOR_ERASE_MS;
      at += whole ? BLOCK : SECTOR;
    }
    return ms;
  }

  /** Programs whole pages: bits go from 1 to 0 only. `source(i)` gives byte i. Returns the ms that takes. */
  program(memory, address, size, source) {
    for (let i = 0; i < size; i++) memory[address + i] &= source(i);
    this.programmedBytes += size;
    return Math.ceil(size / PAGE) * PAGE_PROGRAM_MS;
  }
}
