"""Hears every run that a test makes of rule texts, in this process or another, for the judge.

In the test's own process a run is kept until the test is over. A forked child of a dry-run, or a
command in a process of its own (tests/elsewhere), puts it down in a folder that the test's process
reads. Nothing is imported here that a plain `seawall check` does without.
"""

import os
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

KEPT = 4_000
"""Blocks of rule text that are remembered."""
FOLDER = "JUDGED_RUNS"
"""The environment's name for the folder where other processes put their runs down."""
PLACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "elsewhere")

Tell = Callable[[], Any]


class Run:
    """A finished run. given: what the judge needs of it, worked out when asked."""

    def __init__(self, desk: Any, history: Any, given: Tell) -> None:
        self.desk = desk
        self.history = history
        self.given = given


class Blocks:
    """Syntax trees by the place that they and the checked block share, newest last."""

    def __init__(self) -> None:
        self.made: OrderedDict[int, Any] = OrderedDict()
        self.homes: dict[int, Any] = {}
        self.files: dict[str, Any] = {}

    def note(self, kind: str, block: Any) -> None:
        if kind == "RuleFile":
            self.files[block.file] = block
            for x in block.blocks:
                if type(x).__name__ in ("LimitsBlock", "Strategy"):
                    self.homes[id(x.span)] = block
            return
        self.made[id(block.span)] = block
        if len(self.made) > KEPT:
            self.homes.pop(self.made.popitem(last=False)[0], None)


BLOCKS = Blocks()
RUNS: list[Run] = []
HOME: list[int] = []
"""The test's own process."""


def listen(folder: str) -> None:
    """Hear this process, its forked children and every process that it starts."""
    from importlib import import_module

    HOME[:] = [os.getpid()]
    os.environ[FOLDER] = folder
    for name in HEARD:
        hear(import_module(name))
    _follow()


def hear(module: Any) -> None:
    """Note what a loaded module parses or plays, once."""
    if not hasattr(module, "is_heard"):
        module.is_heard = True
        HEARD[module.__name__](module)


def _follow() -> None:
    """Let every process that a test starts load tests/elsewhere, whatever environment it gets."""
    import subprocess

    plain = subprocess.Popen.__init__

    def start(self: Any, *args: Any, **how: Any) -> None:
        env = dict(os.environ if how.get("env") is None else how["env"])
        path = env.get("PYTHONPATH")
        env["PYTHONPATH"] = PLACE + os.pathsep + path if path else PLACE
        env[FOLDER] = os.environ[FOLDER]
        plain(self, *args, **{**how, "env": env})

    subprocess.Popen.__init__ = start  # type: ignore[method-assign]


def note(run: Run) -> None:
    """Keep a run for the end of the test, or put it down where the test's process finds it. Where
    no test is run, nobody hears."""
    if os.getpid() in HOME:
        RUNS.append(run)
    elif FOLDER in os.environ:
        _put_down(run)


def _put_down(run: Run) -> None:
    import pickle
    import tempfile

    file, name = tempfile.mkstemp(dir=os.environ[FOLDER], suffix=".part")
    try:
        with os.fdopen(file, "wb") as out:
            pickle.dump(run.given(), out)
    except OSError:  # a test of a full disk: the empty file says that a run was lost
        os.rename(name, name.removesuffix(".part") + ".lost")
    else:
        os.rename(name, name.removesuffix(".part") + ".run")


# ---------------------------------------------------------------- what is heard


def _trees(module: Any) -> None:
    for kind in ("LimitsBlock", "Strategy", "RuleFile"):
        _listen_to(kind, getattr(module, kind))


def _listen_to(name: str, kind: Any) -> None:
    plain = kind.__init__

    def init(self: Any, *args: Any, **named: Any) -> None:
        plain(self, *args, **named)
        BLOCKS.note(name, self)

    kind.__init__ = init


def _replays(module: Any) -> None:
    plain = module._run

    def run(scene: Any, cast: Any, force: Any, desk: Any) -> Any:
        ran = plain(scene, cast, force, desk)
        _note_cell(scene, cast, force, desk, ran.history)
        return ran

    module._run = run


def _note_cell(scene: Any, cast: Any, force: Any, desk: Any, history: Any) -> None:
    def given() -> Any:
        import handing

        return handing.of_cell(scene, cast, force, desk, history)

    note(Run(desk, history, given))


def _answers(module: Any) -> None:
    """`why` plays the run of a cell once more."""
    plain_asked, plain_account, asked = module._asked, module.run_account, []

    def asked_of(*args: Any) -> Any:
        asked[:] = [plain_asked(*args)]
        return asked[0]

    def account(desk: Any, **how: Any) -> Any:
        history = plain_account(desk, **how)
        _note_cell(asked[0].scene, asked[0].cast, asked[0].force, desk, history)
        return history

    module._asked, module.run_account = asked_of, account


def _tests_of_limits(module: Any) -> None:
    plain_desk, plain_account, asked = module._desk, module.run_account, []

    def desk_of(test: Any, block: Any, world: Any) -> Any:
        asked[:] = [test, block]
        return plain_desk(test, block, world)

    def account(desk: Any, **how: Any) -> Any:
        history, (test, block) = plain_account(desk, **how), asked

        def given() -> Any:
            import handing

            return handing.of_limit_test(test, block, desk, history)

        note(Run(desk, history, given))
        return history

    module._desk, module.run_account = desk_of, account


def _tests_of_rules(module: Any) -> None:
    """A strategy without limits: every order must pass, and no other may fill."""
    plain_calls, plain_account, asked = module._calls, module.run_account, []

    def calls(test: Any, strategy: Any, *rest: Any) -> Any:
        asked[:] = [strategy]
        return plain_calls(test, strategy, *rest)

    def account(desk: Any, **how: Any) -> Any:
        history, (strategy,) = plain_account(desk, **how), asked

        def given() -> Any:
            import handing

            return handing.of_rule_test(strategy, desk, history)

        note(Run(desk, history, given))
        return history

    module._calls, module.run_account = calls, account


HEARD: dict[str, Callable[[Any], None]] = {
    "engine.lang.ast": _trees,
    "engine.session.replay": _replays,
    "engine.session.why": _answers,
    "engine.session.limit_tests": _tests_of_limits,
    "engine.session.rule_tests": _tests_of_rules,
}
