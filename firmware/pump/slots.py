"""The choice between the two firmwares: three characters in a file. Owns their meaning; touches no file.

The slot that is confirmed, the one on trial, and how often that may still be tried, each `NONE` for none: "a--" runs a,
"ab1" tries b at the next boot, "ab0" has tried it. The loader goes from "ab1" to "ab0" before it starts b, and runs a
where it finds "ab0"; b, once it is sure of itself, goes on to "b--". A first installation has no slot to go back to:
"-a1". PROTOCOL.md has the table; firmware/loader.py, which cannot import this, and the host keep to it.
"""

FILE = "/slots"
SLOTS = "ab"
NONE = "-"


def file_of(slot):
    """The path of a slot's firmware."""
    return "/" + slot + ".fw"


def confirmed(slot):
    """The choice of `slot` for good."""
    return slot + NONE + NONE


def to_be_tried(slot, other):
    """The choice that tries `slot` once; `other` is run afterwards, NONE where there is none."""
    return other + slot + "1"


def of_text(text):
    """(confirmed, on trial, tries left) of a file's text, "" and 0 for none; ("", "", 0) where it makes no sense."""
    if len(text) != 3 or text[0] not in SLOTS + NONE or text[1] not in SLOTS + NONE or text[2] not in "01-":
        return "", "", 0
    return text[0].replace(NONE, ""), text[1].replace(NONE, ""), 1 if text[2] == "1" else 0
