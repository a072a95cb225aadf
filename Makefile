# Everything runs in .venv, made on first use. Needs Python 3.11+, make and git; no compiler.
PYTHON ?= python3
BIN := .venv/bin
EXAMPLES ?= 200
LINES ?= 1000000
SAMPLE ?= 400
YEARS ?= 100
READY := .venv/ready
COVERED := --cov --cov-report=term-missing:skip-covered

.PHONY: demo test coverage mutate prove soak model fuzz unplug trace bench deploy emulate test-emulator bench-emulator test-device clean

demo: $(READY)            ## seven simulated days behind a virtual serial port, results in out/demo/
	@$(BIN)/python host_tools/examples/demo.py

test: $(READY)            ## all tests, and every branch of firmware/pump; those on the emulated Pico: see test-emulator
	$(BIN)/ruff check
	@mkdir -p out
	$(BIN)/pytest -n auto $(COVERED) --ignore tests/emulator --junitxml out/tests.xml

coverage: $(READY)        ## branches of firmware/pump that its own tests run; fails below 100 %
	@mkdir -p out
	$(BIN)/pytest -n auto $(COVERED) -m "not long" tests/pump

mutate: $(READY)          ## make mutate SAMPLE=400: how many changes of firmware/pump its tests see; SAMPLE=0: of all
	@$(BIN)/python -m tests.mutation --sample $(SAMPLE) $(if $(SEED),--seed $(SEED))

prove: $(READY)           ## the power cut at every flash operation of a simulated day: nothing lost, nothing repeated
	@$(BIN)/python -m pumpsim prove

soak: $(READY)            ## make soak YEARS=100: random programs, users and faults for pump-years, on all cores
	@$(BIN)/pumpsim soak --years $(YEARS)

model: $(READY)           ## make model EXAMPLES=200: the pump against its model for many stories of 30 simulated days and more
	@$(BIN)/python -m tests.model --examples $(EXAMPLES)

fuzz: $(READY)            ## make fuzz LINES=1000000: lines of any content change nothing on a pump with keys
	@$(BIN)/python -m tests.fuzz --lines $(LINES)

unplug: $(READY)          ## the cable pulled at every byte of every command: what the host says is what the pump did
	@$(BIN)/python -m tests.unplug

trace: $(READY)           ## requirement, tests, scenarios, and how they ended in the last make test; fails on a hole
	@$(BIN)/python -m tests.trace

bench: $(READY)           ## the figures of the README, measured on this machine; of coverage and mutants the last ones
	$(BIN)/python -m tests.bench.bench

deploy: $(READY)          ## make deploy PORT=/dev/ttyACM0 RIG=rig.toml: pumpctl flash
	$(BIN)/pumpctl flash --port "$(PORT)" $(if $(RIG),--rig "$(RIG)")

emulate: $(READY)         ## make emulate UF2=file BOOTROM=file [FLASH=file] [PORT=tcp:4000]: an emulated Pico behind a pty
	@PICO_UF2="$(or $(UF2),$(PICO_UF2))" PICO_BOOTROM="$(or $(BOOTROM),$(PICO_BOOTROM))" $(BIN)/python -m tests.emulator $(PORT) $(if $(FLASH),--flash "$(FLASH)")

test-emulator: $(READY)   ## make test-emulator UF2=file BOOTROM=file: the end-to-end tests on the emulated Pico
	PICO_UF2="$(or $(UF2),$(PICO_UF2))" PICO_BOOTROM="$(or $(BOOTROM),$(PICO_BOOTROM))" $(BIN)/pytest -s tests/emulator tests/device

test-device: $(READY)     ## make test-device PORT=/dev/ttyACM0 [ALLOW_MOTION=1]: the board contract and end-to-end tests on a rig
	@test -n "$(PORT)" || { echo "make test-device: give the port of a pump: make test-device PORT=/dev/ttyACM0"; exit 2; }
	DEVICE_PORT="$(PORT)" ALLOW_MOTION="$(ALLOW_MOTION)" $(BIN)/pytest -s -rs tests/device

bench-emulator: $(READY)  ## make bench-emulator UF2=file BOOTROM=file [WRITE=1]: the figures of firmware/DESIGN.md
	@PICO_UF2="$(or $(UF2),$(PICO_UF2))" PICO_BOOTROM="$(or $(BOOTROM),$(PICO_BOOTROM))" WRITE="$(WRITE)" $(BIN)/pytest -s -m figure tests/emulator

clean:
	rm -rf out .hypothesis

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e ".[test]"
	@touch $@
