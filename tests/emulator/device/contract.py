"""Runs on the Pico as its main: the board contract, then the supply's voltage."""

import sys
from time import sleep_ms

import board_contract

from pico.board import PicoBoard

board = PicoBoard()


def wait_ms(ms):
    board.watchdog.feed()
    sleep_ms(ms)
    board.watchdog.feed()


sleep_ms(200)                           # for USB to come up
board.watchdog.feed()
try:
    board_contract.check(board, wait_ms, True)
    print("passed", board.supply.read_mv(), "END")
except Exception as error:
    sys.print_exception(error)
    print("END")
while True:
    wait_ms(100)
