"""The simulated board keeps the contract that the firmware leans on."""

from pumpsim.board import TICKS_START, SimBoard, SimLink
from pumpsim.flash import NorFlash
from pumpsim.world import World
from tests import board_contract


def make_board():
    world = World()
    return world, SimBoard(world, NorFlash(), SimLink(), b"12345678")


def test_the_simulated_board_keeps_the_contract():
    world, board = make_board()
    names = board_contract.check(board, lambda ms: world.move_to(world.now_ms + ms), allow_motion=True)
    assert len(names) == 17


def test_what_the_contract_asks_of_a_board_with_a_motor_is_part_of_a_revolution():
    world, board = make_board()
    before = board.stepper.edges()
    names = board_contract.check(board, lambda ms: world.move_to(world.now_ms + ms), True, spares_motor=True)
    assert "counted_steps" in names and "fastest_steps" not in names
    # 20 + 5 + 5 + 2 + 3 + 3, 30 in the 30 ms before a halt, 20 in the 20 ms before the driver is off
    assert 88 <= board.stepper.edges() - before <= 92


def test_the_simulated_board_keeps_it_with_a_battery_backed_clock():
    world, board = make_board()
    board.rtc.fit()
    board.rtc.set_utc_s(1_774_872_000)
    board_contract.check(board, lambda ms: world.move_to(world.now_ms + ms), allow_motion=False)
    assert board.rtc.read_utc_s() == 1_774_872_000


def test_the_ticks_start_shortly_before_their_wrap():
    world, board = make_board()
    assert board.clock.ticks_ms() == TICKS_START == 2**30 - 60_000
    world.move_to(60_000)
    assert board.clock.ticks_ms() == 0
