"""Completion in a shell: names of pumps, keys, days, and the one shell that click does not know. Opens no port.

Whatever goes wrong here gives no words, and never an error into the line that somebody types.
"""

from __future__ import annotations

from collections.abc import Iterable

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

from pumpctl.errors import HostError

COMPLETE_ENV = "_PUMPCTL_COMPLETE"     # as click names it after the program
POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:%(complete_var)s = 'powershell_complete'
    $env:COMP_WORDS = (@($commandAst.CommandElements) | ForEach-Object { $_.Extent.Text }) -join "`n"
    $env:COMP_CWORD = $wordToComplete
    try {
        %(prog_name)s | ForEach-Object {
            $kind, $value, $help = $_ -split "`t", 3
            if ($kind -eq 'plain') {
                if (-not $help) { $help = $value }
                [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
            }
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD
    }
}
"""


class PowerShellComplete(ShellComplete):
    """PowerShell 5 and later. Files are completed by PowerShell itself where we have no words."""

    name = "powershell"
    source_template = POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        import os

        words = [word.strip("'\"") for word in os.environ.get("COMP_WORDS", "").split("\n")]
        incomplete = os.environ.get("COMP_CWORD", "")
        return (words[1:-1] if incomplete and len(words) > 1 else words[1:]), incomplete

    def format_completion(self, item: CompletionItem) -> str:
        return f"{item.type}\t{item.value}\t{item.help or ''}"


def teach() -> None:
    """click knows PowerShell from now on."""
    add_completion_class(PowerShellComplete)


def pump_names(incomplete: str) -> list[CompletionItem]:
    """The user's names, and the ids of what is on USB."""
    from pumpctl.ports import pico_ports
    from pumpctl.user_config import UserConfig

    try:
        found = [CompletionItem(name, help=port) for name, port in sorted(UserConfig.load().pumps.items())]
    except HostError:
        found = []
    found += [CompletionItem(id_, help=port) for port, id_ in pico_ports().items() if id_]
    return [item for item in found if item.value.startswith(incomplete)]


def config_keys(incomplete: str) -> list[str]:
    """Keys that can be set, and those that are."""
    from pumpctl.user_config import KEYS, UserConfig

    try:
        known = list(UserConfig.load().values)
    except HostError:
        known = []
    return _beginning({*known, *(key for key in KEYS if "NAME" not in key), "pumps."}, incomplete)


def days(incomplete: str) -> list[str]:
    """Local days of which the archive has records, the newest first."""
    from pump import record
    from pumpctl.journal import records_of
    from pumpctl.localtime import date_text
    from pumpctl.stored import stored_journals

    found: set[str] = set()
    try:
        for journal in stored_journals(None):
            for part in records_of(journal.raw):
                _, utc_s, _, _, _, offset_min, *_ = record.header(part)
                if utc_s:
                    found.add(date_text((utc_s // 60 + offset_min) // 1440))
    except HostError:
        pass
    return _beginning(found, incomplete)[::-1]


def archived_pumps(incomplete: str) -> list[str]:
    """Names of the rigs in the archive, and the pumps' ids."""
    from pumpctl.stored import stored_journals

    try:
        found = stored_journals(None)
    except HostError:
        return []
    return _beginning({text for each in found for text in (each.name, each.pump.hex()) if text}, incomplete)


def _beginning(words: Iterable[str], incomplete: str) -> list[str]:
    return sorted(word for word in words if word.startswith(incomplete))
