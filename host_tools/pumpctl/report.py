"""The report: one HTML page that needs nothing else, no network and no other file, and prints well. Loads jinja2."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pump import record
from pump.protocol import FIRMWARE_VERSION
from pumpctl import report_days
from pumpctl.chronicle_table import CHANGE_HEADS, CHANGES, OPERATIONS, change_rows
from pumpctl.journal import records_of
from pumpctl.localtime import local_text
from pumpctl.report_checks import Check, checks_of
from pumpctl.report_curves import NOTE as CURVES_NOTE
from pumpctl.reporting import Report
from pumpctl.summary import Results
from pumpctl.tables import (
    ALARM_HEADS,
    BOLUS_HEADS,
    DENIED_HEADS,
    EVENTS_MAX,
    alarm_rows,
    bolus_rows,
    denied_rows,
    shortened,
    volume,
)

TEMPLATES = Path(__file__).parent / "templates"
RATES_LABEL = "Rate, volume programmed and delivered, and their difference in steps, over local time"
DAYS_LABEL = "Volume delivered on each day, basal and boluses"
CURVES_LABEL = "Start-up curve and trumpet curve"


def html(report: Report, svg: str) -> str:
    """The report's text, with the pictures' SVG set into it; `svg` is that of the rates."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    results, program = report.results, report.results.run.program
    return environment.get_template("report.html.j2").render(
        title=program.name if program else "Dose log", subtitle=_subtitle(report), version=FIRMWARE_VERSION,
        figures=_figures(report),
        proof_lines=_proof_lines(report), is_proven=report.proof.is_good, notes=report.notes,
        picture=_picture(svg, "rates", RATES_LABEL),
        days_picture=_picture(report_days.svg_of(report.accounts), "days", DAYS_LABEL),
        heads=report_days.HEADS, rows=report_days.rows_of(report.accounts),
        months=report_days.month_rows(report.accounts), total=report_days.total_row(report.accounts),
        days_note=report_days.NOTE, checks=_checks(report),
        lists=_lists(report), facts=_facts(results),
        curves=report.curves, curves_note=CURVES_NOTE,
        curves_picture=_picture(report.curves.svg(), "flow", CURVES_LABEL) if report.curves else "",
    )


def _lists(report: Report) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]], str]]:
    """(title, heads, rows, note) of the boluses, alarms, denied requests and changes."""
    results = report.results
    parts = list(records_of(results.run.raw))
    lists = (("Boluses", BOLUS_HEADS, bolus_rows(results)), ("Alarms", ALARM_HEADS, alarm_rows(results)),
             ("Denied requests", DENIED_HEADS, denied_rows(results)),
             ("Clock, resets, rig, program, firmware", CHANGE_HEADS, change_rows(parts, CHANGES, report.names)),
             ("Operation", CHANGE_HEADS, change_rows(parts, OPERATIONS, report.names)))
    return [(title, heads, shortened(rows, EVENTS_MAX), _count(rows)) for title, heads, rows in lists]


def _count(rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return "None."
    return f"{len(rows):,} in all; pumpctl log export has them." if len(rows) > EVENTS_MAX else ""


def _picture(svg: str, name: str, label: str) -> Markup | str:
    return Markup(inline_svg(svg, name, label)) if svg else ""


def inline_svg(svg: str, name: str = "rates", label: str = RATES_LABEL) -> str:
    """The picture without what only a file of its own needs: prolog, document type, metadata. `name` tells its ids
    from those of the page's other pictures."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg"):], flags=re.DOTALL)
    svg = re.sub(r'(?<=["#])(clip[0-9]+)(?=["\)])', rf"{name}-\1", svg)
    svg = re.sub(r'\bid="((?!' + name + r'-|[mh][0-9a-f]{10}")[^"]*)"', rf'id="{name}-\1"', svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def _subtitle(report: Report) -> str:
    results = report.results
    begin, end = results.begin, results.doses[-1]
    who = "simulated pump" if results.board == "simulator" else "pump"
    span = (f"{local_text(begin.utc_ms, begin.offset_min) or 'unknown time'} to "
            f"{local_text(end.utc_ms, end.offset_min) or 'unknown time'}")
    return f"{who} {results.run.rig.name} · {report.period or span}"


def _figures(report: Report) -> list[tuple[str, str]]:
    total = report.accounts.total
    figures = [(volume(total.programmed_nl), "programmed"), (volume(total.delivered_nl), "delivered"),
               (f"{total.steps:,}", "motor steps counted"),
               (f"{float(total.due_steps):.2f}", "steps programmed, not yet delivered")]
    more = ((total.uncertain_nl, "uncertain: delivered beyond that, at most"),
            (total.bolus_nl, "of the delivered volume in boluses"),
            (total.primed_nl, "primed: moved to fill the line"),
            (total.uncertain_prime_nl, "uncertain: primed beyond that, at most"),
            (total.withdrawn_nl, "withdrawn"))
    events = report.results.events
    counts = ((len(events.alarms), "alarm" + "s" * (len(events.alarms) > 1)),
              (len(events.denied), "denied request" + "s" * (len(events.denied) > 1)))
    return figures + [(volume(nl), label) for nl, label in more if nl] + [(f"{n:,}", what) for n, what in counts if n]


def _proof_lines(report: Report) -> list[str]:
    """What the proof of the whole journal says, for a person."""
    proof = report.proof
    raw = report.results.run.raw
    lines = []
    if proof.count:
        lines.append(f"chain verified: {proof.count:,} records, {proof.first_seq:,} to {proof.last_seq:,}, each "
                     f"following the one before")
    lines += [gap.text for gap in proof.gaps]
    if proof.broken:
        lines.append(f"{proof.broken.message}; nothing from there on is in this report")
    first, last = record.seq_of(raw), record.seq_of(raw[-record.SIZE:])
    return [*lines, f"this report is of records {first:,} to {last:,}"]


def _checks(report: Report) -> list[tuple[Check, str]]:
    """(check, its verdict in a word)."""
    words = {True: "agrees", False: "DIFFERS", None: "not compared"}
    return [(check, words[check.agrees]) for check in checks_of(report)]


def _facts(results: Results) -> list[tuple[str, str]]:
    run, rig = results.run, results.run.rig
    facts = []
    if run.program:
        facts += [("Program", f"{run.program.name}, fluid {run.program.fluid}, time zone {run.program.zone_name}")]
    facts += [("Rig", f"{rig.name}: {rig.pl_per_rev:,} pL a revolution in {rig.steps_per_rev:,} steps, "
                      f"{rig.pl_per_rev / rig.steps_per_rev / 1000:.3f} nL a step"),
              ("Board", results.board), ("Pump", run.unique_id.hex() or "the file of records does not say")]
    if run.simulated_s and run.wall_s:
        facts += [("Simulation", f"{run.simulated_s:,} s in {run.wall_s:.2f} s: "
                                 f"{run.simulated_s / run.wall_s:,.0f} times real time")]
    if results.events.refills:
        facts += [("Refills", f"{len(results.events.refills)}, "
                              f"{volume(sum(row.added_nl for row in results.events.refills))} in all")]
    return facts
