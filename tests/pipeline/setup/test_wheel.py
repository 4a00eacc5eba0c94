"""What `pip install .` installs: everything that the command and the desk need away from the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from house_tree import PACKAGES, ROOT, tracked_files

PROJECT = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md")
SOURCES = (*PACKAGES, "docs/*.md")


def built(kind: str, source: Path, target: Path) -> Path:
    """A `wheel` or an `sdist` as pip and build make it, with the setuptools that is installed."""
    target.mkdir()
    call = f"from setuptools import build_meta; build_meta.build_{kind}({str(target)!r})"
    subprocess.run([sys.executable, "-c", call], cwd=source, check=True, capture_output=True)
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files of a release, without what earlier builds left beside them."""
    folder = tmp_path_factory.mktemp("source")
    for name in tracked_files(*PROJECT, *SOURCES):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def installed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of the wheel, as site-packages has them."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(built("wheel", source, folder / "dist")) as wheel:
        wheel.extractall(folder)
    return folder


def run(installed: Path, code: str, tmp_path: Path) -> str:
    """What a program prints that finds EchoDesk in a wheel alone."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_desk_finds_its_documents_in_a_wheel(installed: Path, tmp_path: Path) -> None:
    code = (
        "import review_ui.desk.codebook as c, review_ui.leads.pages as p\n"
        "print(c.__file__, len(c.codebook_page()), len(p.METHODS_FILE.read_text()))"
    )
    place, *lengths = run(installed, code, tmp_path).split()
    assert Path(place).is_relative_to(installed)
    assert all(int(length) > 1000 for length in lengths)


def test_a_wheel_holds_every_module_and_every_file_that_one_reads(installed: Path) -> None:
    # What hosts are set up with is copied from a clone, as docs/deploy.md says; nothing of ours reads it.
    wanted = [name for name in tracked_files(*PACKAGES) if not name.startswith("pipeline/serving/deploy/")]
    assert [name for name in wanted if not (installed / name).is_file()] == []


def test_a_wheel_of_a_source_distribution_is_the_same(source: Path, installed: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(built("sdist", source, tmp_path / "dist"), tmp_path)
    (unpacked,) = tmp_path.glob("echodesk-*")
    with zipfile.ZipFile(built("wheel", unpacked, tmp_path / "wheel")) as wheel:
        names = {name for name in wheel.namelist() if not name.endswith("/")}
    there = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    assert names == {name for name in there if not name.startswith("dist/") and "__pycache__" not in name}
