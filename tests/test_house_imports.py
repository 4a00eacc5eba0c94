"""Importing EchoDesk does nothing: no socket, no logging, no seed, nothing heavy for `--help`."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache

import pytest
from house_tree import PACKAGES, ROOT, imports_of, our_python_files, tracked_files
from test_house_doors import GROUND, is_ground, is_within

HEAVY = (
    "numpy",
    "pandas",
    "cv2",
    "PIL",
    "sqlmodel",
    "sqlalchemy",
    "alembic",
    "gradio",
    "fastapi",
    "torch",
    "transformers",
    "pydantic",
    "matplotlib",
    "rich",
)

IMPORT_THEM_ALL = """
import importlib, importlib.abc, logging, random, socket, sys

allowed, modules = set(sys.argv[1].split(",")), sys.argv[2].split(",")
from importlib.metadata import packages_distributions
lowered = lambda name: name.lower().replace("_", "-").replace(".", "-")
owners = {top: {lowered(name) for name in names} for top, names in packages_distributions().items()}

class LightSetOnly(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        names = owners.get(name.partition(".")[0])
        if names and not names & allowed:
            raise ModuleNotFoundError(f"{name} is not in the light set", name=name)
        return None

if allowed != {"*"}:
    sys.meta_path.insert(0, LightSetOnly())

if any(name.startswith("review_ui") for name in modules):
    import gradio  # it draws a number of its own when it is imported
sockets = []
ours = ("db", "labeling", "review_ui", "pipeline")

def watch(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
        sockets.append(event)

sys.addaudithook(watch)
generator, handlers = random.getstate(), list(logging.getLogger().handlers)
level = logging.getLogger().level
for name in modules:
    importlib.import_module(name)
assert not sockets, f"importing used the network: {sockets}"
assert logging.getLogger().handlers == handlers, "importing configured logging"
assert logging.getLogger().level == level, "importing set a log level"
assert random.getstate() == generator, "importing used or seeded the random generator"
print(len(modules))
"""

# Alembic runs these, with a database at hand; the other starts installing when it is run.
NOT_IMPORTABLE = ("db/store/migrations/env.py",)


def modules() -> list[str]:
    """Every module of ours, by its import name."""
    paths = [path for path in our_python_files() if path not in NOT_IMPORTABLE and "/versions/" not in path]
    return [path.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for path in paths]


def light_set() -> list[str]:
    """Packages of requirements.lock, and those that any environment has."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    names = re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)
    normal = [name.lower().replace("_", "-").replace(".", "-") for name in names]
    return [*normal, "echodesk", "setuptools", "pip", "uv"]


# Networks are classes of torch, which has to be there when their module is read: `pip install -e ".[train]"`.
TRAIN_EXTRA = ("torch", "timm", "safetensors", "accelerate", "torchvision")
TRAIN_ROOMS = ("pipeline.modeling.", "pipeline.training.", "pipeline.evaluation.", "pipeline.serving.")


def modules_with_torch() -> set[str]:
    """Modules that import the train extra at their top, or a module that does."""
    tops = {
        name: {found.name for found in imports_of(source_of(name)) if found.is_at_top}
        for name in modules()
        if name.startswith(TRAIN_ROOMS)
    }
    found = {
        name for name, tops_of in tops.items() if any(top.split(".")[0] in TRAIN_EXTRA for top in tops_of)
    }
    while True:
        more = {
            name for name in tops if any(top.startswith(f"{known}.") for top in tops[name] for known in found)
        }
        if more <= found:
            return found
        found |= more


def source_of(name: str) -> str:
    """The text of one of our modules."""
    path = ROOT / name.replace(".", "/")
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")


def import_all(names: list[str], allowed: list[str]) -> None:
    """Import modules of ours in a program of their own, with these packages alone; nothing may be touched."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_THEM_ALL, ",".join(allowed), ",".join(names)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) == len(names)


@pytest.mark.slow
def test_every_module_without_torch_imports_with_the_light_set_alone_and_touches_nothing() -> None:
    with_torch = modules_with_torch()
    import_all([name for name in modules() if name not in with_torch], light_set())


@pytest.mark.slow
def test_modules_with_torch_touch_nothing_when_they_are_imported() -> None:
    names = sorted(modules_with_torch())
    assert "pipeline.modeling.network" in names
    assert "pipeline.modeling.targets" not in names
    import_all(names, ["*"])


def test_the_command_imports_nothing_heavy_before_a_verb_runs() -> None:
    code = f"import sys, pipeline.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_help_itself_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom pipeline.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"


def ground() -> list[str]:
    """The modules below the line that SQL does not cross."""
    return [module for module in modules() if is_ground(module)]


def test_the_ground_knows_no_sql() -> None:
    code = (
        f"import importlib, sys\nfor name in {ground()!r}:\n    importlib.import_module(name)\n"
        "    found = [sql for sql in ('sqlmodel', 'sqlalchemy') if sql in sys.modules]\n"
        "    assert not found, f'{name} imports {found}'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_the_ground_is_there() -> None:
    assert {name for name in GROUND if not any(is_within(module, name) for module in ground())} == set()


@cache
def defined_in(module: str) -> set[str] | None:
    """Names that a module of ours defines or imports at its top; None where there is no such module."""
    place = ROOT / module.replace(".", "/")
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    if not file.is_file():
        return None
    names = {path.stem for path in place.glob("*.py")} | {path.name for path in place.glob("*/")}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def test_what_experiments_import_of_ours_is_there() -> None:
    """They run for hours, and by hand: nothing else would notice that a name of theirs is gone."""
    gone = []
    for path in tracked_files("tests/experiments/*.py"):
        for one in imports_of((ROOT / path).read_text(encoding="utf-8")):
            module, _, name = one.name.rpartition(".")
            if one.name.split(".")[0] in PACKAGES and defined_in(one.name) is None:
                known = defined_in(module)
                if known is None or name not in known:
                    gone.append((path, one.name))
    assert gone == []
