"""Make the environment that `make demo` and `make test` run in.

Runs before anything is installed, under whatever `python3` is there: standard library only, and nothing
newer than Python 3.8 in the syntax, so that an old interpreter gets a sentence and not a traceback.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from pipeline.setup.system_packages import CannotInstall, Machine, install_missing, needs_for

ROOT = Path(__file__).resolve().parents[2]
OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.13", "python3.12", "python3.11")
LOCKS = {"demo": "requirements.lock", "train": "requirements-all.lock", "test": "requirements-all.lock"}
STAMP = "echodesk-installed.json"


def say(text: str) -> None:
    """One line on the terminal, at once."""
    print(text, flush=True)


class Venv:
    """The repository's own virtual environment: `.venv`, with uv inside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.uv = folder / "bin" / "uv"

    def is_usable(self) -> bool:
        """Whether it was made to the end, its interpreter starts, and that is new enough."""
        if not self.python.exists() or not self.uv.exists():
            return False
        probe = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON!r})"
        return subprocess.run([str(self.python), "-c", probe], check=False).returncode == 0

    def installed(self) -> dict[str, str]:
        """Which lock was installed last, and its fingerprint; empty when none."""
        try:
            stamp = json.loads((self.folder / STAMP).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def remember(self, stamp: dict[str, str]) -> None:
        """Write down what is installed, after it is."""
        (self.folder / STAMP).write_text(json.dumps(stamp), encoding="utf-8")


def fingerprint(root: Path, lock: str) -> str:
    """A digest: another one when the lock, the project file or where the project lies changes."""
    digest = hashlib.sha256(str(root).encode())
    for name in (lock, "pyproject.toml"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def is_up_to_date(installed: dict[str, str], purpose: str, root: Path) -> bool:
    """Whether nothing needs installing. The full set contains the light one."""
    wanted = {LOCKS[purpose], LOCKS["test"]}
    lock = installed.get("lock", "")
    return lock in wanted and installed.get("fingerprint") == fingerprint(root, lock)


def use_new_enough_python() -> None:
    """Start again under a newer interpreter when this one is too old.

    Raises:
        CannotInstall: there is none.
    """
    if sys.version_info >= OLDEST_PYTHON:
        return
    for name in NEWER_PYTHONS:
        found = shutil.which(name)
        if found:
            arguments = [found, "-m", "pipeline.setup.prepare", *sys.argv[1:]]
            os.execv(found, arguments)  # noqa: S606 - a newer Python on PATH
    have = ".".join(str(part) for part in sys.version_info[:3])
    raise CannotInstall(
        f"EchoDesk needs Python 3.11 or newer; python3 here is {have}.",
        "Install one, or name it: make demo PYTHON=/path/to/python3.11",
    )


def make_venv(venv: Venv, machine: Machine) -> None:
    """Create `.venv` and put uv into it, whatever the system's Python came without.

    Debian splits `ensurepip` into python3-venv and forbids pip outside an environment (PEP 668), so there
    are three ways: venv with pip; uv from the PATH; or the system's pip working on a venv without one.

    Raises:
        CannotInstall: none of the three is possible; says what to type.
    """
    say(f"==> Making the environment in {venv.folder.name} (Python {sys.version.split()[0]})")
    outer_uv = shutil.which("uv")
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    if not outer_uv and not has_ensurepip:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        has_ensurepip = machine.try_apt([package]) or machine.try_apt(["python3-venv"])
    if outer_uv:
        _must_run([outer_uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(venv.folder)])
        _must_run([outer_uv, "pip", "install", "--quiet", "--python", str(venv.python), "uv"])
    elif has_ensurepip:
        _must_run([sys.executable, "-m", "venv", "--clear", str(venv.folder)])
        _must_run([str(venv.python), "-m", "pip", "install", "--quiet", *_QUIET_PIP, "uv"])
    elif importlib.util.find_spec("pip") is not None:
        _must_run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv.folder)])
        pip = [sys.executable, "-m", "pip", "--python", str(venv.python)]
        _must_run([*pip, "install", "--quiet", *_QUIET_PIP, "uv"])
    else:
        raise CannotInstall(
            "this Python cannot make virtual environments.", "Type: sudo apt-get install python3-venv"
        )


_QUIET_PIP = ("--disable-pip-version-check", "--no-input")


def install_packages(venv: Venv, purpose: str, root: Path) -> None:
    """Install the locked packages with their hashes checked, then EchoDesk itself, editable."""
    lock = LOCKS[purpose]
    if is_up_to_date(venv.installed(), purpose, root):
        return
    size = "the light set, no torch" if purpose == "demo" else "everything the tests need, torch included"
    say(f"==> Installing Python packages from {lock} ({size})")
    uv_pip = [str(venv.uv), "pip", "install", "--quiet", "--python", str(venv.python)]
    _must_run([*uv_pip, "--require-hashes", "-r", str(root / lock)])
    _must_run([*uv_pip, "--no-deps", "-e", str(root)])
    venv.remember({"lock": lock, "fingerprint": fingerprint(root, lock)})


def _must_run(command: list[str]) -> None:
    done = subprocess.run(command, check=False, cwd=ROOT)
    if done.returncode:
        raise CannotInstall(
            f"this step failed: {' '.join(command)}", "Its own message stands above; then run make again."
        )


def prepare(purpose: str, machine: Machine, root: Path) -> int:
    """Bring the machine to where `purpose` (demo or test) can run.

    Returns:
        0 when it can; 1 when a program is missing that `purpose` cannot do without.
    """
    started = time.monotonic()
    venv = Venv(root / ".venv")
    if not venv.is_usable():
        make_venv(venv, machine)
    install_packages(venv, purpose, root)
    missing = install_missing(needs_for(purpose), machine, say)
    say(f"==> The environment is ready ({time.monotonic() - started:.0f} s)")
    for need in missing:
        say(f"    Missing: {need.title}. {machine.what_to_type(need)}")
    if not missing:
        return 0
    if purpose == "test" and not machine.is_ci:
        say("    The tests that need what is missing will be skipped by name.")
        return 0
    return 1


def main(arguments: list[str]) -> int:
    """`python3 -m pipeline.setup.prepare demo|train|test`."""
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        say("use: python3 -m pipeline.setup.prepare demo|train|test")
        return 2
    try:
        use_new_enough_python()
        return prepare(arguments[0], Machine(), ROOT)
    except CannotInstall as problem:
        say(f"EchoDesk: {problem.message}\n{problem.hint}")
        return 1
    except KeyboardInterrupt:
        say("Stopped. Run the same command again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
