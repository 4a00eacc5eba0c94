"""The demo cohort on disk: complete, the same every time, all synthetic."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from db.errors import EchoDeskError
from db.labels import Findings
from pipeline.demo.cohort import MANIFEST_COLUMNS, Cohort, build_cohort
from pipeline.demo.layouts.fonts import load_font


def records(cohort: Cohort) -> list[dict[str, Any]]:
    """The truth, line by line."""
    return [json.loads(line) for line in cohort.truth.read_text(encoding="utf-8").splitlines()]


def fingerprints(folder: Path) -> dict[str, str]:
    """Hash of every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_manifest_and_truth_name_the_files_that_are_there(ten: Cohort) -> None:
    with ten.manifest.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    truths = records(ten)
    assert tuple(rows[0]) == MANIFEST_COLUMNS
    assert [row["patient_id"] for row in rows] == [truth["patient_id"] for truth in truths]
    named: set[str] = set()
    for row, truth in zip(rows, truths, strict=True):
        assert row["report"].split(";") == truth["reports"]
        assert row["ecg"] == truth["ecg"]
        named |= {*truth["reports"], truth["ecg"]}
    assert named | {"manifest.csv", "truth.jsonl", "cohort.json"} == set(fingerprints(ten.folder))


def test_every_record_is_synthetic_and_its_findings_are_valid(ten: Cohort) -> None:
    for truth in records(ten):
        assert truth["is_synthetic"] is True
        Findings.model_validate(truth["findings"])
        assert truth["is_legible"] and truth["findings"] == truth["printed"]
        assert all("SYNTHETIC DEMO DATA" in page for page in truth["text"].split("\f"))


def test_pictures_open_and_boxes_are_shares_of_them(ten: Cohort) -> None:
    for truth in records(ten):
        for name in [*truth["reports"], truth["ecg"]]:
            if not name.endswith(".pdf"):
                with Image.open(ten.folder / name) as picture:
                    picture.load()
                    assert min(picture.size) > 700 and not picture.getexif()
        for placed in [*truth["evidence"], *truth["phi"], *truth["ecg_phi"]]:
            for left, top, right, bottom in placed["boxes"]:
                assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(ten: Cohort, tmp_path: Path) -> None:
    again = build_cohort(tmp_path / "again", patients=10, seed=5)
    other = build_cohort(tmp_path / "other", patients=2, seed=6)
    assert fingerprints(again.folder) == fingerprints(ten.folder)
    assert not set(fingerprints(other.folder).values()) & set(fingerprints(ten.folder).values())


def test_no_two_patients_share_a_picture_or_an_identity(ten: Cohort) -> None:
    prints = fingerprints(ten.folder)
    assert len(set(prints.values())) == len(prints)
    for truth in records(ten):
        names = [item["quote"] for item in truth["phi"] if item["kind"] == "patient_name"]
        others = [other["text"] for other in records(ten) if other["patient_id"] != truth["patient_id"]]
        assert names and not any(name in text for name in names for text in others)


def test_file_names_carry_no_identity(ten: Cohort) -> None:
    for truth in records(ten):
        number = truth["patient_id"].removeprefix("SYN-")
        assert not any(number in name for name in [*truth["reports"], truth["ecg"]])


def test_a_finished_cohort_is_not_built_again(ten: Cohort) -> None:
    calls: list[int] = []
    before = fingerprints(ten.folder)
    build_cohort(ten.folder, patients=10, seed=5, on_progress=lambda done, _: calls.append(done))
    assert not calls and fingerprints(ten.folder) == before


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(EchoDeskError, match="not empty"):
        build_cohort(tmp_path, patients=1)
    with pytest.raises(EchoDeskError, match="at least one"):
        build_cohort(tmp_path / "none", patients=0)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_what_an_interrupted_build_left_is_cleared_away(tmp_path: Path) -> None:
    leftover = tmp_path / ".cohort.partial" / "reports"
    leftover.mkdir(parents=True)
    (leftover / "report_00009.jpg").write_bytes(b"half")
    steps: list[tuple[int, int]] = []
    cohort = build_cohort(tmp_path / "cohort", patients=1, on_progress=lambda *step: steps.append(step))
    assert steps == [(1, 1)]
    assert not leftover.exists()
    assert [truth["patient_id"] for truth in records(cohort)]


def test_page_pictures_are_read_back_as_they_were_written(ten: Cohort) -> None:
    scans = [name for truth in records(ten) for name in truth["reports"] if name.endswith(".png")]
    for name in scans:
        with Image.open(io.BytesIO((ten.folder / name).read_bytes())) as picture:
            assert picture.size == (1240, 1754)


def test_missing_fonts_are_an_error_with_a_remedy(tmp_path: Path) -> None:
    # A fresh interpreter in which matplotlib cannot be imported: the state of a machine without it.
    import subprocess

    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from db.errors import EchoDeskError\n"
        "from pipeline.demo.layouts.fonts import load_font\n"
        "try:\n    load_font('sans', 20)\n"
        "except EchoDeskError as error:\n    print(error.message, '|', error.hint)\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "matplotlib" in answer.stdout and "pip install" in answer.stdout


def test_fonts_come_at_the_size_asked_for() -> None:
    assert load_font("times", 30).size == 30
    assert load_font("mono", 20).getlength("i") == load_font("mono", 20).getlength("W")
