// The RP2040's boot ROM image: its words, and where its flash functions begin.
import fs from 'node:fs';

export const ROM_SIZE = 0x4000;
const TABLE_POINTER = 0x14; // 16-bit address of the function table: pairs of a two-letter code and an address
const FLASH_FUNCTIONS = ['IF', 'EX', 'FC', 'CX', 'RE', 'RP']; // connect, exit XIP, flush, enter XIP, erase, program

/** {words, functions}: functions maps an address in ROM to the code of the flash function that begins there. */
export function readRom(path) {
  const bytes = fs.readFileSync(path);
  if (bytes.length !== ROM_SIZE) throw new Error(`${path} is no RP2040 boot ROM: it has ${bytes.length} bytes`);
  const functions = new Array(ROM_SIZE);
  for (let at = bytes.readUInt16LE(TABLE_POINTER); bytes.readUInt16LE(at); at += 4) {
    const code = bytes.toString('latin1', at, at + 2);
    if (FLASH_FUNCTIONS.includes(code)) functions[bytes.readUInt16LE(at + 2) & ~1] = code;
  }
  const words = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + ROM_SIZE));
  return { words, functions };
}
