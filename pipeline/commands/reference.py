"""Write docs/commands.md and the README's file map from the code, so that neither can go stale.

`python -m pipeline.commands.reference` (or `make docs`) writes both; a test compares them.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("db", "labeling", "review_ui", "pipeline")
MAP_BEGINS = "<!-- file map: written by make docs -->"
MAP_ENDS = "<!-- end of the file map -->"


def commands_markdown() -> str:
    """docs/commands.md: every verb with its arguments and options, as the command itself knows them."""
    import typer.main

    from pipeline.cli import app

    root = typer.main.get_command(app)
    lines = [
        "# The commands",
        "",
        "Written by `make docs` from the command itself; `echodesk VERB --help` says the same.",
        "",
        "Exit codes: 0 done, 1 a check or an item failed (named), 2 wrong use, 130 stopped by Ctrl-C.",
        "",
        "## Before any verb",
        "",
        *_parameter_lines(root),
    ]
    for name, command in _verbs(root):
        lines += ["", f"## echodesk {name}", "", str(command.help or "").strip(), "", "```"]
        lines += [_usage(name, command), "```", "", *_parameter_lines(command)]
    return "\n".join(lines).rstrip() + "\n"


def _verbs(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        full_name = f"{before}{name}"
        if hasattr(command, "commands"):
            yield from _verbs(command, f"{full_name} ")
        else:
            yield full_name, command


def _usage(name: str, command: Any) -> str:
    arguments = [_argument_name(item) for item in command.params if item.param_type_name == "argument"]
    return " ".join(["echodesk", name, *arguments, "[OPTIONS]"])


def _argument_name(argument: Any) -> str:
    word = argument.metavar or argument.name.upper()
    return f"{word}..." if argument.nargs == -1 and not word.endswith("...") else str(word)


def _parameter_lines(command: Any) -> list[str]:
    lines = []
    for item in command.params:
        if getattr(item, "hidden", False):
            continue
        if item.param_type_name == "argument":
            names = _argument_name(item)
        else:
            names = ", ".join(f"`{option}`" for option in item.opts) + _value_name(item)
        text = item.help or ""
        default = item.default
        if default not in (None, False, ()) and not callable(default):
            text += f" Default: {getattr(default, 'value', default)}."
        lines.append(f"* {names}: {text}")
    return lines


def _value_name(option: Any) -> str:
    if option.is_flag:
        return ""
    choices = getattr(option.type, "choices", None)
    if choices:
        return " " + "|".join(str(getattr(choice, "value", choice)) for choice in choices)
    return " " + str(option.metavar or option.type.name.upper())


def file_map(paths: Sequence[str]) -> str:
    """One line a module, by its docstring's first line; the paths in the order the tree is read."""
    lines: list[str] = []
    folder = ""
    for path in sorted(paths, key=_reading_order):
        parent = str(Path(path).parent)
        if parent != folder:
            folder = parent
            lines += ["", f"**{folder}/**", ""]
        lines.append(f"* `{path}`: {first_sentence(path)}")
    return "\n".join(lines).strip() + "\n"


def _reading_order(path: str) -> tuple[int, str, str]:
    package = path.split("/")[0]
    return PACKAGES.index(package), str(Path(path).parent), path


def first_sentence(path: str) -> str:
    """The first line of a module's docstring."""
    docstring = ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) or ""
    return docstring.strip().splitlines()[0] if docstring.strip() else ""


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


def with_file_map(readme: str, new_map: str) -> str:
    """The README with what stands between the two marks replaced."""
    before, _, rest = readme.partition(MAP_BEGINS)
    _, _, after = rest.partition(MAP_ENDS)
    return f"{before}{MAP_BEGINS}\n{new_map}{MAP_ENDS}{after}"


def main() -> None:
    """Write both documents."""
    (ROOT / "docs" / "commands.md").write_text(commands_markdown(), encoding="utf-8")
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(with_file_map(text, file_map(mapped_files())), encoding="utf-8")
    print("Wrote docs/commands.md and the README's file map.")


if __name__ == "__main__":
    main()
