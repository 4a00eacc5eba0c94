"""The programs EchoDesk uses that are not Python packages, and how each system installs them.

Standard library only, like `prepare`: it runs before anything is installed.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass


class CannotInstall(Exception):
    """A step a person must do; says which."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class SystemNeed:
    """One program: how to see that it is there, and the packages that bring it.

    Attributes:
        programs: any one of these on the PATH, or matching as a file pattern, means it is installed.
        apt, brew: package names.
        is_optional: whether the tests run without it as well, only slower.
    """

    title: str
    programs: tuple[str, ...]
    apt: tuple[str, ...]
    brew: tuple[str, ...]
    is_optional: bool = False


TESSERACT = SystemNeed(
    "Tesseract (reads the letters on a page)",
    ("tesseract",),
    ("tesseract-ocr", "tesseract-ocr-eng"),
    ("tesseract",),
)
CHROMIUM = SystemNeed(
    "Chromium (the browser tests)",
    (
        "chromium",
        "chromium-browser",
        "chromium-headless-shell",
        "google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "~/.cache/ms-playwright/chromium-*/*/chrome",
    ),
    ("chromium", "fonts-dejavu-core", "fonts-lohit-knda", "fonts-noto-core"),
    ("chromium",),
)
# Takes a quarter less of a processor to open a page; Debian has it, other systems may not.
HEADLESS_CHROMIUM = SystemNeed(
    "Chromium without a window (quicker browser tests)",
    ("chromium-headless-shell",),
    ("chromium-headless-shell", *CHROMIUM.apt[1:]),
    (),
    is_optional=True,
)
POSTGRESQL = SystemNeed(
    "PostgreSQL (the database tests)",
    ("initdb", "/usr/lib/postgresql/*/bin/initdb", "/opt/homebrew/opt/postgresql*/bin/initdb"),
    ("postgresql",),
    ("postgresql@16",),
)


def needs_for(purpose: str) -> tuple[SystemNeed, ...]:
    """What `make demo` and `make test` use besides Python packages."""
    return (TESSERACT, HEADLESS_CHROMIUM, CHROMIUM, POSTGRESQL) if purpose == "test" else (TESSERACT,)


class Machine:
    """What this computer has and lets us install. Tests hand in a pretended one."""

    def __init__(self) -> None:
        self.is_ci = os.environ.get("CI", "").lower() in {"true", "1"}
        self.is_root = os.geteuid() == 0
        self.can_ask = sys.stdin is not None and sys.stdin.isatty() and not self.is_ci

    def which(self, program: str) -> str | None:
        """Where a program on the PATH is, or the file a pattern matches."""
        if "/" in program:
            found = sorted(glob.glob(os.path.expanduser(program)))
            return found[-1] if found else None
        return shutil.which(program)

    def run(self, command: Sequence[str], quiet: bool = False) -> bool:
        """Run a command to its end; whether it succeeded."""
        hush = subprocess.DEVNULL if quiet else None
        try:
            done = subprocess.run(list(command), check=False, stdout=hush, stderr=hush)
        except OSError:
            return False
        return done.returncode == 0

    def has(self, need: SystemNeed) -> bool:
        """Whether the program is already there."""
        return any(self.which(program) for program in need.programs)

    def root_prefix(self) -> list[str] | None:
        """What to put before a command to run it as root: nothing, sudo, or None when it cannot be done."""
        if self.is_root:
            return []
        if not self.which("sudo"):
            return None
        if self.run(["sudo", "-n", "true"], quiet=True):
            return ["sudo", "-n"]
        return ["sudo"] if self.can_ask else None

    def try_apt(self, packages: Sequence[str]) -> bool:
        """Install Debian packages; refresh the package lists only when the first try fails."""
        prefix = self.root_prefix()
        if prefix is None or not self.which("apt-get"):
            return False
        apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        install = [*apt, "install", "-y", "--no-install-recommends", *packages]
        if self.run(install, quiet=True):
            return True
        return self.run([*apt, "update"], quiet=True) and self.run(install)

    def try_install(self, need: SystemNeed) -> bool:
        """Install by apt or brew, whichever this computer has."""
        if self.which("apt-get"):
            return self.try_apt(need.apt)
        if self.which("brew"):
            return self.run(["brew", "install", *need.brew])
        return False

    def what_to_type(self, need: SystemNeed) -> str:
        """The command a person would type here."""
        if self.which("apt-get"):
            return f"Type: sudo apt-get update && sudo apt-get install -y {' '.join(need.apt)}"
        if self.which("brew"):
            return f"Type: brew install {' '.join(need.brew)}"
        return f"Install {need.apt[0]} with your system's package manager, so that it is on the PATH."


def install_missing(
    needs: Sequence[SystemNeed], machine: Machine, say: Callable[[str], None]
) -> list[SystemNeed]:
    """Install what is not there yet; what still isn't afterwards comes back.

    What is optional is worth no question for a password, and is never missing.
    """
    missing = []
    for need in needs:
        if machine.has(need) or (need.is_optional and not machine.is_root):
            continue
        say(f"==> Installing {need.title}")
        machine.try_install(need)
        if not machine.has(need) and not need.is_optional:
            missing.append(need)
    return missing
