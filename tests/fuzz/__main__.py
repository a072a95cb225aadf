"""`python -m tests.fuzz --lines 1000000`: that many lines of all three kinds to a pump, and a fiftieth of that in
replies to a host, with a progress bar; exit code 1 where any did what it must not."""

import subprocess
import sys
import time
from itertools import islice

import click
from hypothesis import HealthCheck, given, settings
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from tests.fuzz.disturbed import Disturbed, FoundError
from tests.fuzz.host import by_replies
from tests.fuzz.mutants import Mutants
from tests.fuzz.strategies import LINES

GROWN_MAX = 16384             # bytes, of 3000 lines or more: a line or an object kept of each would be 80,000 and more
MEASURED = 20_000
REPLIES_PART = 50             # lines to the pump for one reply to the host
NO_ATHERIS = "coverage-guided lines are left out: atheris is not installed (pip install \"bench-pump[fuzz]\")"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lines", type=click.IntRange(1000), default=1_000_000, show_default=True, help="Of all kinds.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the lines by chance.")
def main(lines, seed):
    """Send lines of any content to a running simulated pump with keys, and hold it against one that is left alone."""
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=40), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("sending lines", total=lines)
        sent = 0

        def advance(count):
            bar.update(task, completed=min(lines, sent + count))

        try:
            made, grown = by_chance(lines * 6 // 10, seed, advance)
            sent += made
            sent += by_hypothesis(lines // 20, advance)
            guided = by_coverage(lines - sent, advance)
            if guided is None:
                guided, _ = by_chance(lines - sent, seed + 1, advance)
                click.echo(NO_ATHERIS, err=True)
            sent += guided
            bar.update(task, description="changing replies")
            replies = by_replies(lines // REPLIES_PART, seed)
        except FoundError as found:
            click.echo(f"lines that did what they must not: 1; {found}")
            sys.exit(1)
    click.echo(f"lines / exceptions / changes without a session / bytes grown: {sent} / 0 / 0 / {max(0, grown)} "
               f"({time.monotonic() - began:.0f} s)")
    click.echo(f"replies to a host, one in four changed / exceptions / unproven records kept: {replies} / 0 / 0")
    sys.exit(0 if grown <= GROWN_MAX else 1)


def by_chance(count, seed, advance=lambda count: None):
    """(lines sent, bytes that the firmware's objects grew by meanwhile)."""
    target = Disturbed()
    mutants = Mutants(seed, target.sealed)
    for line in islice(mutants, min(2000, count // 2)):               # until every cache is filled
        target.feed(line)
    grown = target.grown_bytes(islice(mutants, min(MEASURED, count // 4)))
    while target.lines < count:
        for line in islice(mutants, 1000):
            target.feed(line)
        advance(target.lines)
    target.look()
    return target.lines, grown


def by_hypothesis(count, advance=lambda count: None):
    """Lines sent."""
    target = Disturbed()

    @settings(max_examples=max(10, count // 4), deadline=None, database=None,
              suppress_health_check=list(HealthCheck))
    @given(LINES)
    def some(lines):
        for line in lines:
            target.feed(line)
        advance(target.lines)

    some()
    target.look()
    return target.lines


def by_coverage(count, advance=lambda count: None):
    """Lines sent, None where there is no atheris; FoundError with what it printed where it ended by itself."""
    words = [sys.executable, "-c", "import atheris"]
    if subprocess.run(words, capture_output=True).returncode:
        return None
    made = 0
    process = subprocess.Popen([sys.executable, "-m", "tests.fuzz.guided", str(count)], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.strip().isdigit():
            made = int(line)
            advance(made)
    said = process.stderr.read()
    if process.wait():
        raise FoundError(said[-3000:])
    return made


if __name__ == "__main__":
    main()
