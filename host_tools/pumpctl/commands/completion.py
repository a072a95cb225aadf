"""completion: the script that makes a shell complete pumpctl's words."""

from __future__ import annotations

import click

from pumpctl.cli import example, json_option, say

SHELLS = ("bash", "zsh", "fish", "powershell")
HOW = """\b
To have it in every new shell:
  bash        echo 'eval "$(pumpctl completion bash)"' >> ~/.bashrc
  zsh         echo 'eval "$(pumpctl completion zsh)"' >> ~/.zshrc
  fish        pumpctl completion fish > ~/.config/fish/completions/pumpctl.fish
  powershell  Add-Content $PROFILE 'pumpctl completion powershell | Out-String | Invoke-Expression'

"""


@click.command(epilog=HOW + example('eval "$(pumpctl completion bash)"'))
@click.argument("shell", type=click.Choice(SHELLS))
@json_option
def completion(shell: str, as_json: bool) -> None:
    """Print the script that makes SHELL complete commands, options, names of pumps, files and days."""
    from click.shell_completion import get_completion_class

    from pumpctl.cli import cli
    from pumpctl.completing import COMPLETE_ENV, teach

    teach()
    kind = get_completion_class(shell)
    assert kind is not None
    # click's own source() asks bash for its version; the template alone needs no bash at hand
    script = kind.source_template % kind(cli, {}, "pumpctl", COMPLETE_ENV).source_vars()
    say(as_json, {"shell": shell, "script": script}, lambda: script.rstrip("\n"))
