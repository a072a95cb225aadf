"""The Raspberry Pi Pico: thin adapters between the board contract (pump/board.py) and MicroPython's modules."""
