"""A snapshot folder as training reads it: as it was frozen or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_snapshots import frozen_snapshot, rows
from snapshot_rows import KEY, forty

from db.errors import EchoDeskError
from db.tabular import read_jsonl
from pipeline.dataset.checks import Source
from pipeline.dataset.freezing import Order, freeze
from pipeline.dataset.opened import Pair, open_snapshot, refuse_bad_pictures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A snapshot of forty records with pictures."""
    return frozen_snapshot(tmp_path)


def test_every_photograph_comes_with_the_label_of_its_record(folder: Path) -> None:
    opened = open_snapshot(folder)
    labels = {row["row_id"]: row for row in read_jsonl((folder / "data/labels.jsonl").read_bytes())}
    assert len(opened.pairs) == 40
    assert opened.folds == (0, 1, 2, 3, 4)
    for pair in opened.with_pictures():
        label = labels[pair.row_id]
        assert (pair.ef_percent, pair.ef_operator) == (label["ef_percent"], label["ef_operator"])
        assert (pair.rwma, pair.fold, pair.group_id) == (label["rwma"], label["fold"], label["group_id"])
        assert pair.picture is not None
        assert pair.picture.is_file()


def test_a_changed_byte_of_a_picture_is_refused_by_its_name(folder: Path) -> None:
    picture = sorted((folder / "images").iterdir())[3]
    picture.chmod(0o644)
    data = bytearray(picture.read_bytes())
    data[len(data) // 2] ^= 1
    picture.write_bytes(data)
    with pytest.raises(EchoDeskError, match=picture.name):
        open_snapshot(folder)


def test_a_missing_picture_is_refused_by_its_name(folder: Path) -> None:
    picture = sorted((folder / "images").iterdir())[0]
    picture.unlink()
    with pytest.raises(EchoDeskError, match=f"{picture.name} is missing"):
        open_snapshot(folder)


def test_a_folder_that_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match=r"there is no manifest\.json"):
        open_snapshot(tmp_path)


def test_a_snapshot_is_read_without_the_workspace(folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / folder.name
    moved.parent.mkdir()
    shutil.move(folder, moved)
    assert len(open_snapshot(moved).with_pictures()) == 40


def test_a_snapshot_without_pictures_says_how_to_freeze_one_with_them(tmp_path: Path) -> None:
    freeze(forty(), Source(), Order("bare"), folder=tmp_path, workspace_key=KEY, describe=())
    with pytest.raises(EchoDeskError) as refused:
        open_snapshot(tmp_path / "bare").with_pictures()
    assert "--images masked" in refused.value.hint


def bad(opened_pairs: tuple[Pair, ...], n: int) -> list[tuple[Pair, str]]:
    return [(pair, "cut short") for pair in opened_pairs[:n]]


def test_one_bad_picture_in_a_hundred_is_let_through_and_two_are_not(tmp_path: Path) -> None:
    pairs = open_snapshot(frozen_snapshot(tmp_path, rows(40))).pairs
    refuse_bad_pictures(bad(pairs, 1), 100)
    with pytest.raises(EchoDeskError, match="2 of 100") as refused:
        refuse_bad_pictures(bad(pairs, 2), 100)
    assert pairs[0].picture is not None
    assert pairs[0].picture.name in refused.value.message
    assert "cut short" in refused.value.message
