"""`python -m tests.unplug`: the cable is pulled at every byte of every command, in both directions, with and without
keys, with and without the pump's power; exit code 1 where the host says something else than what the pump did."""

import itertools
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from tests.unplug.commands import COMMANDS, DIRECTIONS, WAYS_OF_CUTTING, length, wrongly_told


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
def main():
    """Pull the cable at every byte of every command that changes something, and hold what the host says against what
    the pump did."""
    began = time.monotonic()
    commands = [(name, *how, way) for name, how, way in itertools.product(COMMANDS, WAYS_OF_CUTTING, DIRECTIONS)]
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=40), TaskProgressColumn(), TimeElapsedColumn())
    cuts, wrong = 0, []
    with ProcessPoolExecutor() as pool, Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("pulling the cable", total=len(commands))
        for command, (count, found) in zip(commands, pool.map(_whole, commands), strict=True):
            cuts += count
            wrong += [(command, each) for each in found]
            bar.advance(task)
    for (name, has_keys, loses_power, way), (byte, what, times) in wrong:
        click.echo(f"{name}, {'with' if has_keys else 'without'} keys, power {'lost' if loses_power else 'kept'}: cut "
                   f"after byte {byte} to the {way} the host says {what}, the pump did it {times} times")
    click.echo(f"commands / cuts / wrongly told: {len(COMMANDS)} / {cuts} / {len(wrong)} "
               f"({time.monotonic() - began:.0f} s)")
    sys.exit(1 if wrong else 0)


def _whole(command):
    """(cuts, those that were wrongly told) at every byte of a command."""
    name, has_keys, _, way = command
    count = length(name, has_keys, way)
    return count, wrongly_told(range(1, count + 1), *command)[0]


if __name__ == "__main__":
    main()
