"""Preparing a machine: what is installed how, and what a person is told when it cannot be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.setup import prepare
from pipeline.setup.prepare import Venv, fingerprint, is_up_to_date
from pipeline.setup.system_packages import (
    CHROMIUM,
    HEADLESS_CHROMIUM,
    POSTGRESQL,
    TESSERACT,
    Machine,
    install_missing,
    needs_for,
)


class PretendedMachine(Machine):
    """A machine with the given programs, on which the given commands work (by a word in them)."""

    def __init__(
        self,
        programs: Sequence[str] = (),
        works: Sequence[str] = (),
        brings: dict[str, str] | None = None,
        *,
        is_root: bool = False,
        can_ask: bool = False,
        is_ci: bool = False,
    ) -> None:
        self.programs, self.works, self.brings = set(programs), list(works), brings or {}
        self.is_root, self.can_ask, self.is_ci = is_root, can_ask, is_ci
        self.ran: list[list[str]] = []

    def which(self, program: str) -> str | None:
        return f"bin/{program}" if program in self.programs else None

    def run(self, command: Sequence[str], quiet: bool = False) -> bool:
        self.ran.append(list(command))
        done = any(word in command for word in self.works)
        if done:
            self.programs |= {program for word, program in self.brings.items() if word in command}
        return done


def test_a_program_that_is_there_is_not_installed_again() -> None:
    machine = PretendedMachine(["tesseract", "apt-get"], is_root=True)
    assert install_missing([TESSERACT], machine, lambda _: None) == []
    assert machine.ran == []


def test_root_installs_with_apt_and_never_asks_a_question() -> None:
    machine = PretendedMachine(["apt-get"], ["install"], {"tesseract-ocr": "tesseract"}, is_root=True)
    assert install_missing([TESSERACT], machine, lambda _: None) == []
    (command,) = machine.ran
    assert command[:3] == ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    assert command[-2:] == ["tesseract-ocr", "tesseract-ocr-eng"]
    assert "-y" in command


def test_the_package_lists_are_refreshed_when_the_first_install_fails() -> None:
    machine = PretendedMachine(["apt-get"], ["update"], is_root=True)
    assert install_missing([TESSERACT], machine, lambda _: None) == [TESSERACT]
    assert ["install" in command for command in machine.ran] == [True, False, True]
    assert "update" in machine.ran[1]


def test_sudo_without_a_password_is_used_when_it_works() -> None:
    machine = PretendedMachine(["apt-get", "sudo"], ["true", "install"], {"tesseract-ocr": "tesseract"})
    assert install_missing([TESSERACT], machine, lambda _: None) == []
    assert machine.ran[-1][:2] == ["sudo", "-n"]


def test_sudo_asks_for_a_password_only_where_a_person_can_answer() -> None:
    assert PretendedMachine(["sudo"], can_ask=True).root_prefix() == ["sudo"]
    assert PretendedMachine(["sudo"], can_ask=False).root_prefix() is None


def test_without_root_the_person_is_told_what_to_type() -> None:
    machine = PretendedMachine(["apt-get"])
    assert install_missing([TESSERACT], machine, lambda _: None) == [TESSERACT]
    assert "sudo apt-get install -y tesseract-ocr tesseract-ocr-eng" in machine.what_to_type(TESSERACT)


def test_brew_installs_where_there_is_no_apt() -> None:
    machine = PretendedMachine(["brew"], ["brew"], {"tesseract": "tesseract"})
    assert install_missing([TESSERACT], machine, lambda _: None) == []
    assert machine.ran == [["brew", "install", "tesseract"]]


def test_the_demo_needs_no_browser_and_no_server() -> None:
    assert needs_for("demo") == (TESSERACT,)
    assert needs_for("test") == (TESSERACT, HEADLESS_CHROMIUM, CHROMIUM, POSTGRESQL)


def test_the_quicker_browser_is_no_reason_to_ask_or_to_complain() -> None:
    machine = PretendedMachine(["apt-get", "sudo", "chromium"], can_ask=True)
    assert install_missing([HEADLESS_CHROMIUM, CHROMIUM], machine, lambda _: None) == []
    assert machine.ran == []
    machine = PretendedMachine(["apt-get", "chromium"], is_root=True)
    assert install_missing([HEADLESS_CHROMIUM, CHROMIUM], machine, lambda _: None) == []
    assert any("chromium-headless-shell" in command for command in machine.ran)


def test_the_quicker_browser_is_browser_enough() -> None:
    brought = {"chromium-headless-shell": "chromium-headless-shell"}
    machine = PretendedMachine(["apt-get"], ["install"], brought, is_root=True)
    assert install_missing([HEADLESS_CHROMIUM, CHROMIUM], machine, lambda _: None) == []
    assert len(machine.ran) == 1


def project(folder: Path) -> Path:
    """A folder with what the fingerprint looks at."""
    for name in ("requirements.lock", "requirements-all.lock", "pyproject.toml"):
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def stamp(root: Path, lock: str) -> dict[str, str]:
    """What is remembered after an installation."""
    return {"lock": lock, "fingerprint": fingerprint(root, lock)}


def test_nothing_is_installed_twice_and_the_full_set_serves_the_demo_too(tmp_path: Path) -> None:
    root = project(tmp_path)
    assert is_up_to_date(stamp(root, "requirements.lock"), "demo", root)
    assert is_up_to_date(stamp(root, "requirements-all.lock"), "demo", root)
    assert is_up_to_date(stamp(root, "requirements-all.lock"), "test", root)
    assert not is_up_to_date(stamp(root, "requirements.lock"), "test", root)
    assert not is_up_to_date({}, "demo", root)


def test_a_changed_lock_is_installed_again(tmp_path: Path) -> None:
    root = project(tmp_path)
    before = stamp(root, "requirements.lock")
    (root / "requirements.lock").write_text("newer", encoding="utf-8")
    assert not is_up_to_date(before, "demo", root)


def test_a_broken_stamp_counts_as_none(tmp_path: Path) -> None:
    venv = Venv(tmp_path)
    assert venv.installed() == {}
    (tmp_path / prepare.STAMP).write_text("{", encoding="utf-8")
    assert venv.installed() == {}
    venv.remember({"lock": "a"})
    assert json.loads((tmp_path / prepare.STAMP).read_text(encoding="utf-8")) == {"lock": "a"}
    assert venv.installed() == {"lock": "a"}


@pytest.mark.parametrize("arguments", [[], ["fly"], ["demo", "test"]])
def test_wrong_use_of_prepare_is_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare.main(arguments) == 2
    assert "demo|train|test" in capsys.readouterr().out


def pretended_venv(root: Path) -> Venv:
    """A `.venv` whose interpreter says yes to everything."""
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    for program in (python, python.with_name("uv")):
        program.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
        program.chmod(0o755)
    return Venv(root / ".venv")


def test_an_environment_that_was_cut_off_half_way_is_made_again(tmp_path: Path) -> None:
    venv = pretended_venv(tmp_path)
    assert venv.is_usable()
    venv.uv.unlink()
    assert not venv.is_usable()


@pytest.mark.parametrize(
    ("is_ci", "purpose", "code"), [(True, "test", 1), (False, "test", 0), (False, "demo", 1)]
)
def test_what_is_missing_fails_in_ci_and_in_the_demo_but_only_skips_tests_elsewhere(
    is_ci: bool, purpose: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path)
    pretended_venv(root)
    Venv(root / ".venv").remember(stamp(root, "requirements-all.lock"))
    assert prepare.prepare(purpose, PretendedMachine(is_ci=is_ci), root) == code
    assert "Missing: Tesseract" in capsys.readouterr().out
