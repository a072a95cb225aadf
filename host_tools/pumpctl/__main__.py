"""`pumpctl` and `python -m pumpctl`: runs a command and turns its errors into one line and an exit code."""

from __future__ import annotations

import os
import sys

import click

from pumpctl.cli import cli
from pumpctl.console import plain_where_needed
from pumpctl.errors import USAGE, HostError, one_line

INTERRUPTED = 130


def main() -> int:
    """Runs the command line; returns the exit code. The codes are in `pumpctl --help`."""
    plain_where_needed()
    if "_PUMPCTL_COMPLETE" in os.environ:           # a shell asks for words
        from pumpctl.completing import teach

        teach()
    try:
        return cli.main(prog_name="pumpctl", standalone_mode=False) or 0
    except HostError as error:
        return _fail(error.message, error.hint, error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return USAGE
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        return _fail(error.format_message(), f"see: {context.command_path if context else 'pumpctl'} --help", USAGE)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", "see what the pump does with: pumpctl status", INTERRUPTED)
    except BrokenPipeError:           # the reader of our output went away: nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _fail(message: str, hint: str, code: int) -> int:
    print(f"pumpctl: {one_line(message, hint)}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
