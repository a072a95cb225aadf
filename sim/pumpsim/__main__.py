"""`pumpsim`: serves a simulated pump on a port, moves its time, breaks it, plays scenarios, soaks, cuts the power."""

import json
import sys
import time
from pathlib import Path

import click
from click.core import ParameterSource

from pumpsim.control import ControlClient
from pumpsim.options import Control, Duration, PlaceError, Speed, UniqueId, writable_file, writable_folder
from pumpsim.ports import PortError, TcpPort, open_port

NO_CONNECTION = 3
SLICES = 50                   # of an advance, one for each step of the progress bar
OF_A_RIG = {"sizes": "bolus", "hours": "hours", "plant": "plant", "ideal": "ideal"}      # options of flow
OF_A_BALANCE = {name: name for name in ("log", "marks", "began", "settle", "temperature", "evaporation")}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli():
    """A simulated bench pump: the firmware's own logic in virtual time."""


@cli.command(epilog="\b\nExample:\n  pumpsim serve --link pty:pump.tty --speed 60\n"
                    "  pumpsim serve --link tcp:4000 --speed 0 --control tcp:4001 --flash pump.flash")
@click.option("--link", required=True, metavar="pty:PATH|tcp:PORT",
              help="Where the pump's USB serial comes out: a pty behind the symlink PATH, or a port (0: a free one).")
@click.option("--speed", type=Speed(), default="1", show_default=True, metavar="X|max|0",
              help="Times real time; max jumps while the pump runs and the link is quiet; 0: time stands still.")
@click.option("--control", type=Control(), metavar="tcp:PORT", help="A channel that moves time; see pumpsim advance.")
@click.option("--flash", type=click.Path(dir_okay=False), metavar="FILE", help="Keep the pump's flash chip in FILE.")
@click.option("--id", "unique_id", type=UniqueId(), metavar="HEX", help="The board's unique id, 16 hexadecimal digits.")
@click.option("--plant", multiple=True, metavar="KEY=VALUE",
              help="A plant on the motor, with this parameter; again for more. sim/README.md has their table.")
@click.option("--battery-clock", is_flag=True, help="A DS3231 is fitted: the pump has the time after a power cut.")
@click.option("--attached", is_flag=True, help="End too when standard input does: with the program that started it.")
def serve(link, speed, control, flash, unique_id, plant, battery_clock, attached):
    """Run a simulated pump behind a port until SIGINT or SIGTERM. Prints one line when it is ready."""
    from pumpsim.serve import Server, new_pump, plant_of

    pump = new_pump(flash, unique_id, plant_of(plant) if plant else None)
    if battery_clock:
        pump.rtc.fit()
    port = open_port(link)
    try:
        control_port = TcpPort(control) if control is not None else None
    except PortError:
        port.close()
        raise
    server = Server(pump, port, speed, control_port)
    if attached:
        server.end_with(sys.stdin.fileno())
    channel = f", control tcp:{control_port.number}" if control_port else ""
    server.run(lambda: click.echo(f"ready: link {port.name}{channel}, speed {speed}"))


@cli.command(epilog="\b\nExample:\n  pumpsim advance 167h --control tcp:4001")
@click.argument("duration", type=Duration())
@click.option("--control", type=Control(), required=True, metavar="tcp:PORT", help="That of pumpsim serve.")
def advance(duration, control):
    """Let DURATION of virtual time pass in a served simulation: 500ms, 90min, 167h, 7d."""
    began = time.perf_counter()
    with ControlClient(control) as client, _progress() as bar:
        task = bar.add_task("letting time pass", total=duration)
        done = 0
        for part in range(1, SLICES + 1):
            client.advance(duration * part // SLICES - done)
            done = duration * part // SLICES
            bar.update(task, completed=done)
        now_ms = client.status()["now_ms"]
    wall_s = time.perf_counter() - began
    click.echo(f"{duration / 3_600_000:g} h passed in {wall_s:.2f} s; the simulation is {now_ms / 3_600_000:g} h old")


@cli.command(epilog="\b\nExample:\n  pumpsim fault stall --for 5s --control tcp:4001\n"
                    "  pumpsim fault pressure counts=900 --control tcp:4001\n"
                    "  pumpsim fault pressure --clear --control tcp:4001")
@click.argument("name", required=False)
@click.argument("parameters", nargs=-1, metavar="[PARAMETER=VALUE]...")
@click.option("--control", type=Control(), metavar="tcp:PORT", help="That of pumpsim serve; without it: all there are.")
@click.option("--for", "for_ms", type=Duration(), metavar="TIME", help="End it after TIME of virtual time, such as 5s.")
@click.option("--clear", is_flag=True, help="End the fault NAME instead, or without NAME all that are active.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value.")
def fault(name, parameters, control, for_ms, clear, as_json):
    """Apply the fault NAME to a served simulation. Without NAME: list what there is, and what is active."""
    from pumpsim.fault_command import apply, listed

    click.echo(apply(control, name, parameters, for_ms, clear, as_json) if name or clear else listed(control, as_json))


@cli.command(epilog="\b\nExample:\n  pumpsim flow bench.toml --out flow\n"
                    "  pumpsim flow bench.toml --rate \"100 uL/h\" --plant slack_ul=20 --plant stiction_ul=1\n"
                    "  pumpsim flow --readings balance.csv --rate \"100 uL/h\" --temperature 21.5\n"
                    "  pumpsim flow --readings balance.csv --log journal.csv --marks marks.csv --out flow")
@click.argument("rig", required=False, type=click.Path(dir_okay=False))
@click.option("--rate", "rates", multiple=True, metavar="RATE", help="For curves and occlusion; again for more.")
@click.option("--bolus", "sizes", multiple=True, metavar="VOLUME", help="A size of boluses; again for more.")
@click.option("--hours", type=click.FloatRange(0.1, 48), default=3, show_default=True, help="Length of the curves.")
@click.option("--plant", multiple=True, metavar="KEY=VALUE", help="Of the plant, in place of what is typical.")
@click.option("--ideal", is_flag=True, help="A plant without any effect but those given.")
@click.option("--readings", type=click.Path(dir_okay=False), metavar="FILE",
              help="A real balance's CSV (time_s or time, mass_g or mass_mg) in place of a simulated rig.")
@click.option("--log", type=click.Path(dir_okay=False), metavar="FILE",
              help="What the pump did meanwhile: the table of pumpctl log export --csv.")
@click.option("--marks", type=click.Path(dir_okay=False), metavar="FILE",
              help="What people did meanwhile, a CSV: time, mark (occluded, released, bolus ...), its rate or volume.")
@click.option("--began", metavar="TIME", help="When the first reading was, where the balance's times are seconds.")
@click.option("--settle", type=Duration(), default="10min", show_default=True, metavar="TIME",
              help="That a bolus and a release are given before they are weighed.")
@click.option("--temperature", type=click.FloatRange(0, 40), default=20, show_default=True, help="Of its water, in C.")
@click.option("--evaporation", type=click.FloatRange(0), default=0, help="From its vessel, in mg/h.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="A folder for figures.csv, pictures and readings.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def flow(rig, readings, rates, temperature, evaporation, out, as_json, **options):
    """Flow tests of RIG with a plant: start-up and trumpet curves, boluses by size, occlusions.

    Or, with --readings, the same of what a real balance read: with the pump's log and your marks, or of one --rate from
    the first reading on. The idea is that of IEC 60601-2-24; no conformity is claimed.
    """
    from pumpsim.flow.command import on_rig
    from pumpsim.flow.weighed import Given, of_readings

    if (rig is None) == (readings is None):
        raise click.UsageError("give a rig's file, or --readings FILE")
    if out:
        writable_folder(out, "--out")
    theirs, whose = (OF_A_RIG, "a simulated rig") if readings else (OF_A_BALANCE, "--readings")
    for name in sorted(theirs):
        if click.get_current_context().get_parameter_source(name) is not ParameterSource.DEFAULT:
            raise click.UsageError(f"--{theirs[name]} is for {whose}: leave it out")
    if readings is not None:
        if len(rates) > 1:
            raise click.UsageError("--readings takes one --rate, or --log or --marks with all that were set")
        given = Given(readings, *(options[name] for name in ("log", "marks")), *(rates or (None,)), options["began"],
                      options["settle"] / 1000)
        results = of_readings(given, temperature, evaporation)
    else:
        with _progress() as bar:
            task = bar.add_task("testing the flow", total=None)
            results = on_rig(rig, lambda done, of: bar.update(task, completed=done, total=of), rates=rates,
                             **{name: options[name] for name in OF_A_RIG})
    names = results.write(out) if out else []
    click.echo(json.dumps(results.as_dict() | {"files": [str(out / name) for name in names]}) if as_json
               else "\n".join(results.lines() + ([f"written to {out}: {', '.join(names)}"] if names else [])))


@cli.command(epilog="\b\nExample:\n  pumpsim run sim/scenarios/*.toml\n"
                    "  pumpsim run sim/scenarios/leak.toml --pictures out/pictures --junit report.xml")
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False), metavar="SCENARIO...")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="In place of the scenarios' own seeds.")
@click.option("--junit", type=click.Path(dir_okay=False), metavar="FILE", help="Write JUnit XML.")
@click.option("--pictures", type=click.Path(file_okay=False), metavar="DIR", help="Draw each scenario.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes; by default one for each core.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def run(files, seed, junit, pictures, jobs, as_json):
    """Play scenarios and judge them: bench tests as TOML files. sim/README.md has their format.

    Exit code 1 where one fails.
    """
    from pumpsim.scenarios.many import junit as as_junit
    from pumpsim.scenarios.many import run_all

    if junit:
        writable_file(junit, "--junit")
    if pictures:
        writable_folder(pictures, "--pictures")
    with _progress() as bar:
        task = bar.add_task("playing scenarios", total=len(files))
        results = run_all(files, seed, pictures, jobs, lambda result: bar.advance(task))
    if junit:
        Path(junit).write_text(as_junit(results), encoding="utf-8")
    if as_json:
        click.echo(json.dumps({"scenarios": [result.as_dict() for result in results]}))
    else:
        for result in results:
            for line in result.lines():
                click.echo(line)
        hours = sum(result.simulated_s for result in results) / 3600
        click.echo(f"{sum(result.passed for result in results)} of {len(results)} scenarios passed; "
                   f"{hours:,.0f} h in {sum(result.wall_s for result in results):.1f} s of computing")
    return 0 if all(result.passed for result in results) else 1


@cli.command(epilog="\b\nExample:\n  pumpsim prove\n  pumpsim prove --cuts 1000 --json\n"
                    "  pumpsim prove --case day-123-t7")
@click.option("--cuts", type=click.IntRange(1), metavar="N", help="Only N cuts, spread over all; the same on each run.")
@click.option("--case", "case_id", metavar="ID", help="Run one case again and say what happens in it.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes; by default one for each core.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def prove(cuts, case_id, jobs, as_json):
    """Cut the power at every flash operation of a day, boot, and check that nothing is lost and nothing repeated.

    Exit code 1 where something is.
    """
    from pumpsim.prover.case import case_of
    from pumpsim.prover.retold import retold
    from pumpsim.prover.run import ScenarioError, all_cases, spread
    from pumpsim.prover.run import prove as run
    from pumpsim.prover.scenario import SCENARIOS

    try:
        if case_id:
            lines, findings = retold(case_of(case_id, SCENARIOS))
            click.echo(json.dumps({"case": case_id, "findings": findings}) if as_json else "\n".join(lines))
            return 1 if findings else 0
        cases = all_cases()
        cases = spread(cases, cuts) if cuts else cases
        with _progress() as bar:
            task = bar.add_task("cutting the power", total=len(cases))
            verdict = run(cases, jobs, lambda done: bar.update(task, completed=done))
    except ScenarioError as error:
        return _fail(str(error), 1)
    click.echo(json.dumps(verdict.as_dict()) if as_json else "\n".join(verdict.lines()))
    return 1 if verdict.failed else 0


@cli.command(epilog="\b\nExample:\n  pumpsim soak --years 100\n  pumpsim soak --years 1 --seed 7 --jobs 1 --json\n"
                    "  pumpsim soak --years 1000 --cluster tcp://127.0.0.1:8786")
@click.option("--years", type=click.FloatRange(0, 1_000_000, min_open=True), default=1, show_default=True, metavar="N",
              help="Pump-years to simulate.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all dice.")
@click.option("--story", type=click.IntRange(0), metavar="N", help="Only story N of the seed, and a file of it.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes; by default one for each core.")
@click.option("--cluster", metavar="ADDRESS", help="Of a Dask scheduler whose workers do the work instead.")
@click.option("--out", type=click.Path(file_okay=False), default="out/soak", show_default=True, metavar="DIR",
              help="A folder for the scenario files of failures.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def soak(years, seed, story, jobs, cluster, out, as_json):
    """Random programs, users and faults for N pump-years: what must hold on a pump is looked at after every event.

    Of each kind of failure the first is written to a scenario file for pumpsim run when it is found, and shrunk when
    all is over; --story does it for any other. Exit code 1 where there is one.
    """
    from pumpsim.soak.bar import Bar
    from pumpsim.soak.cluster import ClusterError
    from pumpsim.soak.story import STORIES_A_YEAR
    from pumpsim.soak.work import soak as run_soak

    if story is not None:
        if click.get_current_context().get_parameter_source("years") is not ParameterSource.DEFAULT:
            raise click.UsageError("--story is one story: leave --years out")
        years = 1 / STORIES_A_YEAR
    writable_folder(out, "--out")
    try:
        with _progress() as bar:
            watcher = Bar(bar, max(1, round(years * STORIES_A_YEAR)))
            verdict = run_soak(seed, years, jobs, out, cluster, watcher, story or 0)
    except ClusterError as error:
        return _fail(str(error), NO_CONNECTION)
    click.echo(json.dumps(verdict.as_dict()) if as_json else "\n".join(verdict.lines()))
    return 1 if verdict.failed else 0


def _progress():
    """A bar on stderr, nothing where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=40), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())


def main():
    """Runs the command line; returns the exit code: 0, 1 cannot serve or write or something is lost, 2 wrong usage,
    3 nothing to control."""
    try:
        return cli.main(prog_name="pumpsim", standalone_mode=False) or 0
    except (PortError, PlaceError) as error:
        return _fail(str(error), 1)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "pumpsim"
        return _fail(f"{error.format_message().rstrip('.')}. See: {command} --help", 2)
    except ValueError as error:
        return _fail(str(error), 2)
    except (ConnectionError, TimeoutError) as error:
        return _fail(f"nothing to control: {error.strerror or error}; start it with pumpsim serve --control tcp:PORT",
                     NO_CONNECTION)
    except OSError as error:
        return _fail(f"{error.filename or 'this machine'}: {error.strerror or error}; see to that and try again", 1)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", 130)


def _fail(message, code):
    print(f"pumpsim: {' '.join(message.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
