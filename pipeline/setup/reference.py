"""Write docs/commands.md and docs/modules.md from the code, so that neither can go stale.

`python -m pipeline.setup.reference` (or `make docs`) writes both; a test compares them.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer
import typer.core
import typer.main

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("db", "labeling", "review_ui", "pipeline")
MAP_HEAD = """# The modules

Written by `make docs` from the first sentence of each module. Top to bottom is how the data flows; the plan
of the packages and who may import whom is in [architecture.md](architecture.md).
"""


def commands_markdown() -> str:
    """docs/commands.md: what the command itself says to --help, verb by verb in flow order."""
    from pipeline.cli import app

    lines = [
        "# The commands",
        "",
        "Written by `make docs`; this is what `echodesk VERB --help` says.",
        "",
        "Exit codes: 0 done, 1 a check or an item failed (named), 2 wrong use, 130 stopped by Ctrl-C.",
        "",
        "## Before any verb",
        *_help_block(app, []),
    ]
    for verb in verbs_of(typer.main.get_command(app)):
        lines += ["", f"## echodesk {' '.join(verb)}", *_help_block(app, verb)]
    return "\n".join(lines) + "\n"


def verbs_of(group: Any) -> Iterator[list[str]]:
    """Every verb, a group's verbs with the group's name before them, in the order of the help."""
    asked = typer.Context(group)
    for name in group.list_commands(asked):
        _, command, _ = group.resolve_command(asked, [name])
        if isinstance(command, typer.core.TyperGroup):
            yield from ([name, *verb] for verb in verbs_of(command))
        else:
            yield [name]


def _help_block(app: typer.Typer, verb: list[str]) -> list[str]:
    from typer.testing import CliRunner

    # A fixed width, so that the text does not depend on the terminal of whoever writes it.
    asked = CliRunner().invoke(app, [*verb, "--help"], prog_name="echodesk", env={"COLUMNS": "90"})
    return ["", "```", asked.output.strip(), "```"]


def file_map(paths: Sequence[str]) -> str:
    """One line a module, by its docstring's first line; the paths in the order the tree is read."""
    lines: list[str] = []
    folder = ""
    for path in sorted(paths, key=_reading_order):
        parent = str(Path(path).parent)
        if parent != folder:
            folder = parent
            lines += ["", f"## {folder}/", *_words_of_folder(folder), ""]
        lines.append(f"* `{path}`: {first_sentence(path)}")
    return "\n".join(lines).strip() + "\n"


def _words_of_folder(folder: str) -> list[str]:
    """What the package says of itself, where it says something."""
    sentence = first_sentence(f"{folder}/__init__.py")
    return ["", sentence] if sentence else []


def _reading_order(path: str) -> tuple[int, str, str]:
    package = path.split("/")[0]
    return PACKAGES.index(package), str(Path(path).parent), path


def first_sentence(path: str) -> str:
    """The first paragraph of a module's docstring, on one line."""
    docstring = ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.strip().partition("\n\n")[0].split())


def mapped_files() -> list[str]:
    """The modules the map lists: every one git knows, but migrations and empty package markers."""
    patterns = [f"{package}/*.py" for package in PACKAGES]
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--", *patterns], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [
        path
        for path in listed
        if not path.endswith("__init__.py") and "/versions/" not in path and (ROOT / path).is_file()
    ]


def modules_markdown() -> str:
    """docs/modules.md: what every module is, folder by folder."""
    return f"{MAP_HEAD}\n{file_map(mapped_files())}"


def main() -> None:
    """Write both documents."""
    (ROOT / "docs" / "commands.md").write_text(commands_markdown(), encoding="utf-8")
    (ROOT / "docs" / "modules.md").write_text(modules_markdown(), encoding="utf-8")
    print("Wrote docs/commands.md and docs/modules.md.")


if __name__ == "__main__":
    main()
