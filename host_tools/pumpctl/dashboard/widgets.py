"""Small parts of the page: a button with its key, a figure, what is told in passing. Knows no pump."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from nicegui import ui

from pumpctl.errors import HostError, one_line

TOLD_MS = 10_000


def keys_text(key: str) -> str:
    """A key as HTML; "" where there is none."""
    return f"<kbd>{escape(key.upper())}</kbd>" if key else ""


def button(label: str, key: str, on_click: Callable[[], Any], kind: str = "") -> ui.button:
    """A button that says which key does the same."""
    made = ui.button(on_click=on_click, color=None).props(f'no-caps unelevated aria-label="{label}"')
    made.classes(f"deed {kind}")
    with made:
        text = ui.html(f"{escape(label)}{keys_text(key)}", sanitize=False)
    if key:
        made.props(f"aria-keyshortcuts={key}")
    made.text_part = text
    return made


def relabel(made: ui.button, label: str, key: str) -> None:
    """Other words on a button."""
    made.text_part.set_content(f"{escape(label)}{keys_text(key)}")
    made.props(f'aria-label="{escape(label)}"')


class Figure:
    """A name and a value, one line."""

    def __init__(self, what: str, kind: str = ""):
        with ui.element("div").classes(f"figure {kind}") as self.box:
            ui.label(what).classes("what")
            self._value = ui.label("").classes("value")

    def show(self, text: str) -> None:
        self._value.set_text(text)


def tell(text: str) -> None:
    """Something went as it should."""
    ui.notify(text, position="bottom-right", timeout=TOLD_MS // 3, color="white", textColor="black")


def complain(text: str) -> None:
    """Something did not."""
    ui.notify(text, icon="warning", position="bottom-right", timeout=TOLD_MS, close_button="Close", color="bad",
              textColor="black")


def complain_of(error: HostError, what: str = "") -> None:
    """An error of `what`, with what to do next."""
    complain(f"{what}: {one_line(error.message, error.hint)}" if what else one_line(error.message, error.hint))


def toggle(part: ui.element, name: str, is_on: bool) -> None:
    """A class that is there or not."""
    part.classes(add=name) if is_on else part.classes(remove=name)
