"""The program editor: a TOML text, its check and preview, and then, and only then, sending it.

Tab leaves the text as it leaves any field; nothing is sent that was not previewed as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from nicegui import run, ui

from pumpctl.cli import volume_text
from pumpctl.dashboard.drafts import Draft, difference_text, draft_of
from pumpctl.dashboard.station import Station
from pumpctl.dashboard.widgets import button, complain, complain_of, relabel, tell
from pumpctl.errors import HostError
from pumpctl.live_view import View

ANSWER_S = 30


@dataclass
class Kept:
    """The text as it was typed last: a page that is loaded again begins with it."""

    text: str


class Editor:
    """`station()` is the pump that is chosen now."""

    def __init__(self, station: Callable[[], Station], kept: Kept):
        self._station = station
        self._kept = kept
        self._draft: Draft | None = None
        self._of: tuple[object, ...] = ()             # what the draft was previewed for
        with ui.element("div").classes("editor"):
            with ui.element("div"):
                ui.html('<label for="program-text" class="small"><b>Program</b> (TOML)</label>', sanitize=False)
                self._text = ui.element("textarea").props('id="program-text" spellcheck=false autocomplete=off '
                                                          'aria-describedby="verdict"')
                self._text.on("input", self._typed, js_handler="(event) => emit(event.target.value)", throttle=0.2)
                self._text.props["defaultValue"] = kept.text        # the text of the field until somebody types
                with ui.element("div").classes("deeds").style("margin-top: .5rem"):
                    button("Check and preview", "", self.preview, "act")
                    self._send = button("Send to the pump", "", self.send, "go")
                    self._anyway = ui.checkbox("beyond its soft limits: send it all the same").classes("small")
            with ui.element("div"):
                self._verdict = ui.html("", sanitize=False).props('id="verdict" role="status"')
                self._found = ui.html("", sanitize=False)
        self._anyway.set_visibility(False)
        self._send.set_enabled(False)
        self._verdict.set_content('<div class="verdict stale">Not checked yet.</div>')

    def to(self, name: str) -> None:
        """The pump that is meant is another one, called so."""
        relabel(self._send, f"Send to {name}", "")
        self._found.set_content("")
        self._forget(f"Not checked yet for {name}.")

    def _typed(self, event) -> None:
        self._kept.text = event.args
        if self._draft is not None and event.args != self._draft.text:
            self._forget("Changed since the last check.")

    def _forget(self, why: str) -> None:
        self._draft = None
        self._send.set_enabled(False)
        self._verdict.set_content(f'<div class="verdict stale">{escape(why)}</div>')

    async def preview(self) -> None:
        """Checks the text and shows what it would do."""
        text = await ui.run_javascript("document.getElementById('program-text').value", timeout=ANSWER_S)
        self._kept.text = text
        self._forget("Checking ...")
        view = self._station().view()
        level_nl = view.status.reservoir_nl if view.status else 0
        utc_ms = view.status.utc_ms if view.status else None
        draft = await run.io_bound(draft_of, text, view.rig, view.program, utc_ms, level_nl)
        self._draft, self._of = draft, _for(view)
        self._send.set_enabled(draft.file is not None and view.rig is not None)
        self._anyway.set_value(False)
        self._anyway.set_visibility(bool(draft.beyond))
        self._verdict.set_content(_verdict(draft, view.rig.name if view.rig else ""))
        self._found.set_content(_found(draft) if draft.file else "")
        if draft.line:
            ui.run_javascript(_go_to(draft.line, draft.column))

    async def send(self) -> None:
        """Sends what was previewed; the pump checks it again."""
        draft = self._draft
        if draft is None or draft.file is None:
            complain("Check and preview it first")
            return
        if self._of != _for(self._station().view()):
            self._forget("Another rig or program is in the pump than before. Check and preview it again.")
            return
        if draft.beyond and not self._anyway.value:
            complain(f"{draft.beyond}. Tick the box if that is what you want")
            return
        body, beyond = draft.file.body, bool(draft.beyond)
        try:
            await self._station().do(lambda pump: pump.push_program(body, beyond))
        except HostError as error:
            complain_of(error)
        else:
            self._forget("Sent as it stands.")
            tell(f"{draft.file.name} is the pump's program now")


def _for(view: View) -> tuple[object, ...]:
    """The pump, the rig and the program that a preview is of."""
    status = view.status
    return (view.name, status.rig_digest, status.program_digest) if status else (view.name,)


def _verdict(draft: Draft, rig: str) -> str:
    if draft.file is None:
        place = f"Line {draft.line}, column {draft.column}: " if draft.line else ""
        return (f'<div class="verdict bad">{escape(place + draft.error)}'
                f"<pre>{escape(draft.marked)}</pre></div>")
    if not rig:
        return (f'<div class="verdict bad">{escape(draft.file.name)} can be read, but this pump has no rig yet. '
                "Give it one first: pumpctl push PROGRAM --rig RIG</div>")
    within = f"within the limits of {rig}"
    beyond = f"<br>{escape(draft.beyond)}" if draft.beyond else ""
    return f'<div class="verdict good">{escape(draft.file.name)}: {escape(within)}. Nothing was sent yet.{beyond}</div>'


def _found(draft: Draft) -> str:
    days = [(day.name, volume_text(day.new_nl), difference_text(day)) for day in draft.days]
    empty = f'<p class="small">The reservoir is empty: {escape(draft.empty)}</p>' if draft.empty else ""
    return (draft.svg + empty
            + _table(("Day", "Volume", "Against the running program"), days)
            + _table(("Entry", "As the pump reads it"), draft.segments))


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    def line(cell: str, words: tuple[str, ...]) -> str:
        return "<tr>" + "".join(f"<{cell}>{escape(word)}</{cell}>" for word in words) + "</tr>"

    return (f'<table class="events"><thead>{line("th", heads)}</thead>'
            f"<tbody>{''.join(line('td', row) for row in rows)}</tbody></table>")


def _go_to(line: int, column: int) -> str:
    """Selects the place in the text and shows it."""
    return f"""
        const field = document.getElementById('program-text');
        const before = field.value.split('\\n').slice(0, {line - 1}).join('\\n').length + ({line} > 1 ? 1 : 0);
        field.focus();
        field.setSelectionRange(before + {column - 1}, before + {column});
        field.scrollTop = Math.max(0, ({line} - 4) * field.scrollHeight / field.value.split('\\n').length);
    """
