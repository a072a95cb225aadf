// PIO on the emulated system clock. rp2040js runs its state machines from setTimeout, unrelated to the cycles of the
// processor; here each has the cycle of its next instruction, clock divider and delays included.
//
// A machine has, beside the package's own fields: next (cycle of its next instruction, Infinity while it waits or is
// off), divider, phase (cycle at which its divider started), skipped (a counted loop that was jumped over).

const CTRL = 0x000;
const SM0 = 0x0c8; // CLKDIV, EXECCTRL, SHIFTCTRL, ADDR, INSTR, PINCTRL of machine 0; 24 bytes each
const SM_SIZE = 24;
const CLKDIV = 0;
const SHIFTCTRL = 8;
const INSTR = 16;
const FIFO_JOIN = 0xc0000000;

export class PioClock {
  /** `board` has `cycles`, the processor's. */
  constructor(board, mcu) {
    this.board = board;
    this.machines = [...mcu.pio[0].machines, ...mcu.pio[1].machines];
    for (const machine of this.machines) {
      machine.clock = this;
      machine.next = Infinity;
      machine.divider = 1;
      machine.phase = board.cycles;
      machine.skipped = null;
      machine.isExecuting = false;
      machine.isExecStalled = false;
    }
    for (const pio of mcu.pio) pio.clock = this;
    this.next = Infinity; // cycle at which any machine has something to do
    this.running = -1; // cycle of the instruction that is being executed, or -1
    this.woke = false; // an instruction has woken another machine
    patch(mcu);
  }

  /** The cycle it is, for whatever a state machine or the processor does. */
  now() {
    return this.running >= 0 ? this.running : this.board.cycles;
  }

  /** Executes all instructions up to and including cycle `limit`, in order. */
  run(limit) {
    for (;;) {
      const [machine, others] = this.earliest();
      if (machine === null || machine.next > limit) break;
      do this.step(machine);
      while (machine.next <= limit && machine.next < others && !this.woke);
    }
    this.running = -1;
    this.plan();
  }

  plan() {
    let next = Infinity;
    for (const machine of this.machines) if (machine.next < next) next = machine.next;
    this.next = next;
  }

  /** [the machine whose turn it is or null, the cycle of the next other one] */
  earliest() {
    let first = null;
    let next = Infinity;
    let others = Infinity;
    for (const machine of this.machines) {
      if (machine.next < next) {
        others = next;
        next = machine.next;
        first = machine;
      } else if (machine.next < others) others = machine.next;
    }
    return [first, others];
  }

  step(machine) {
    const { pio, pc, cycles, next: now } = machine;
    const opcode = pio.instructions[pc];
    this.running = now;
    this.woke = false;
    machine.skipped = null;
    machine.isExecuting = true;
    machine.updatePC = true;
    machine.next = Infinity;
    machine.executeInstruction(opcode);
    if (machine.updatePC) machine.nextPC();
    machine.isExecuting = false;
    if (!machine.waiting) {
      const period = (machine.cycles - cycles) * machine.divider;
      machine.next = now + period;
      skipLoop(machine, opcode, pc, period);
    }
    if (pio.oldPinValues !== pio.pinValues || pio.oldPinDirections !== pio.pinDirections) pio.checkChangedPins();
  }

  /** Somebody looks at or changes `machine`: it is as if the loop it jumped over had been run until now. */
  unwind(machine, now) {
    const loop = machine.skipped;
    machine.skipped = null;
    if (!loop || now >= machine.next) return;
    const turns = Math.min(loop.turns, Math.max(0, Math.ceil((now - loop.start) / loop.period)));
    machine[loop.register] = loop.turns - turns;
    machine.next = loop.start + turns * loop.period;
  }
}

/** `label: jmp x-- label` and the like for y: the rest of its turns at once. */
function skipLoop(machine, opcode, pc, period) {
  const isJump = (opcode & 0xe000) === 0 && (opcode & 0x1f) === pc && machine.pc === pc;
  const register = isJump ? { 2: 'x', 4: 'y' }[(opcode >> 5) & 7] : undefined;
  if (register === undefined || machine[register] === 0) return;
  const turns = machine[register] >>> 0;
  machine.skipped = { register, turns, period, start: machine.next };
  machine[register] = 0;
  machine.next += turns * period;
}

let isPatched = false;

function patch(mcu) {
  if (isPatched) return; // prototypes are shared by all boards of this process
  isPatched = true;
  const Pio = mcu.pio[0].constructor;
  const Machine = mcu.pio[0].machines[0].constructor;
  Pio.prototype.run = () => {};
  patchWaiting(Machine.prototype);
  patchRegisters(Pio.prototype, mcu.pio[0].machines[0].txFIFO.constructor);
}

function patchWaiting(machine) {
  const checkWait = machine.checkWait;
  machine.checkWait = function () {
    if (!this.waiting || (!this.isExecuting && !this.enabled && !this.isExecStalled)) return;
    checkWait.call(this);
    if (this.waiting || this.isExecuting) return;
    this.isExecStalled = false;
    if (!this.enabled) return;
    const clock = this.clock; // it goes on at the next edge of its divided clock, its delay after that
    const edges = Math.ceil((clock.now() - this.phase) / this.divider);
    this.next = this.phase + (edges + 1 + Math.max(0, this.waitDelay)) * this.divider;
    clock.woke = true;
    if (this.next < clock.next) clock.next = this.next;
  };
  machine.clkDivRestart = function () {
    this.phase = this.clock.now();
  };
}

function patchRegisters(pio, Fifo) {
  const write = pio.writeUint32;
  pio.writeUint32 = function (offset, value) {
    const now = this.clock.now();
    const index = Math.floor((offset - SM0) / SM_SIZE);
    if (offset === CTRL) writeControl(this, value, now, () => write.call(this, offset, value));
    else if (index >= 0 && index < 4) {
      const machine = this.machines[index];
      this.clock.unwind(machine, now);
      writeMachine(machine, (offset - SM0) % SM_SIZE, now, Fifo, () => write.call(this, offset, value));
    } else write.call(this, offset, value);
    if (this.oldPinValues !== this.pinValues || this.oldPinDirections !== this.pinDirections) this.checkChangedPins();
    this.clock.plan();
  };
}

function writeControl(pio, value, now, write) {
  const wasEnabled = pio.machines.map((machine) => machine.enabled);
  for (const machine of pio.machines) pio.clock.unwind(machine, now);
  write();
  for (const [i, machine] of pio.machines.entries()) {
    const isRestarted = value & (1 << (4 + i));
    if (!machine.enabled) machine.next = Infinity;
    else if (!wasEnabled[i] || isRestarted) {
      if (!wasEnabled[i]) machine.phase = now;
      machine.next = machine.waiting ? Infinity : now + 1;
      machine.checkWait();
    }
  }
}

function writeMachine(machine, register, now, Fifo, write) {
  if (register === INSTR) return executeNow(machine, now, write);
  const joinBefore = machine.shiftCtrl & FIFO_JOIN;
  write();
  if (register === CLKDIV) machine.divider = (machine.clockDivInt || 65536) + machine.clockDivFrac / 256;
  if (register === SHIFTCTRL && (machine.shiftCtrl & FIFO_JOIN) !== joinBefore) joinFifos(machine, Fifo);
}

/** Eight words one way or four each; whatever was in them is gone. */
function joinFifos(machine, Fifo) {
  const isTx = machine.shiftCtrl & 0x40000000;
  const isRx = machine.shiftCtrl & 0x80000000;
  machine.txFIFO = new Fifo(isTx ? 8 : isRx ? 0 : 4);
  machine.rxFIFO = new Fifo(isRx ? 8 : isTx ? 0 : 4);
  machine.updateDMATx();
  machine.updateDMARx();
  machine.pio.checkInterrupts();
}

/** An instruction written by the processor. A machine that waited goes on waiting unless it was sent elsewhere. */
function executeNow(machine, now, write) {
  const { waiting, waitType, waitPolarity, waitIndex, waitDelay, pc } = machine;
  machine.waiting = false;
  machine.isExecuting = true;
  write();
  machine.isExecuting = false;
  if (machine.waiting) {
    machine.isExecStalled = true;
    machine.next = Infinity;
  } else if (waiting && machine.pc === pc) {
    Object.assign(machine, { waiting, waitType, waitPolarity, waitIndex, waitDelay });
    machine.checkWait();
  } else if (waiting && machine.enabled) machine.next = now + 1;
}
