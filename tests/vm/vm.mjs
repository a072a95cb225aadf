// Runs a folder on a MicroPython VM: the folder becomes the VM's root, main.py is imported, and step() is called
// until it returns False. Garbage is collected only between those calls, so each should be short.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const HEAP_BYTES = 32 << 20;
const PYTHON_STACK_BYTES = 64 << 10;

function mount(vm, folder, target) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const source = join(folder, entry.name);
    const place = `${target}/${entry.name}`;
    if (entry.isDirectory()) {
      vm.FS.mkdir(place);
      mount(vm, source, place);
    } else {
      vm.FS.writeFile(place, readFileSync(source));
    }
  }
}

const vm = await loadMicroPython({
  heapsize: HEAP_BYTES,
  pystack: PYTHON_STACK_BYTES,
  stdout: (line) => process.stdout.write(`${line}\n`),
});
mount(vm, process.argv[2], "");
try {
  vm.runPython("import sys\nsys.path[:] = ['/']\nimport main");
  const step = vm.pyimport("main").step;
  while (step());
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
