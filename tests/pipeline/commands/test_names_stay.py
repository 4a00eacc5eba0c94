"""What leaves holds no patient: names and ids of a demo are looked for wherever a full run writes.

In what verbs print and log, temporary folders, names of files, exports, snapshots, and on masked pictures.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.demo.plan import plan_cohort

PATIENTS, SEED = 3, 20260401
RUN: tuple[tuple[str, ...], ...] = (
    ("demo", "--no-serve", "--patients", str(PATIENTS), "--seed", str(SEED), "--reviewed", "--workers", "1"),
    ("status",), ("status", "--json"), ("backup",), ("doctor",), ("agreement",), ("audit", "verify"),
    ("export", "labels", "-o", "{out}/labels.csv"),
    ("export", "labels", "--format", "xlsx", "-o", "{out}/labels.xlsx"),
    ("export", "labels", "--format", "fhir-bundle", "-o", "{out}/labels.json"),
    ("export", "drafts", "-o", "{out}/drafts.jsonl", "--format", "jsonl"),
    (
        "snapshot", "create", "first", "--images", "masked", "--known-values", "{space}/cohort/manifest.csv",
        "--override", "vigilance", "--override", "class-counts", "--override", "ef-fraction",
    ),
    ("snapshot", "verify", "first"), ("curation", "report"), ("intake", "{space}/cohort/missing"),
)  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a full run, and all that was said."""
    folder = tmp_path_factory.mktemp("names")
    space, out, temporary = folder / "space", folder / "out", folder / "tmp"
    out.mkdir()
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    said = []
    for verb in RUN:
        typed = [word.format(space=space, out=out) for word in verb]
        done = subprocess.run(
            [sys.executable, "-c", "from pipeline.cli import main; main()", "-v", "-w", str(space), *typed],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        said.append(f"$ {verb[0]} ({done.returncode})\n{done.stdout}{done.stderr}")
        assert "Traceback" not in done.stderr, done.stderr[-2000:]
    return folder, "\n".join(said)


def secrets() -> list[str]:
    """Every name and id, in small letters."""
    people = [plan.person for plan in plan_cohort(PATIENTS, SEED)]
    return [word.lower() for person in people for word in (person.name, person.patient_id)]


def found_in(text: str) -> list[str]:
    """Which of them stand in a text, however it is spaced."""
    plain = " ".join(text.lower().split())
    return [word for word in secrets() if word in plain]


def readable(path: Path) -> str:
    """What a file says, packed ones unpacked."""
    if path.suffix == ".parquet":
        import pyarrow.parquet

        return str(pyarrow.parquet.read_table(path).to_pydict())
    if path.suffix == ".xlsx":
        import openpyxl

        book = openpyxl.load_workbook(path)
        return " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    return path.read_bytes().decode("utf-8", errors="replace")


def put_out(folder: Path) -> Iterator[Path]:
    """Every file that is made to leave."""
    for root in (folder / "out", folder / "space" / "snapshots"):
        yield from (path for path in sorted(root.rglob("*")) if path.is_file())


@pytest.mark.slow
@pytest.mark.tesseract
def test_names_and_ids_are_nowhere_but_where_they_belong(ran: tuple[Path, str]) -> None:
    folder, said = ran
    assert len(secrets()) == 2 * PATIENTS
    assert found_in((folder / "space" / "cohort" / "manifest.csv").read_text()) != [], "nothing to look for"
    assert found_in(said) == []
    assert [path.name for path in (folder / "tmp").rglob("*")] == []
    own = [path for path in folder.rglob("*") if "cohort" not in path.parts]
    assert found_in("\n".join(str(path.relative_to(folder)) for path in own)) == []
    files = list(put_out(folder))
    assert len([path for path in files if path.suffix in (".csv", ".xlsx", ".json", ".jsonl")]) >= 4
    assert [(path.name, found) for path in files if (found := found_in(readable(path)))] == []


@pytest.mark.slow
@pytest.mark.tesseract
def test_no_name_can_be_read_off_a_masked_picture(ran: tuple[Path, str]) -> None:
    from PIL import Image

    from labeling.pages.page import Page
    from labeling.words.tesseract import read_words

    pictures = sorted((ran[0] / "space" / "snapshots" / "first" / "images").rglob("*.*"))
    assert pictures, ran[1][-3000:]
    for path in pictures:
        words = " ".join(word.text for word in read_words(Page(1, Image.open(path).convert("L"))).words)
        assert found_in(words) == [], path.name
