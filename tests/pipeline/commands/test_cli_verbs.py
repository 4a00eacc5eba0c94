"""The verbs are imported when they are asked for, and the help says the same of them as they do
themselves.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer.main

from pipeline.cli import VERBS, app, loaded

VERBS_AT_START = typer.main.get_command(app)


@pytest.mark.parametrize("name", VERBS)
def test_the_help_says_of_a_verb_what_the_verb_says_of_itself(name: str) -> None:
    verb = loaded(name)
    assert VERBS[name].about == " ".join(verb.help.partition("\n\n")[0].split())
    for limit in (20, 45, 60, 120):
        listed = VERBS_AT_START.commands[name]  # type: ignore[attr-defined]  # an app with verbs is a group
        assert listed.get_short_help_str(limit) == verb.get_short_help_str(limit)


def test_a_group_has_the_verbs_of_its_other_modules_last_and_once() -> None:
    for _ in range(2):
        names = list(loaded("snapshot").commands)
        assert names[-4:] == ["probe", "export", "study", "table"] and len(set(names)) == len(names)


def test_help_imports_no_verb_and_a_verb_imports_no_other() -> None:
    code = (
        "import sys\nfrom pipeline.cli import app\n"
        "try:\n    app(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(*sorted(name for name in sys.modules if name.startswith('pipeline.commands.')))"
    )

    def imported(*arguments: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
        )
        return set(done.stdout.splitlines()[-1].split())

    shared = {"pipeline.commands.options", "pipeline.commands.terminal"}
    assert imported("--help") == shared
    groups = {"pipeline.commands.labels"}
    assert imported("status", "--help") == shared | groups | {"pipeline.commands.labels.status"}
