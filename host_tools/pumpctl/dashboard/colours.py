"""Colours that people tell apart whatever their eyes: Okabe and Ito's, and what of them means what here.

Every one comes with a word or a shape: no meaning is in colour alone. The text on them has a contrast of 4.5:1 or more.
"""

BLACK = "#000000"
WHITE = "#ffffff"
ORANGE = "#e69f00"
SKY = "#56b4e9"
GREEN = "#009e73"
YELLOW = "#f0e442"
BLUE = "#0072b2"
VERMILLION = "#d55e00"
GREY = "#d9d9d9"

STATES = {"running": GREEN, "stopped": GREY, "suspended": ORANGE, "priming": SKY, "withdrawing": SKY,
          "fault": VERMILLION}
ICONS = {"running": "play_arrow", "stopped": "stop", "suspended": "pause", "priming": "fast_forward",
         "withdrawing": "fast_rewind", "fault": "warning"}
PRIORITIES = {"high": VERMILLION, "medium": ORANGE, "low": SKY}


def contrast(first: str, second: str) -> float:
    """Of two colours, 1 to 21, as the Web Content Accessibility Guidelines count it."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
