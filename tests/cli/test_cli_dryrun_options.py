"""What `seawall dryrun` makes of its words, before anything runs."""

from argparse import Namespace
from pathlib import Path

import pytest

from engine.base.errors import UserError
from engine.cli import dryrun
from engine.cli import main as entry
from engine.cli.parser import parse
from engine.session.options import DryrunOptions, Outcome


def options(*words: str) -> DryrunOptions:
    args: Namespace = parse(entry.parser_of("dryrun", dryrun), list(words))
    return dryrun.options_of(args)


def test_nothing_asked_is_everything():
    assert options() == DryrunOptions()


def test_every_option_arrives():
    got = options(
        "a.rule", "--crisis", "2008-gfc", "2020-covid", "--strategy", "fade", "--param", "n=30",
        "--data", "x.csv", "--symbol", "MINE", "--from", "2020-01-01", "--to", "2020-12-31",
        "--cash", "$1_000_000", "--out", "elsewhere", "--runner", "walk", "--no-limits",
    )  # fmt: skip
    assert got == DryrunOptions(
        files=(Path("a.rule"),), crises=("2008-gfc", "2020-covid"), strategies=("fade",),
        params=("n=30",), data=Path("x.csv"), symbol="MINE", first=18262, last=18627,
        cash=1_000_000.0, out=Path("elsewhere"), runner="walk", limits=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("--crisis", "2008-gfc", "2020-covid", "my.rule"),
        ("my.rule", "--crisis", "2008-gfc,2020-covid"),
        ("--crisis", "2008-gfc", "--crisis", "2020-covid", "--", "my.rule"),
        ("--crisis=2008-gfc,2020-covid", "my.rule"),
    ],
)
def test_crises_and_files_are_told_apart(words):
    got = options(*words)
    assert got.crises == ("2008-gfc", "2020-covid")
    assert got.files == (Path("my.rule"),)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--from", "2008-13-01"), "`2008-13-01` is no date"),
        (("--from", "10/10/2008"), "write it as year-month-day: 2008-10-10"),
        (("--from", "2009-01-01", "--to", "2008-01-01"), "--from lies after --to"),
        (("--cash", "-5"), "no amount of money above zero"),
        (("--cash", "lots"), "no amount of money above zero"),
        (("--cash", "nan"), "no amount of money above zero"),
        (("--param", "n"), "`n` sets no param"),
        (("--runner", "numba"), "`numba` is none of walk, python, njit"),
        (("--crisis",), "--crisis: a value is missing after it"),
    ],
)
def test_bad_values_say_what_is_wrong(words, message):
    with pytest.raises(UserError) as error:
        options(*words)
    assert message in error.value.message
    assert error.value.help


def test_the_command_to_paste_repeats_what_the_run_was_given():
    cell = ("fade", "2008-gfc")
    outcome = Outcome({}, Path("r"), None, {cell: "seawall why fade SP500 2008-10-10"})
    given = options("my rules.rule", "--param", "n=30", "--no-limits")
    assert dryrun.commands(outcome, given, ["my rules.rule"])[cell] == (
        "seawall why fade SP500 2008-10-10 --file 'my rules.rule' --param n=30 --no-limits"
    )
