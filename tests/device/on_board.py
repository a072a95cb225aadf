"""Runs on the Pico, at the prompt, as the main of an image that is mounted for it: the board contract.

What it leaves running is the watchdog, so the board resets by itself and the pump is there again.
"""

from time import sleep_ms

import board_contract

from pico.board import PicoBoard

MAY_MOVE = False
SPARES_MOTOR = True

board = PicoBoard()


def wait_ms(ms):
    board.watchdog.feed()
    sleep_ms(ms)
    board.watchdog.feed()


board.watchdog.feed()
print(board_contract.check(board, wait_ms, MAY_MOVE, SPARES_MOTOR))
