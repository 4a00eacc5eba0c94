"""A snapshot in Python: typed tables, classes, parts by fold, the notebook, and what is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas
import pytest
from house_tree import ROOT
from small_snapshots import frozen_snapshot

from db.errors import EchoDeskError, WrongUse
from db.tabular import read_jsonl
from pipeline.dataset import open_snapshot
from pipeline.dataset.choosing import Order, spdx_identifier
from pipeline.dataset.frames import ClassLabels
from pipeline.dataset.opened import OpenedSnapshot


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return frozen_snapshot(tmp_path_factory.mktemp("frames"), name="v1")


@pytest.fixture(scope="module")
def snapshot(folder: Path) -> OpenedSnapshot:
    return open_snapshot(str(folder))


def test_columns_have_their_types_and_the_values_of_the_file(snapshot: OpenedSnapshot) -> None:
    labels = snapshot.labels()
    assert labels["fold"].dtype == "Int64"
    assert labels["ef_percent"].dtype == "float64"
    assert labels["is_synthetic"].dtype == "bool"
    assert labels["row_id"].dtype == "string"
    assert labels["report_date"].dtype.kind == "M"
    assert tuple(labels["rwma"].cat.categories) == snapshot.classes("rwma").names
    assert isinstance(labels["rwma_walls"].iloc[0], list)
    rows = read_jsonl((snapshot.folder / "data/labels.jsonl").read_bytes())
    assert labels["row_id"].tolist() == [row["row_id"] for row in rows]
    for name in ("ef_percent", "rwma", "site", "fold"):
        told = [None if pandas.isna(value) else value for value in labels[name].tolist()]
        assert told == [row[name] for row in rows]


def test_frames_and_the_parquet_file_say_the_same(snapshot: OpenedSnapshot) -> None:
    stored = pandas.read_parquet(snapshot.folder / "data/labels.parquet")
    numbers = snapshot.labels().select_dtypes("float64")
    pandas.testing.assert_frame_equal(numbers, stored[numbers.columns], check_dtype=False)


def test_photographs_name_files_that_are_there(snapshot: OpenedSnapshot) -> None:
    photographs = snapshot.photographs()
    assert len(photographs) == len(snapshot.pairs)
    assert all(Path(picture).is_file() for picture in photographs["picture"])


def test_parts_hold_every_row_once_and_no_group_twice(snapshot: OpenedSnapshot) -> None:
    labels, parts = snapshot.labels(), snapshot.parts()
    assert sorted(sum((part["row_id"].tolist() for part in parts), [])) == sorted(labels["row_id"])
    groups = [set(part["group_id"]) for part in parts]
    assert not (groups[0] & groups[1] or groups[0] & groups[2] or groups[1] & groups[2])
    assert set(parts.validation["fold"]) == {3}
    assert set(parts.test["fold"]) == {4}


@pytest.mark.parametrize(("validation", "test"), [([3], [3]), ([9], [4]), ([0, 1, 2], [3, 4]), ([3, 3], [4])])
def test_folds_that_do_not_fit_are_refused(
    snapshot: OpenedSnapshot, validation: list[int], test: list[int]
) -> None:
    with pytest.raises(EchoDeskError, match="do not fit"):
        snapshot.parts(validation=validation, test=test)


def test_classes_number_answers_and_name_what_is_none() -> None:
    classes = ClassLabels(("none", "mild"))
    assert classes.numbers(["mild", None, "none"]).fillna(-1).tolist() == [1, -1, 0]
    with pytest.raises(EchoDeskError, match="'severe' is none of none, mild"):
        classes.numbers(["severe"])


def test_a_column_without_a_list_has_no_classes(snapshot: OpenedSnapshot) -> None:
    with pytest.raises(EchoDeskError, match="no closed list"):
        snapshot.classes("ef_percent")


def test_a_changed_snapshot_is_not_opened(tmp_path: Path) -> None:
    changed = frozen_snapshot(tmp_path)
    file = changed / "data/labels.jsonl"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(EchoDeskError, match="not a snapshot as it was frozen"):
        open_snapshot(changed)


def test_the_notebook_runs_as_it_stands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    notebook = json.loads((ROOT / "docs/snapshot.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 5
    names: dict[str, Any] = {}
    for cell in cells:
        assert cell["outputs"] or cell["source"]
        exec(compile("".join(cell["source"]), "docs/snapshot.ipynb", "exec"), names)  # noqa: S102
    assert len(names["labels"]) == 40


def test_a_table_becomes_a_dataset_of_the_hub(snapshot: OpenedSnapshot) -> None:
    import datasets

    train = datasets.Dataset.from_pandas(snapshot.parts().train, preserve_index=False)
    assert train.num_rows == len(snapshot.parts().train)
    assert train.features["ef_percent"].dtype == "float64"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("cc-by-4.0", "CC-BY-4.0"),
        ("MIT", "MIT"),
        ("LicenseRef-Hospital", "LicenseRef-Hospital"),
        ("MIT OR Apache-2.0", ""),
        ("free for all", ""),
        ("", ""),
    ],
)
def test_a_licence_has_one_spelling(written: str, found: str) -> None:
    assert spdx_identifier(written) == found


def test_an_unknown_licence_is_refused_before_anything_is_made() -> None:
    with pytest.raises(WrongUse, match="no SPDX identifier"):
        Order("v1", licence="free for all")
