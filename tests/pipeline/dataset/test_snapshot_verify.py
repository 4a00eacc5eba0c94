"""Any change to a frozen folder is found: every byte, every file, the folds and leakage."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from snapshot_rows import KEY, forty

from db.files.manifest import (
    FileHash,
    canonical_json,
    content_sha256,
    hash_folder,
    manifest_bytes,
    read_manifest,
)
from db.tabular import jsonl_bytes, read_jsonl
from pipeline.dataset.checks import Source
from pipeline.dataset.choosing import Order
from pipeline.dataset.freezing import freeze
from pipeline.dataset.verifying import leakage, verify_folder


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot as it was frozen, with a picture and a card."""
    folder = tmp_path_factory.mktemp("snapshots")
    describe = [("README.md", lambda _frozen: b"# a card\n")]
    freeze(forty(), Source(), Order("v1"), folder=folder, workspace_key=KEY, describe=describe)
    return folder / "v1"


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    """A copy that may be written to."""
    shutil.copytree(sound, tmp_path / "v1")
    for path in (tmp_path / "v1").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tmp_path / "v1"


def test_a_snapshot_as_it_was_frozen_is_sound(sound: Path) -> None:
    verdict = verify_folder(sound)
    assert verdict.is_sound
    assert verdict.looked_at == {"files": 9, "rows": 40}


def test_a_manifest_of_another_program_is_a_fault_and_no_fall(copy: Path) -> None:
    manifest = copy / "manifest.json"
    values = read_manifest(manifest.read_bytes())
    files = {name: FileHash(one["sha256"], one["bytes"]) for name, one in values["files"].items()}
    for key in ("content_sha256", "name", "counts"):
        kept = {name: one for name, one in values.items() if name not in (key, "files", "manifest_sha256")}
        manifest.write_bytes(manifest_bytes(kept, files))
        verdict = verify_folder(copy)
        assert not verdict.is_sound
        assert any("manifest.json" in problem for problem in verdict.problems), verdict.problems


FILES = ["manifest.json", "README.md", "data/labels.csv", "data/labels.jsonl", "data/labels.parquet",
         "data/lineage.jsonl", "data/pairs.csv", "data/pairs.jsonl", "data/pairs.parquet"]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(FILES), place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_every_flip_of_one_byte_is_found(copy: Path, name: str, place: float, flip: int) -> None:
    file = copy / name
    before = file.read_bytes()
    at = int(place * len(before))
    file.write_bytes(before[:at] + bytes([before[at] ^ flip]) + before[at + 1 :])
    try:
        assert not verify_folder(copy).is_sound
    finally:
        file.write_bytes(before)


def manifest_with_flips(
    sound: Path, bits: Callable[[int], Iterable[int]], *, step: int = 1
) -> Iterator[bytes]:
    """The manifest with one bit changed, byte after byte."""
    data = (sound / "manifest.json").read_bytes()
    read_manifest(data)
    for at in range(0, len(data), step):
        for bit in bits(at):
            yield data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def test_a_flip_all_along_the_manifest_counts(sound: Path) -> None:
    for changed in manifest_with_flips(sound, lambda at: [at % 8], step=11):
        with pytest.raises(ValueError, match="manifest"):
            read_manifest(changed)


@pytest.mark.slow
def test_every_single_bit_of_the_manifest_counts(sound: Path) -> None:
    for changed in manifest_with_flips(sound, lambda _at: range(8)):
        with pytest.raises(ValueError, match="manifest"):
            read_manifest(changed)


def test_a_missing_an_added_and_a_renamed_file_are_named(copy: Path) -> None:
    (copy / "README.md").rename(copy / "READ.md")
    (copy / "data/labels.csv").unlink()
    problems = verify_folder(copy).problems
    assert problems == ["README.md is missing", "data/labels.csv is missing", "READ.md does not belong there"]


def test_a_folder_under_another_name_is_told(copy: Path) -> None:
    copy.rename(copy.parent / "v2")
    assert verify_folder(copy.parent / "v2").problems == ["the folder is called v2, the snapshot v1"]


def test_no_folder_and_no_manifest_are_told(tmp_path: Path) -> None:
    assert verify_folder(tmp_path / "gone").problems == ["there is no manifest.json"]
    (tmp_path / "manifest.json").write_bytes(b"[]\n")
    assert verify_folder(tmp_path).problems == ["the manifest is not spelt as it was written"]


def forged(copy: Path, change: Callable[[list[dict[str, Any]]], None]) -> list[str]:
    """What is found where somebody changed the labels and made all the hashes anew."""
    labels = read_jsonl((copy / "data/labels.jsonl").read_bytes())
    change(labels)
    (copy / "data/labels.jsonl").write_bytes(jsonl_bytes(labels))
    files: dict[str, FileHash] = hash_folder(copy)
    values = read_manifest((copy / "manifest.json").read_bytes())
    del values["files"]
    content = {name: one for name, one in files.items() if name.startswith("data/")}
    values["content_sha256"] = content_sha256(content)
    (copy / "manifest.json").write_bytes(manifest_bytes(values, files))
    return list(verify_folder(copy).problems)


def test_hashes_made_anew_alone_are_not_a_problem_the_folder_can_show(copy: Path) -> None:
    assert forged(copy, lambda _labels: None) == []


def test_folds_are_worked_out_anew(copy: Path) -> None:
    def swap(labels: list[dict[str, Any]]) -> None:
        one, other = labels[0], next(row for row in labels if row["fold"] != labels[0]["fold"])
        one["fold"], other["fold"] = other["fold"], one["fold"]

    assert "2 rows are not in the fold that the rule gives them" in forged(copy, swap)


def test_a_patient_in_two_folds_is_found_whatever_the_hashes_say(copy: Path) -> None:
    def share(labels: list[dict[str, Any]]) -> None:
        other = next(row for row in labels if row["fold"] != labels[0]["fold"])
        other["patient_id"] = labels[0]["patient_id"]

    problems = forged(copy, share)
    assert "1 patient in two folds" in problems


def test_one_picture_in_two_folds_is_found_and_a_blank_page_is_not() -> None:
    labels = [
        {"row_id": "r1", "patient_id": "p1", "group_id": "g1", "fold": 0},
        {"row_id": "r2", "patient_id": "p2", "group_id": "g2", "fold": 1},
    ]

    def lineage(is_blank: bool) -> list[dict[str, Any]]:
        image = {"image_id": "i1", "is_blank": is_blank}
        return [{"row_id": name, "images": [image]} for name in ("r1", "r2")]

    assert leakage(labels, lineage(False)) == ["1 picture in two folds"]
    assert leakage(labels, lineage(True)) == []


@given(
    st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=5), st.none()), max_size=5)
)
def test_a_manifest_is_read_back_as_it_was_said(values: dict[str, Any]) -> None:
    values = {name: value for name, value in values.items() if name not in ("files", "manifest_sha256")}
    data = manifest_bytes(values, {})
    assert read_manifest(data) == {**values, "files": {}}
    assert canonical_json(json.loads(data)) == data
