"""`echodesk snapshot probe` on a folder and on a workspace."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ecg_sheets import sheets
from PIL import Image
from small_snapshots import frozen_snapshot
from typer.testing import CliRunner

from db.store.images import ImageStore
from pipeline.cli import app
from pipeline.curation.labelled_pictures import snapshot_pictures
from pipeline.dataset.probe.copies import Copies
from pipeline.dataset.probe.shortcuts import Picture, Probe, shortcut_figures
from pipeline.dataset.records import ImageRef, LabelRow, LabelStatus

runner = CliRunner()


def folder_of(folder: Path, tint: float) -> Path:
    for place, one in enumerate(sheets(1, tint, count=40)):
        file = folder / one.label / f"{place}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        assert isinstance(one.source, bytes)
        file.write_bytes(one.source)
    return folder


def test_a_folder_with_a_tinted_class_fails_and_says_why(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "bad", tint=30)
    (folder / "a" / "broken.jpg").write_bytes(b"not a picture")
    done = runner.invoke(app, ["snapshot", "probe", str(folder)])
    assert done.exit_code == 1
    assert "40 pictures: a 20, b 20" in done.output
    assert "label_from_colour" in done.output
    assert "not a picture that can be opened: broken.jpg" in done.output


def test_a_folder_without_a_shortcut_passes_in_json(tmp_path: Path) -> None:
    done = runner.invoke(app, ["snapshot", "probe", str(folder_of(tmp_path / "good", tint=0)), "--json"])
    found = json.loads(done.output)
    assert (done.exit_code, found["is_clean"]) == (0, True)
    assert set(found["families"]) == {"colour", "header", "borders", "size", "compression", "all"}
    assert found["families"]["size"]["by_class"] == {"a": 0.5, "b": 0.5}


@pytest.mark.slow
def test_a_snapshot_is_named_as_its_siblings_name_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Picture] = []

    def probed(pictures: list[Picture]) -> Probe:
        seen.extend(pictures)
        return Probe({"absent": 20, "present": 20}, {}, (), (), Copies(0, 0, 0, 0, 0, (), {}), {}, {}, ())

    monkeypatch.setattr("pipeline.dataset.probe.shortcuts.probe_pictures", probed)
    folder = frozen_snapshot(tmp_path / "snapshots", name="v1")
    for words in (["v1", "-w", str(tmp_path)], [str(folder)]):
        assert runner.invoke(app, ["snapshot", "probe", *words]).exit_code == 0
        assert seen == snapshot_pictures(folder, "rwma")
        seen.clear()
    assert {one.label for one in snapshot_pictures(folder, "ef")} > {"normal"}


@pytest.mark.parametrize("name", ["none", "empty"])
def test_a_folder_that_holds_nothing_is_wrong_use(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    assert runner.invoke(app, ["snapshot", "probe", str(tmp_path / name)]).exit_code == 2


def test_the_figures_of_a_snapshot_are_those_of_its_ecgs_and_always_the_same(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    rows = []
    for place, one in enumerate(sheets(1, 30, count=40)):
        file = tmp_path / "one.jpg"
        assert isinstance(one.source, bytes)
        file.write_bytes(one.source)
        with Image.open(file) as image:
            stored = store.put(image, original_sha256="0" * 64, lossy=True)
        ref = ImageRef(stored.sha256, "ecg", 1, 120, 90, "image/jpeg", stored.perceptual_hash)
        rows.append(_row(place, "present" if one.label == "a" else "absent", ref))
    path_of = ImageStore(tmp_path).path
    found = shortcut_figures([*rows, replace(rows[0], case_id=99, findings={"rwma": "unreadable"})], path_of)
    assert (found["of_pictures"], found["pictures"]) == (40, {"absent": 20, "present": 20})
    assert found["families"]["colour"]["low"] > 0.5
    assert found == shortcut_figures(rows[::-1], path_of)
    assert sum(shortcut_figures(rows, path_of, most=20)["pictures"].values()) == 20
    assert shortcut_figures([replace(rows[0], images=())], path_of) == {}


def _row(number: int, rwma: str, image: ImageRef) -> LabelRow:
    return LabelRow(
        case_id=number,
        patient_key=f"{number:064x}",
        site="",
        layout="",
        is_synthetic=True,
        report_date=None,
        ecg_date=None,
        findings={"rwma": rwma},
        status=LabelStatus.SINGLE,
        review_id=number,
        decision="accept",
        reason=None,
        arm=None,
        annotator=1,
        active_s=5.0,
        decided_at=datetime(2026, 3, 4, tzinfo=UTC),
        codebook_version="1",
        images=(image,),
    )
