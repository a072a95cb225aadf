"""calibrate: weigh what the pump delivers, and write what a revolution is into the rig file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pumpctl.cli import RigPath, confirm_option, confirmed, example, json_option, say, volume_text
from pumpctl.errors import HostError
from pumpctl.on_pumps import pump_options

if TYPE_CHECKING:
    from fractions import Fraction

    from pump.rig import Rig
    from pumpctl.calibrating import Weighing
    from pumpctl.pump import Pump
    from pumpctl.targets import Wanted
    from pumpfiles.rig_file import RigFile

PLOTS = (".svg", ".png")


class SeriesEndedError(HostError):
    """A series that was broken off; what was weighed is saved."""

    exit_code = 130


@click.command(epilog=example("pumpctl calibrate bench.toml --temperature 21.5C",
                              'pumpctl calibrate bench.toml --doses 6 --volume "150 uL" --evaporation "0.8 mg/h"',
                              "pumpctl calibrate bench.toml --readings weighed.csv --no-dispense --dry-run"))
@click.argument("rig_path", type=RigPath(), metavar="RIG")
@click.option("--doses", type=click.IntRange(3, 1000), metavar="N", help="How many doses; otherwise 10.")
@click.option("--volume", metavar="VOLUME", help="Of each dose; otherwise five sizes, up and down.")
@click.option("--readings", type=click.Path(path_type=Path), metavar="FILE",
              help="A CSV with a line for each dose: mass_mg or mass_g that it gained; lasted_s, temperature_C.")
@click.option("--no-dispense", is_flag=True,
              help="Weighed earlier: --readings also has steps, revolutions, or requested_uL.")
@click.option("--temperature", metavar="T", help="Of the water, such as 21.5C; otherwise 20C.")
@click.option("--density", metavar="DENSITY", help='Of another liquid, such as "0.998 g/mL".')
@click.option("--evaporation", metavar="RATE",
              help='What the vessel loses, such as "0.8 mg/h"; --readings needs lasted_s.')
@click.option("--balance", metavar="MASS", default="0.1 mg", show_default=True, help="Repeatability of a reading.")
@click.option("--accuracy", metavar="PERCENT", help='What the rig is to keep, such as "2 %"; kept in the rig file.')
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="The residuals, .svg or .png.")
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE", help="A CSV that every typed reading goes to.")
@click.option("--dry-run", is_flag=True, help="Leave the rig file as it is.")
@confirm_option
@pump_options
@json_option
def calibrate(rig_path: Path, readings: Path | None, no_dispense: bool, dry_run: bool, confirm: bool,
              wanted: Wanted, as_json: bool, **options: Any) -> None:
    """Weigh what the pump delivers and fit the volume of a revolution; write it into RIG, with date and history.

    Water runs from the line into a vessel on a balance. The pump is stopped and primes a series of doses; after each
    one type what the balance reads, with its unit, without taring in between. The pump needs the new rig afterwards:
    pumpctl push --rig RIG.
    """
    from pumpctl import calibrating
    from pumpfiles.rig_file import load_rig

    file = load_rig(rig_path)
    entries = _entries(options, file)
    if no_dispense:
        if readings is None:
            raise click.UsageError("--no-dispense needs --readings FILE")
        weighings, celsius = calibrating.read_weighings(readings, file.rig)
    else:
        weighings, celsius = _series(file, entries, readings, confirm, wanted)
    if celsius is not None and options["temperature"] is None and options["density"] is None:
        entries["celsius"] = celsius
    answer, fit = _answer(file, entries, weighings)
    plot = _drawn(fit, options["plot"] or Path(f"calibration-{_plain_name(file)}.svg"))
    answer |= {"plot": str(plot), "written": False}
    if not as_json:
        click.echo(_report(answer))
    if not dry_run:
        confirmed(f"{rig_path} will have {answer['ul_per_rev']:.6g} µL a revolution", confirm)
        _write(rig_path, answer, options["accuracy"])
        answer["written"] = True
    say(as_json, answer, lambda: _end(rig_path, answer))


def _entries(options: dict[str, Any], file: RigFile) -> dict[str, Any]:
    """The options as numbers, before anything moves."""
    from pumpctl import entries
    from pumpfiles.calibration_table import ACCURACY_EXPECTED, accuracy_percent

    percent: Fraction | None = file.calibration.accuracy_percent if file.calibration else None
    if options["accuracy"] is not None:
        percent = accuracy_percent(options["accuracy"])
        if percent is None:
            raise click.UsageError(f"--accuracy: found {options['accuracy']!r}, expected {ACCURACY_EXPECTED}")
    if options["plot"] is not None and options["plot"].suffix not in PLOTS:
        raise click.UsageError(f"--plot: found {str(options['plot'])!r}, expected a name that ends in .svg or .png")
    return {
        "doses": options["doses"],
        "volume_nl": entries.volume_nl("--volume", options["volume"]) if options["volume"] else None,
        "celsius": entries.celsius("--temperature", options["temperature"] or "20C"),
        "mg_per_ul": entries.mg_per_ul("--density", options["density"]) if options["density"] else None,
        "evaporation_mg_per_h": entries.mg_per_h("--evaporation", options["evaporation"] or "0 mg/h"),
        "balance_mg": entries.mass_mg("--balance", options["balance"]),
        "accuracy_percent": float(percent or 2),
        "save": options["save"] or Path(f"calibration-{_plain_name(file)}.csv"),
    }


def _plain_name(file: RigFile) -> str:
    """The rig's name as part of a file's name, with the time."""
    from datetime import datetime

    return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', file.name)}-{datetime.now():%Y%m%d-%H%M%S}"


def _series(file: RigFile, entries: dict[str, Any], readings: Path | None, confirm: bool,
            wanted: Wanted) -> tuple[list[Weighing], float | None]:
    """Dispenses; the readings are typed after each dose, or stand in a file that is read at the end."""
    from pumpctl import calibrating
    from pumpctl.opening import opened
    from pumpctl.targets import target_of

    with opened(target_of(wanted)) as pump:
        rig = _rig_at_rest(pump, file)
        plan = calibrating.plan_of(rig, entries["doses"], entries["volume_nl"])
        calibrating.check_plan(rig, plan, pump.status().reservoir_nl)
        minutes = (sum(plan) + min(plan)) * 60 / rig.prime_nl_per_h
        confirmed(f"{len(plan)} doses of {_range(plan)} and one of {volume_text(min(plan))} before them, that takes up "
                  f"the backlash, will come out of the line in {minutes:.0f} min, into a vessel on the balance",
                  confirm)
        try:
            _dispense(pump, rig, min(plan), "taking up the backlash")
            if readings is None:
                return _weighed(pump, rig, plan, entries["save"]), None
            moved = [_dispense(pump, rig, nl, f"dose {at} of {len(plan)}") for at, nl in enumerate(plan, 1)]
        except (click.Abort, KeyboardInterrupt):
            pump.stop()
            raise SeriesEndedError("the series was broken off and the pump stopped", _how_to_go_on(entries["save"]))
    return calibrating.read_weighings(readings, rig, moved)


def _rig_at_rest(pump: Pump, file: RigFile) -> Rig:
    from pumpctl.pulling import stored_rig

    state = pump.status().state
    if state != "stopped":
        raise HostError(f"the pump is {state}", "a calibration needs it at rest: pumpctl stop")
    rig = stored_rig(pump)
    if (rig.name, rig.steps_per_rev) != (file.name, file.rig.steps_per_rev):
        raise HostError(f"the pump has the rig {rig.name!r} of {rig.steps_per_rev} steps a revolution, the file is "
                        f"{file.name!r} of {file.rig.steps_per_rev}", f"send it with: pumpctl push --rig {file.path}")
    return rig


def _dispense(pump: Pump, rig: Rig, volume_nl: int, label: str) -> int:
    from pumpctl.progress import progress
    from pumpctl.transferring import transferred

    with progress(f"{label}, {volume_text(volume_nl)}", 1) as on_part:
        return transferred(pump, rig, volume_nl, on_part)


def _weighed(pump: Pump, rig: Rig, plan: list[int], save: Path) -> list[Weighing]:
    """Typed readings; each goes into the file `save` at once."""
    import time

    from pumpctl.calibrating import Weighing, save_weighings

    found: list[Weighing] = []
    save_weighings(save, found, rig)                  # before anything is worth losing
    before_mg, at_s = _reading("balance reads before the first dose", None), time.monotonic()
    for number, nl in enumerate(plan, 1):
        steps = _dispense(pump, rig, nl, f"dose {number} of {len(plan)}")
        now_mg = _reading(f"dose {number} of {len(plan)}, {volume_text(nl)}: balance reads", before_mg)
        now_s = time.monotonic()
        found.append(Weighing(steps, now_mg - before_mg, now_s - at_s))
        save_weighings(save, found, rig)
        before_mg, at_s = now_mg, now_s
    return found


def _reading(question: str, above_mg: float | None) -> float:
    """Milligrams; asks again for what is none."""
    from pumpctl import entries

    while True:
        text = click.prompt(f"{question} (such as 12.3456 g)", err=True)
        try:
            mg = entries.mass_mg("reading", text)
        except click.UsageError as error:
            click.echo(error.format_message(), err=True)
            continue
        if above_mg is None or mg > above_mg:
            return mg
        click.echo(f"reading: found {text!r}, expected more than the {above_mg / 1000:.7g} g before: do not tare in "
                   f"between, and wait until the balance stands still", err=True)


def _how_to_go_on(save: Path) -> str:
    return f"use what was weighed, if it is enough: --readings {save} --no-dispense" if save.exists() else "begin again"


def _range(plan: list[int]) -> str:
    low, high = min(plan), max(plan)
    return volume_text(low) if low == high else f"{volume_text(low)} to {volume_text(high)}"


def _answer(file: RigFile, entries: dict[str, Any], weighings: list[Weighing]) -> tuple[dict[str, Any], Any]:
    """What is found, as it is printed with --json; and the fit."""
    from flowtest.water import Liquid
    from pumpctl.calibrating import fitted

    if entries["evaporation_mg_per_h"] and not all(each.lasted_s for each in weighings):
        raise HostError("evaporation needs to know how long each dose took", "add a column lasted_s to the readings")
    liquid = Liquid(entries["celsius"], entries["mg_per_ul"], entries["evaporation_mg_per_h"])
    fit = fitted(weighings, file.rig, liquid, entries["balance_mg"])
    was_ul = file.rig.pl_per_rev / 1_000_000
    drift = 100 * (fit.ul_per_rev / was_ul - 1)
    return {
        "rig": file.name, "ul_per_rev": fit.ul_per_rev, "interval_ul": [fit.low, fit.high],
        "half_percent": fit.half_percent, "liquid": liquid.text, "ul_per_mg": liquid.ul_per_mg,
        "was_ul_per_rev": was_ul, "was_date": file.calibration.finding.date if file.calibration else None,
        "drift_percent": drift, "accuracy_percent": entries["accuracy_percent"],
        "exceeds": abs(drift) > entries["accuracy_percent"],
        "doses": [{"steps": each.steps, "mass_mg": each.mass_mg, "volume_ul": float(fit.volume_ul[at]),
                   "residual_percent": float(fit.residual_percent[at]), "suspect": at in fit.suspect}
                  for at, each in enumerate(weighings)],
    }, fit


def _drawn(fit: Any, path: Path) -> Path:
    from flowtest import pictures

    try:
        pictures.saved(pictures.figure_of(lambda axes: pictures.residuals(axes, fit)), path)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}", "choose another file with --plot")
    return path


def _report(answer: dict[str, Any]) -> str:
    from pumpctl.cli import lines_of

    low, high = answer["interval_ul"]
    lines = [f"{'dose':>4}  {'steps':>9}  {'weighed (mg)':>12}  {'volume (µL)':>12}  {'residual':>9}"]
    lines += [f"{number:>4}  {each['steps']:>9,}  {each['mass_mg']:>12.2f}  {each['volume_ul']:>12.3f}  "
              f"{each['residual_percent']:>+8.2f} %" + ("  does not fit the others" if each["suspect"] else "")
              for number, each in enumerate(answer["doses"], 1)]
    since = f"since {answer['was_date']}" if answer["was_date"] else "from the head's geometry"
    lines.append(lines_of([
        ("volume per revolution", f"{answer['ul_per_rev']:.6g} µL, 95 %: {low:.6g} to {high:.6g} µL "
                                  f"(±{answer['half_percent']:.2g} %), {len(answer['doses'])} doses"),
        ("liquid", f"{answer['liquid']}: {answer['ul_per_mg']:.6f} µL/mg"),
        ("until now", f"{answer['was_ul_per_rev']:.6g} µL; {since}: {answer['drift_percent']:+.2f} %"),
        ("residuals", answer["plot"])]))
    if answer["exceeds"]:
        lines.append(f"warning: {answer['drift_percent']:+.2f} % {since} is more than the stated accuracy of "
                     f"{answer['accuracy_percent']:g} %: look for air, leaks, a worn tube or a wrong syringe")
    else:
        lines.append(f"within the stated accuracy of {answer['accuracy_percent']:g} %")
    return "\n".join(lines)


def _write(path: Path, answer: dict[str, Any], accuracy: str | None) -> None:
    from datetime import date

    from pumpctl.calibration_file import write_calibration

    volumes = [each["volume_ul"] for each in answer["doses"]]
    method = (f"gravimetric: {len(volumes)} doses of {min(volumes):.4g} to {max(volumes):.4g} uL, "
              f"{answer['liquid']}")
    write_calibration(path, answer["ul_per_rev"], tuple(answer["interval_ul"]), date.today().isoformat(), method,
                      accuracy)


def _end(path: Path, answer: dict[str, Any]) -> str:
    if not answer["written"]:
        return f"{path} is as it was"
    return f"written to {path}; the pump has the new volume after: pumpctl push --rig {path}"
