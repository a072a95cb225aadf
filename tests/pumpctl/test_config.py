"""The user's configuration: kept in one file, refused where it is wrong, completed by the shell."""

import json
import os
import subprocess
import sys

import pytest

from pumpctl.archive_file import default_path
from tests.pumpfiles.files import EXAMPLES


def test_what_is_set_is_there_until_it_is_removed(run, config_path):
    assert run("config", "list")[1] == f"nothing is set in {config_path}\n"
    assert run("config", "set", "pumps.left", "/dev/ttyACM0")[0] == 0
    assert run("config", "set", "rigs", "~/my rigs")[0] == 0
    assert run("config", "get", "pumps.left")[1] == "/dev/ttyACM0\n"
    assert json.loads(run("config", "list", "--json")[1]) == {"rigs": "~/my rigs", "pumps.left": "/dev/ttyACM0"}
    assert run("config", "unset", "pumps.left")[0] == 0
    assert run("config", "get", "pumps.left")[0] == 2
    assert run("config", "path")[1] == f"{config_path}\n"


def test_a_path_is_kept_so_that_it_leads_there_from_every_folder(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pump").touch()
    for key, typed, kept in (("pumps.left", "pump", tmp_path / "pump"), ("pumps.right", "e661", "e661"),
                             ("pumps.sim", "socket://127.0.0.1:4000", "socket://127.0.0.1:4000"),
                             ("rigs", "rigs", tmp_path / "rigs"), ("archive", "~/a.sqlite", "~/a.sqlite")):
        assert run("config", "set", key, typed)[1].startswith(f"{key} is {kept} in ")
        assert run("config", "get", key)[1] == f"{kept}\n"


def test_what_else_stands_in_the_file_stays(run, config_path):
    config_path.parent.mkdir()
    text = '# mine\ncolour = "never"\nlater_key = 3\n\n[pumps]\nleft = "COM3"  # by the window\n'
    config_path.write_text(text, encoding="utf-8")
    run("config", "set", "pumps.right", "COM4")
    assert config_path.read_text(encoding="utf-8") == text + 'right = "COM4"\n'
    assert list(config_path.parent.iterdir()) == [config_path]


@pytest.mark.parametrize("words, said", [
    (("set", "pump.left", "COM3"), "the keys are"), (("set", "color", "never"), "the keys are"),
    (("set", "pumps.", "COM3"), "is no name"), (("set", "pumps.a b", "COM3"), "is no name"),
    (("set", "colour", "blue"), "one of auto, always, never"), (("set", "archive", " "), "config unset archive"),
    (("unset", "archive"), "is not set"), (("get", "archive"), "config set archive"), (("set", "archive"), "VALUE"),
])
def test_a_wrong_key_or_value_is_a_line_and_changes_nothing(run, config_path, words, said):
    code, out, err = run("config", *words)
    assert (code, out, err.count("\n")) == (2, "", 1) and said.lower() in err.lower()
    assert not config_path.exists()


@pytest.mark.parametrize("text, said", [
    ("pumps = 3", "pumps must be a table"), ("[pumps]\nleft = 3", "pumps.left must be a text"),
    ("= 1", "is not valid TOML"), ("colour = 'blue'", "colour 'blue' is not known"),
])
def test_a_file_that_is_wrong_is_named_and_never_overwritten(run, config_path, text, said):
    config_path.parent.mkdir()
    config_path.write_text(text, encoding="utf-8")
    for words in (("config", "list"), ("config", "set", "pumps.left", "COM3"), ("status", "--pump", "left")):
        code, out, err = run(*words)
        assert (code, out, err.count("\n")) == (2, "", 1) and said in err
    assert config_path.read_text(encoding="utf-8") == text


def test_the_archive_may_be_set_and_the_environment_is_nearer(run, monkeypatch, tmp_path):
    run("config", "set", "archive", str(tmp_path / "other.sqlite"))
    assert default_path() == tmp_path / "other.sqlite"


def completed(shell, *words):
    """What a shell is given for the last of the words."""
    env = os.environ | {"_PUMPCTL_COMPLETE": f"{shell}_complete"}
    env |= {"bash": {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)},
            "powershell": {"COMP_WORDS": "\n".join(words), "COMP_CWORD": words[-1]}}[shell]
    return subprocess.run([sys.executable, "-m", "pumpctl"], env=env, capture_output=True, text=True).stdout


@pytest.mark.parametrize("shell, names", [("bash", "complete"), ("zsh", "compdef"), ("fish", "complete"),
                                          ("powershell", "Register-ArgumentCompleter")])
def test_every_shell_has_a_script_that_asks_this_program(run, shell, names):
    code, out, _ = run("completion", shell)
    assert code == 0 and names in out and "_PUMPCTL_COMPLETE" in out and f"{shell}_complete" in out
    assert json.loads(run("completion", shell, "--json")[1])["script"].rstrip() == out.rstrip()


def test_bash_takes_the_script(run, tmp_path):
    (tmp_path / "script").write_text(run("completion", "bash")[1])
    assert subprocess.run(["bash", "-n", tmp_path / "script"]).returncode == 0


@pytest.mark.parametrize("shell", ["bash", "powershell"])
def test_commands_names_of_pumps_and_keys_are_completed(run, shell):
    run("config", "set", "pumps.left", "COM3")
    run("config", "set", "pumps.right", "COM4")
    assert "status" in completed(shell, "pumpctl", "stat") and "bolus" not in completed(shell, "pumpctl", "stat")
    found = completed(shell, "pumpctl", "status", "--pump", "l")
    assert "left" in found and "right" not in found
    assert "pumps.right" in completed(shell, "pumpctl", "config", "get", "pumps.r")


def test_a_broken_configuration_completes_nothing_and_says_nothing(config_path):
    config_path.parent.mkdir()
    config_path.write_text("= 1", encoding="utf-8")
    assert completed("bash", "pumpctl", "status", "--pump", "l") .strip() == ""


@pytest.mark.parametrize("setting, no_colour, coloured", [("always", "", True), ("always", "1", False),
                                                         ("never", "", False), ("auto", "", False)])
def test_colour_is_as_set_and_no_color_counts_most(run, monkeypatch, tmp_path, setting, no_colour, coloured):
    """Here is no terminal, so without a word there is no colour."""
    (tmp_path / "other.toml").write_text((EXAMPLES / "circadian.toml").read_text(encoding="utf-8")
                                         .replace("55 uL/h", "60 uL/h"), encoding="utf-8")
    run("config", "set", "colour", setting)
    monkeypatch.setenv("NO_COLOR", no_colour)
    out = run("diff", str(EXAMPLES / "circadian.toml"), str(tmp_path / "other.toml"))[1]
    assert ("\x1b[33m* 06:30" in out) is coloured and "* 06:30" in out


def test_a_broken_configuration_stops_no_command_that_does_not_need_it(run, config_path):
    config_path.parent.mkdir()
    config_path.write_text("= 1", encoding="utf-8")
    assert run("stop", "--port", "socket://127.0.0.1:1")[0] == 3                   # no pump there: it has tried


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "cp1252"])
def test_a_console_without_the_letters_gets_plain_ones_and_no_unit_changes(encoding):
    """cp437 and cp1252 have the micro sign, ASCII has not."""
    env = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", "from pumpctl.console import plain_where_needed as p; p(); "
                           "print('20 \\u00b5L \\u25b2 \\u2603')"], env=env, capture_output=True)
    micro = "u" if encoding == "ascii" else "µ"
    assert done.stdout.decode(encoding).split() == ["20", f"{micro}L", "^", "?"]


def test_a_rig_may_be_named_by_its_file_in_the_folder_of_rigs(run, monkeypatch, tmp_path):
    circadian = str(EXAMPLES / "circadian.toml")
    monkeypatch.chdir(tmp_path)
    assert run("check", circadian, "--rig", "bench-1")[0] == 2
    run("config", "set", "rigs", str(EXAMPLES))
    assert run("check", circadian, "--rig", "bench-1")[0] == 0
    code, _, err = run("check", circadian, "--rig", "bench-9")
    assert code == 2 and "bench-9" in err
