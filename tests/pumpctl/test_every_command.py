"""What holds for every command: help with an example, --json, one line and exit code 2 for wrong usage, one line and
exit code 3 without a pump. The commands are walked, so that a new one cannot be left out."""

import json
import re

import click
import pytest

from pumpctl.cli import COMMANDS, cli
from tests.pumpfiles.files import EXAMPLES, PROGRAM, changed, write
from tests.pumps import HOUR_MS
from tests.serving import served

CIRCADIAN, BENCH = str(EXAMPLES / "circadian.toml"), str(EXAMPLES / "bench-1.toml")
THE_LIST = """list flash status clock check show diff push start stop suspend resume bolus temp prime bridge refill
withdraw ack log plot report calibrate monitor dashboard simulate selftest keys config completion"""
# Commands that run until they are ended, ask a person, or need a Pico: their own tests run them
ENDLESS = {"monitor", "dashboard", "flash", "calibrate"}
WORKS_ALONE = {"check", "simulate", "list", "completion", "plot", "report", "show", "diff"}          # without a pump
DEAD = "socket://127.0.0.1:1"


def leaves(group=cli, words=()):
    """(words, command) of every command that does something."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*words, name))
        else:
            yield (*words, name), command


LEAVES = dict(leaves())
IDS = [" ".join(words) for words in LEAVES]


def talks_to_a_pump(words):
    names = {option for param in LEAVES[words].params for option in param.opts}
    return "--port" in names


@pytest.mark.parametrize("words", LEAVES, ids=IDS)
def test_help_says_what_it_does_with_an_example_and_every_option(words, run):
    code, out, err = run(*words, "--help")
    assert (code, err) == (0, "") and "--json" in out
    assert f"pumpctl {' '.join(words)}" in out.partition("Example")[2]
    assert LEAVES[words].help and LEAVES[words].help[0].isupper()
    unexplained = [param.name for param in LEAVES[words].params if isinstance(param, click.Option) and not param.help]
    assert unexplained == []


@pytest.mark.parametrize("words", LEAVES, ids=IDS)
def test_the_lines_of_an_example_are_words_that_the_command_takes(words):
    """Each example is parsed, but not run: its options exist and its values are of their kinds."""
    import shlex

    epilog = (LEAVES[words].epilog or "").partition("Example")[2].replace("\\\n", " ")
    for line in re.findall(r"^ +pumpctl (.*)$", epilog, re.MULTILINE):
        given = shlex.split(line.split("|")[0].split(">")[0], comments=True)
        found = next((each for each in LEAVES if tuple(word for word in given if not word.startswith("-"))[:len(each)]
                      == each), None)
        assert found, line
        rest = given[given.index(found[-1]) + 1:]
        with LEAVES[found].make_context(found[-1], rest, parent=click.Context(cli, info_name="pumpctl")):
            pass


@pytest.mark.parametrize("words", LEAVES, ids=IDS)
def test_an_option_that_is_not_there_is_one_line_and_exit_code_2(words, run):
    code, out, err = run(*words, "--no-such-option")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("pumpctl: ") and f"pumpctl {' '.join(words)} --help" in err


@pytest.mark.parametrize("words", [words for words in LEAVES if talks_to_a_pump(words)])
def test_whatever_talks_to_a_pump_takes_its_name_several_and_all(words):
    names = {option for param in LEAVES[words].params for option in param.opts}
    assert {"--port", "--pump", "--all"} <= names


def test_the_exit_codes_are_told_and_the_warning_stands_there(run):
    out = run("--help")[1]
    assert all(f"{code} " in out.partition("Exit codes")[2] for code in (0, 1, 2, 3, 4, 5, 130))
    assert "never connect it to a person or an animal" in out


def test_the_commands_of_the_issue_are_there():
    assert set(THE_LIST.split()) <= set(COMMANDS)


# words: what is typed behind them where that is more than nothing, in an order in which each of them can be done
TYPED = [
    (("check",), (CIRCADIAN, "--rig", BENCH)), (("show",), ()), (("diff",), (CIRCADIAN,)), (("status",), ()),
    (("list",), ()), (("start",), ()), (("bolus",), ("10 uL", "--over", "1 min")), (("cancel",), ()),
    (("temp",), ("50%", "--for", "1 h")), (("suspend",), ()), (("resume",), ()), (("prime",), ("10 uL",)),
    (("refill",), ("--withdrawn", "9 mL", "--added", "10 mL")), (("ack",), ()), (("bridge",), ("--yes",)),
    (("log", "pull"), ()), (("log", "verify"), ()), (("log", "show"), ("--last", "3")),
    (("log", "export"), ("OUT/a.csv",)), (("plot",), ("OUT/a.svg",)), (("stop",), ()),
    (("withdraw",), ("10 uL", "--yes")), (("stop",), ()), (("push",), (CIRCADIAN, "--yes")),
    (("clock", "set"), ("--to", "2026-03-28T00:00", "--yes")), (("maintenance",), ()), (("config", "list"), ()),
    (("config", "set"), ("colour", "auto")), (("config", "get"), ("colour",)), (("config", "unset"), ("colour",)),
    (("config", "path"), ()), (("completion",), ("bash",)),
    (("keys", "make"), ()), (("keys", "rotate"), ()), (("keys", "list"), ()), (("keys", "export"), ("OUT/keys.json",)),
    (("keys", "remove"), ("--yes",)), (("keys", "import"), ("OUT/keys.json",)), (("keys", "forget"), ("5349",)),
    (("simulate",), (CIRCADIAN, "--rig", BENCH, "--start", "2026-03-27T00:00", "--days", "1", "--out", "OUT/sim")),
]


@pytest.fixture(scope="module")
def bench():
    with served("--control", "tcp:0") as serving:
        yield serving


def test_every_command_answers_in_json(bench, run, monkeypatch, tmp_path):
    """In the order of a working day, on one pump; a command that is missing here fails the next test."""
    monkeypatch.setenv("PUMPCTL_PORT", bench.port)
    lined = write(tmp_path, changed((EXAMPLES / "bench-1.toml").read_text(encoding="utf-8"), "[journal]",
                                    '[line]\nvolume = "50 uL"\n[journal]'))
    assert run("push", CIRCADIAN, "--rig", lined, "--start", "2026-03-27")[0] == 0
    assert run("clock", "set", "--to", "2026-03-27T12:00")[0] == 0
    for words, more in TYPED:
        if words == ("bridge",):
            bench.control.advance(HOUR_MS)
            other = tmp_path / "other.toml"
            other.write_text(PROGRAM, encoding="utf-8")
            assert run("push", other, "--yes")[0] == 0
        code, out, err = run(*words, *(str(word).replace("OUT", str(tmp_path)) for word in more), "--json")
        assert (code, err) == (0, ""), (words, out, err)
        values = [json.loads(line) for line in out.splitlines()]
        assert values and all(isinstance(each, dict) for each in values), words
        if talks_to_a_pump(words) and words != ("list",):
            assert values[0]["board"] == "simulator", words


def test_no_command_is_left_out_of_the_day():
    told = {words for words, _ in TYPED}
    assert {words for words in LEAVES if words not in told} <= {(name,) for name in ENDLESS} | set(OF_OTHERS)


# Commands that archives and people are needed for: their own tests ask them for JSON
OF_OTHERS = {words for words in LEAVES if words[0] in ("report", "selftest")}


@pytest.mark.parametrize("words", [words for words in LEAVES if talks_to_a_pump(words)
                                   and words[0] not in WORKS_ALONE | ENDLESS | {each[0] for each in OF_OTHERS}])
def test_without_a_pump_it_is_one_line_that_says_what_to_do(words, run):
    more = next(more for each, more in TYPED if each == words)
    code, out, err = run(*words, *more, "--port", DEAD)
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert err.startswith("pumpctl: ") and ". " in err
