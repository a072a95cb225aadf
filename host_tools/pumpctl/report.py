"""The report of a run: one HTML file that needs nothing else, no network and no other file. Loads jinja2."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pumpctl.localtime import local_text
from pumpctl.summary import Results
from pumpctl.tables import (
    ALARM_HEADS,
    BOLUS_HEADS,
    DENIED_HEADS,
    DIFFERENCE_NOTE,
    EVENTS_MAX,
    HEADS,
    alarm_rows,
    bolus_rows,
    day_rows,
    denied_rows,
    shortened,
    total_row,
    volume,
)

TEMPLATES = Path(__file__).parent / "templates"


def html(results: Results, svg: str) -> str:
    """The report's text, with the picture's SVG set into it."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    total = total_row(results)
    program = results.run.program
    return environment.get_template("report.html.j2").render(
        title=program.name if program else "Dose log",
        subtitle=_subtitle(results),
        figures=_figures(results, total[-1]),
        picture=Markup(inline_svg(svg)),
        heads=HEADS, rows=day_rows(results), total=total, difference_note=DIFFERENCE_NOTE,
        lists=_lists(results),
        facts=_facts(results),
    )


def _lists(results: Results) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]], str]]:
    """(title, heads, rows, note) of the boluses, alarms and denied requests."""
    lists = (("Boluses", BOLUS_HEADS, bolus_rows(results), "boluses.csv has them all."),
             ("Alarms", ALARM_HEADS, alarm_rows(results), "summary.json has them all."),
             ("Denied requests", DENIED_HEADS, denied_rows(results), "The journal has them all."))
    return [(title, heads, shortened(rows, EVENTS_MAX), _count(rows, note)) for title, heads, rows, note in lists]


def _count(rows: list[tuple[str, ...]], note: str) -> str:
    if not rows:
        return "None."
    return f"{len(rows):,} in all. {note}" if len(rows) > EVENTS_MAX else ""


def inline_svg(svg: str) -> str:
    """The picture without what only a file of its own needs: prolog, document type, metadata."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg"):], flags=re.DOTALL)
    label = "Rate, volume programmed and delivered, and their difference in steps, over local time"
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def _subtitle(results: Results) -> str:
    begin, end = results.begin, results.doses[-1]
    who = "simulated pump" if results.board == "simulator" else "pump"
    return (f"{who} {results.run.rig.name} · {local_text(begin.utc_ms, begin.offset_min) or 'unknown time'} to "
            f"{local_text(end.utc_ms, end.offset_min) or 'unknown time'}")


def _figures(results: Results, difference: str) -> list[tuple[str, str]]:
    figures = [(volume(results.programmed_nl), "programmed"), (volume(results.delivered_nl), "delivered"),
               (f"{results.steps:,}", "motor steps counted"), (difference, "steps programmed, not yet delivered")]
    more = ((results.uncertain_nl, "uncertain: delivered beyond that, at most"),
            (results.bolus_nl, "of the delivered volume in boluses"),
            (results.prime_nl, "primed: moved to fill the line"), (results.withdrawn_nl, "withdrawn"))
    return figures + [(volume(nl), label) for nl, label in more if nl]


def _facts(results: Results) -> list[tuple[str, str]]:
    run, rig = results.run, results.run.rig
    facts = [("Journal", f"chain verified: {results.chain}")]
    if run.program:
        facts += [("Program", f"{run.program.name}, fluid {run.program.fluid}, time zone {run.program.zone_name}")]
    facts += [("Rig", f"{rig.name}: {rig.pl_per_rev:,} pL a revolution in {rig.steps_per_rev:,} steps, "
                      f"{rig.pl_per_rev / rig.steps_per_rev / 1000:.3f} nL a step"),
              ("Board", results.board), ("Pump", run.unique_id.hex())]
    if run.simulated_s and run.wall_s:
        facts += [("Simulation", f"{run.simulated_s:,} s in {run.wall_s:.2f} s: "
                                 f"{run.simulated_s / run.wall_s:,.0f} times real time")]
    if results.events.refills:
        facts += [("Refills", f"{len(results.events.refills)}, "
                              f"{volume(sum(row.added_nl for row in results.events.refills))} in all")]
    facts += [("Note", note) for note in results.notes]
    return facts
