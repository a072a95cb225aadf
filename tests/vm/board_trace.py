"""The text of a recorded board call, for recorder and replayer alike. Runs on CPython and MicroPython.

A line is: path, arguments, "=", result, separated by tabs. An exception is the result "!" and its name: OSError for
storage that refuses, ValueError for a part that fails as none must.
"""

import binascii

# The contract of pump/board.py: what each part of a board may be asked, and which of it are plain values.
PARTS = {
    "clock": ("ticks_ms", "sleep_ms"),
    "stepper": ("ticks_per_ms", "min_interval", "max_interval", "drive", "room", "put", "halt", "reverse", "enable"),
    "counter": ("is_counting", "steps", "keep", "kept"),
    "storage": ("read", "read_part", "size", "names", "write", "append", "remove"),
    "link": ("readinto", "write"),
    "inputs": ("read",),
    "pressure": ("read",),
    "indicator": ("show",),
    "driver": ("is_ready",),
    "supply": ("read_mv", "read_chip_c"),
    "rtc": ("read_utc_s", "set_utc_s"),
    "watchdog": ("feed", "reset_cause"),
    "firmware": ("slot", "build", "is_trial", "has_returned", "confirm", "give_up", "hand_over"),
    "board": ("name", "unique_id", "entropy", "memory_free"),
}
ERRORS = {"!OSError": OSError, "!ValueError": ValueError}
VALUES = ("ticks_per_ms", "min_interval", "max_interval", "reset_cause", "name", "unique_id", "slot", "build",
          "is_trial", "has_returned", "is_counting")


def encode(value):
    """None, bool, int, bytes, text without tabs, or a list of such -> text, one to one."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return "'" + value
    if isinstance(value, list):
        return "[" + " ".join([encode(item) for item in value])
    return "x" + binascii.hexlify(bytes(value)).decode()


def decode(text):
    """The value that `encode` made `text` of."""
    if text in ("none", "true", "false"):
        return {"none": None, "true": True, "false": False}[text]
    if text[0] == "'":
        return text[1:]
    if text[0] == "[":
        return [decode(item) for item in text[1:].split(" ")] if len(text) > 1 else []
    if text[0] == "x":
        return binascii.unhexlify(text[1:])
    return int(text)


def call_text(path, arguments):
    """The line's part before the result."""
    return "\t".join([path] + [encode(argument) for argument in arguments] + ["=", ""])
