"""report: one page about a period of a pump's life, from the archive or a file of records. Talks to no pump."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pumpctl.cli import RigPath, example, json_option, say
from pumpctl.commands.log_read import days_completed, pumps_completed
from pumpctl.errors import HostError

if TYPE_CHECKING:
    from pumpctl.report_curves import Curves
    from pumpctl.reporting import Report
    from pumpctl.selection import Selection

BROKEN = 5
ARCHIVE_HELP = "An archive, or a file of records such as journal.bin (give --rig too); otherwise PUMPCTL_ARCHIVE, or " \
               "your own archive."


@click.command(epilog=example("pumpctl report --since 2026-03-01 --until 2026-04-01 --out march.html --pdf march.pdf",
                              "pumpctl report --day 2026-03-27 --pump bench-1",
                              "pumpctl report --archive results/journal.bin --rig bench.toml",
                              'pumpctl report --readings balance.csv --rate "100 uL/h" --temperature 21.5C'))
@click.option("--since", metavar="TIME", help='Local time such as 2026-03-27T06:30, or "7 d" before the newest record.')
@click.option("--until", metavar="TIME", help="The same; what came from then on is left out.")
@click.option("--day", metavar="DATE", shell_complete=days_completed, help="A local day such as 2026-03-27.")
@click.option("--pump", "pumps", metavar="PUMP", multiple=True, shell_complete=pumps_completed,
              help="A pump's id, its beginning, or its rig's name; again for more.")
@click.option("--all", "every", is_flag=True, help="All pumps of the archive.")
@click.option("--archive", type=click.Path(path_type=Path), envvar="PUMPCTL_ARCHIVE", metavar="FILE", help=ARCHIVE_HELP)
@click.option("--rig", "rig_path", type=RigPath(), metavar="RIG", help="The rig of a file of records.")
@click.option("--program", type=click.Path(path_type=Path), metavar="FILE", help="The program of a file of records.")
@click.option("--readings", type=click.Path(path_type=Path), metavar="FILE",
              help="A balance's CSV: time_s or time, and mass_g or mass_mg; adds start-up and trumpet curve.")
@click.option("--rate", metavar="RATE", help="What was set while the balance was read.")
@click.option("--temperature", metavar="T", default="20C", show_default=True, help="Of the water on the balance.")
@click.option("--density", metavar="DENSITY", help='Of another liquid, such as "0.998 g/mL".')
@click.option("--evaporation", metavar="RATE", default="0 mg/h", help='What the vessel loses, such as "0.8 mg/h".')
@click.option("--out", type=click.Path(path_type=Path), default=Path("report.html"), show_default=True,
              metavar="FILE|DIR", help="The page; with several pumps a folder.")
@click.option("--pdf", type=click.Path(path_type=Path), metavar="FILE",
              help="The same as PDF, printed by the Chromium that is here; with several pumps a folder.")
@json_option
def report(out: Path, pdf: Path | None, as_json: bool, **options: Any) -> None:
    """Report what was programmed, delivered and uncertain, by day and account, with alarms, changes and proof.

    One HTML file that needs nothing else and prints well. Every sum in it is found in two ways. Exit code 5 where a
    record is wrong, or missing and not dropped by the pump itself; the report is written all the same.
    """
    from pumpctl import outputs
    from pumpctl.printing import HINT, browser, print_pdf
    from pumpctl.progress import progress

    if pdf is not None and browser() is None:
        raise HostError("there is no Chromium here to make a PDF with", f"leave --pdf away; or {HINT}")
    curves = _curves(options)
    is_several = options["every"] or len(options["pumps"]) > 1
    if is_several:
        for folder in (out, pdf):
            if folder is not None and folder.suffix:
                raise click.UsageError(f"{folder} is one file, and these are several pumps: give a folder")
    answers = []
    for name, made in _reports(options, curves, is_several):
        page = out / f"report-{name}.html" if is_several else out
        outputs.prepare(page.parent)
        with progress(f"drawing {name}", None):
            outputs.write(page, _html(made))
        printed = (pdf / f"report-{name}.pdf" if is_several else pdf) if pdf else None
        if printed is not None:
            outputs.prepare(printed.parent)
            with progress("printing", None):
                print_pdf(page, printed)
        answers.append(_answer(made, page, printed))
    if as_json:
        say(True, {"reports": answers} if is_several else answers[0], str)
    else:
        click.echo("\n".join(_text(each) for each in answers))
    if not all(each["good"] for each in answers):
        raise click.exceptions.Exit(BROKEN)


def _curves(options: dict[str, Any]) -> Curves | None:
    """Of the balance's readings, before anything is written."""
    from pumpctl import entries

    if options["readings"] is None:
        return None
    if options["rate"] is None:
        raise click.UsageError("--readings needs --rate, what was set while the balance was read")
    from flowtest.water import Liquid
    from pumpctl.report_curves import curves_of

    rate_nl_per_h = entries.rate_nl_per_h("--rate", options["rate"])
    if not rate_nl_per_h:
        raise click.UsageError("--rate: found 0, expected a rate, at least 1 nL/h")
    density = options["density"]
    liquid = Liquid(entries.celsius("--temperature", options["temperature"]),
                    entries.mg_per_ul("--density", density) if density else None,
                    entries.mg_per_h("--evaporation", options["evaporation"]))
    return curves_of(options["readings"], liquid, rate_nl_per_h / 1000)


def _reports(options: dict[str, Any], curves: Curves | None, is_several: bool) -> Iterator[tuple[str, Report]]:
    """(name for a file, report) of each pump that is meant."""
    from pumpctl.archive_file import default_path, is_database

    path = options["archive"] or default_path()
    if path.exists() and not is_database(path):
        yield _of_file(path, options, curves)
        return
    yield from _of_archive(path, options, curves, is_several)


def _of_file(path: Path, options: dict[str, Any], curves: Curves | None) -> tuple[str, Report]:
    from pumpctl.stored import stored_journals
    from pumpfiles.program_file import load_program
    from pumpfiles.rig_file import load_rig

    if options["rig_path"] is None:
        raise HostError(f"{path} is a file of records, which does not hold the rig", "give the rig's file with --rig")
    rig = load_rig(options["rig_path"])
    program = load_program(options["program"]) if options["program"] else None
    bodies = {"rig": rig.body, "program": program.body if program else None}
    [journal] = stored_journals(path)
    return rig.name, _made(journal.raw, b"", lambda kind, digest: bodies[kind], options, curves)


def _of_archive(path: Path, options: dict[str, Any], curves: Curves | None,
                is_several: bool) -> Iterator[tuple[str, Report]]:
    """The newest journal of each pump that has records of the period."""
    import functools

    from pumpctl.archive import Archive
    from pumpctl.stored import stored_journals
    from pumpctl.summary import NothingError

    if options["rig_path"] or options["program"]:
        raise click.UsageError("--rig and --program are for a file of records; an archive has its own")
    journals = [each for pump in options["pumps"] or (None,) for each in stored_journals(path, pump)]
    ids = list(dict.fromkeys(each.pump for each in journals))
    if len(ids) > 1 and not is_several:
        there = ", ".join(f"{id_.hex()} ({next(j.name for j in journals if j.pump == id_)})" for id_ in ids)
        raise HostError(f"the archive has {len(ids)} pumps: {there}", "choose with --pump, or take --all")
    with Archive(path) as archive:
        for id_ in ids:
            of_pump = [each for each in journals if each.pump == id_]
            name = of_pump[-1].name if len({j.name for j in journals}) == len(ids) else id_.hex()
            find = functools.partial(archive.document, id_)
            for journal in reversed(of_pump):
                try:
                    yield name, _made(journal.raw, id_, find, options, curves, journal.number)
                    break
                except NothingError:
                    if journal is of_pump[0]:
                        raise


def _made(raw: bytes, pump: bytes, find: Any, options: dict[str, Any], curves: Curves | None,
          journal: int = 1) -> Report:
    from dataclasses import replace

    from pumpctl.reporting import report_of

    selection, period = _selection(options, raw)
    return replace(report_of(raw, pump, find, selection, period, journal), curves=curves)


def _selection(options: dict[str, Any], raw: bytes) -> tuple[Selection, str]:
    """(what is asked for, in words)."""
    from pumpctl.selection import Selection, newest_utc_ms, read_bound, read_day

    newest = newest_utc_ms(raw)
    since, until = (read_bound(f"--{name}", options[name], newest) if options[name] else None
                    for name in ("since", "until"))
    words = [options["day"]] if options["day"] else []
    words += [f"{name} {options[name]}" for name in ("since", "until") if options[name]]
    return Selection(since, until, read_day(options["day"]) if options["day"] else None), " ".join(words)


def _html(made: Report) -> bytes:
    import tempfile

    from pumpctl import plots, report

    with tempfile.TemporaryDirectory(prefix="bench-pump-") as folder:
        svg = Path(folder) / "rates.svg"
        plots.draw(made.results, svg)
        return report.html(made, svg.read_text(encoding="utf-8")).encode()


def _answer(made: Report, page: Path, pdf: Path | None) -> dict[str, Any]:
    from dataclasses import asdict

    from pumpctl.localtime import date_text
    from pumpctl.report_checks import checks_of

    def sums(each: Any) -> dict[str, Any]:
        return asdict(each) | {"basal_nl": each.basal_nl, "due_steps": round(float(each.due_steps), 3)}

    accounts = made.accounts
    return {
        "file": str(page), "pdf": str(pdf) if pdf else None, "pump": made.results.run.unique_id.hex() or None,
        "rig": made.results.run.rig.name, "journal": made.journal, "good": made.proof.is_good,
        "proof": made.proof.as_dict(), "notes": made.notes, "total": sums(accounts.total),
        "days": [{"date": date_text(day)} | sums(accounts.days[day]) for day in sorted(accounts.days)],
        "checks": [check._asdict() for check in checks_of(made)],
        "curves": made.curves.as_dict() if made.curves else None,
    }


def _text(answer: dict[str, Any]) -> str:
    from pumpctl.cli import volume_text

    total = answer["total"]
    lines = [f"{answer['rig']}: programmed {volume_text(total['programmed_nl'])}, delivered "
             f"{volume_text(total['delivered_nl'])}, uncertain {volume_text(total['uncertain_nl'])}"]
    proof = answer["proof"]
    lines.append(f"{proof['records']:,} records proven" if answer["good"] else
                 f"NOT good: {proof['broken'] or 'records are missing'}; see the report")
    lines += [f"DIFFERS: {check['what']}: {check['found']}, {check['expected']}" for check in answer["checks"]
              if check["agrees"] is False]
    lines += [f"note: {note}" for note in answer["notes"]]
    return "\n".join([*lines, f"written to {answer['file']}" + (f" and {answer['pdf']}" if answer["pdf"] else "")])
