"""The Pico's board, on an emulated chip with an official MicroPython: each test boots a small program of device/."""

import json
from pathlib import Path

import pytest

from pump.board import CAUSE_WATCHDOG
from tests import board_contract
from tests.pico import assembler
from tests.pumps import RIG, program

CONTRACT = Path(board_contract.__file__)
END = "END"


def said(pico, seconds=10):
    """What the program printed before its END."""
    pico.until_usb()
    return pico.until(END, seconds).removesuffix(END).strip()


def test_the_board_keeps_the_contract(boot):
    pico = boot("contract", beside=[CONTRACT])
    pico.do("adc", channel=3, reading=2048)

    # 12 bits of 3.3 V behind a divider by three; MicroPython spreads them over 16, 2048 -> 32776 = 8 * 4097:
    # 32776 / 65535 * 9900 mV = 4951 mV
    assert said(pico) == "passed 4951"


def test_the_contract_is_kept_with_a_sensor_fitted(boot):
    pico = boot("contract", beside=[CONTRACT], stored={"rig": dict(RIG, parts=["adc"])})
    pico.do("adc", channel=0, reading=2048)

    assert said(pico).startswith("passed")


def test_a_promise_that_is_not_kept_is_seen_on_the_chip(boot, tmp_path):
    # the contract's last check of all, of three steps: it asks for four
    checks, last, rest = CONTRACT.read_text().rpartition("made + 3")
    sabotaged = tmp_path / CONTRACT.name
    sabotaged.write_text(checks + "made + 4" + rest)

    answer = said(boot("contract", beside=[sabotaged]))

    assert last and "passed" not in answer
    assert "no_steps_while_off" in answer and answer.endswith("AssertionError:")


@pytest.mark.requirement("C-01")
def test_an_idle_poll_allocates_nothing(boot, say):
    # 36 uL/h: a step of 100 nL every ten seconds; a measurement takes less than one
    stored = {"rig": RIG, "program": program(plans=[[0, 36_000]])}

    figures = json.loads(said(boot("quiet", stored=stored)))

    say("idle, us a call: " + ", ".join(f"{name} {each_us}" for name, (_, each_us) in figures.items()))
    assert {name: allocated for name, (allocated, _) in figures.items()} == dict.fromkeys(figures, 0)


@pytest.mark.requirement("P-03")
def test_a_watchdog_reset_keeps_the_step_count(boot):
    pico = boot("reset")
    pico.run(2.5)                       # 7 steps within 7 ms, then it hangs; the watchdog takes 2 s

    cause, kept, steps = said(pico).split()

    assert pico.do("state")["resets"] == 1
    assert (int(cause), int(kept), int(steps)) == (CAUSE_WATCHDOG, 1000 + 7, 1)      # 1: of the counter's own test


def test_micropython_assembles_the_programs_that_the_other_tests_run(boot):
    for name, words in json.loads(said(boot("assembled"))).items():
        module, program = name.split(".")
        assert getattr(assembler.module(module), program).words == words, name


@pytest.mark.requirement("P-01")
def test_a_counter_that_counts_nothing_is_found_at_boot_and_the_step_pin_stays_still(boot):
    pico = boot("blind")
    pico.do("record", pins=[2])

    # a whole counter, and one whose program has no `jmp x--`
    assert json.loads(said(pico)) == [True, False]
    assert [edge for edge in pico.do("edges") if edge[2]] == []         # it becomes an output, low, and stays low


def test_no_edge_is_lost_when_the_dma_channels_take_turns(boot):
    # 1, the edge of the counter's own test, and sums of 8, 1, 1, 1000, 12345; a run of ten ends with the second, and a
    # thousand times after it
    assert json.loads(said(boot("handover"))) == [9, 10, 11, 1011, 13356]


def test_the_pump_answers_without_a_file_system(boot):
    pico = boot("no_files")
    pico.until_usb()

    status = pico.ask("status")

    assert (status["state"], status["reason"]) == ("fault", "storage fault")
    assert pico.do("output", pin=4) == 1        # the driver is off


@pytest.mark.requirement("D-08")
def test_the_pins_are_quiet_while_the_pump_boots(boot):
    pico = boot()
    pico.do("record", pins=[2, 4])
    pico.until_usb()
    pico.ask("hello")

    assert pico.do("output", pin=2) == 0        # step
    assert pico.do("output", pin=4) == 1        # enable, active low
    assert [edge for edge in pico.do("edges") if edge[1:] == [2, 1] or edge[1:] == [4, 0]] == []


def test_a_stored_rig_says_which_pins_are_used_from_the_next_boot_on(boot):
    pico = boot()
    pico.until_usb()
    pico.push("rig", dict(RIG, pins={"step": 10, "dir": 11, "enable": 12, "button": 14, "led": 13}))
    assert pico.do("output", pin=12) is None

    pico.do("powerCycle")
    pico.until_usb()
    pico.ask("hello")

    assert [pico.do("output", pin=pin) for pin in (10, 11, 12)] == [0, 0, 1]
    assert [pico.do("output", pin=pin) for pin in (2, 3, 4)] == [None, None, None]


@pytest.mark.requirement("C-04")
def test_control_bytes_do_not_reach_the_interpreter(boot):
    pico = boot()
    pico.until_usb()
    pico.ask("hello")

    pico.send(b"\x03\x03\x01\x04\x02\r\x03\n")
    assert "bad_line" in pico.until("\n")
    assert pico.ask("status")["state"] == "stopped"
    assert pico.do("state")["resets"] == 0


def test_the_maintenance_jumper_gives_the_repl(boot):
    pico = boot()
    pico.do("drive", pin=15, level=0)
    pico.do("powerCycle")
    pico.until_usb()
    pico.run(0.1)

    pico.send(b"\r\nprint(6 * 7)\r\n")

    pico.until("42\r\n>>> ")


def test_a_host_that_does_not_read_holds_the_pump_up_for_a_moment_only(boot):
    pico = boot()
    pico.until_usb()
    pico.ask("hello")
    pico.do("read", isReading=False)
    for _ in range(20):                 # more than fits: 20 replies of 150 bytes and more
        pico.send(b'{"do":"hello"}\n')
    pico.run(3)
    assert pico.do("state")["resets"] == 0      # fed within 2 s at all times

    pico.do("read", isReading=True)
    pico.run(0.5)
    pico.serial = b""
    assert pico.ask("status")["state"] == "stopped"
