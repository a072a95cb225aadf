"""The optional parts: finds the adapter of each part that a rig says is fitted, and stands in for those that are not.

An import at a file's head would cost every pump the heap of every part: up to 2 KB each, and the time to load it. So
these modules stay apart from the one that all others become (pumpctl/bundle.py), and here is the one place where a
module is named at run time; tests/pico/test_parts.py holds it to the modules and classes that are there.
"""


class Absent:
    """In place of every part that is not fitted: there is nothing to read, and nothing happens."""

    def read(self):
        return None

    def read_utc_s(self):
        return None

    def set_utc_s(self, utc_s):
        pass

    def show(self, pattern):
        pass

    def is_ready(self, is_at_rest):
        return True


def fitted(parts, name, *arguments):
    """The part of this name, a key of pump.rig.PARTS: class Name of pico/name.py; Absent where it is not in `parts`."""
    if name not in parts:
        return Absent()
    title = name[0].upper() + name[1:]
    return getattr(__import__("pico." + name, None, None, (title,)), title)(*arguments)


def lamp(parts, pin):
    """Three colours where they are fitted, otherwise the single lamp at this pin."""
    for name in ("rgb", "leds"):
        if name in parts:
            return fitted(parts, name)
    return fitted(("lamp",), "lamp", pin)
