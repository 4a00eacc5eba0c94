"""What a training refuses before it works, each by name; what it leaves out is counted and said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_snapshots import drawn, rows, tiny
from snapshot_rows import KEY, collected

from db.errors import EchoDeskError
from pipeline.dataset.checks import Source
from pipeline.dataset.freezing import Order, freeze
from pipeline.dataset.frozen import MaskedImage
from pipeline.dataset.opened import open_snapshot
from pipeline.dataset.records import ImageRef, LabelRow
from pipeline.modeling import precision
from pipeline.training.recipe import train
from pipeline.training.reporting import Silent
from pipeline.training.run_folder import open_run


class Kept(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def frozen_with_damaged(folder: Path, n: int, damaged: int) -> Path:
    """A snapshot that was frozen when some of its pictures were damaged already."""

    def picture(image: ImageRef, row: LabelRow) -> MaskedImage:
        if row.case_id <= damaged:
            return MaskedImage(b"\xff\xd8\xff cut short", "image/jpeg")
        return drawn(image, row)

    freeze(
        collected(rows(n)),
        Source(),
        Order("tiny", with_images=True, overrides=("vigilance", "class-counts")),
        folder=folder,
        workspace_key=KEY,
        mask=picture,
        describe=(),
    )
    return folder / "tiny"


def test_more_than_one_damaged_picture_in_a_hundred_is_refused_named_and_counted(tmp_path: Path) -> None:
    opened = open_snapshot(frozen_with_damaged(tmp_path, 40, 2))
    with pytest.raises(
        EchoDeskError, match=r"2 of 40 ECG photographs can't be used, more than 1 %"
    ) as refused:
        train(opened, tiny(training__folds=2), runs=tmp_path / "runs", reporter=Silent())
    damaged = {
        pair.picture.name for pair in opened.pairs if pair.picture and pair.picture.stat().st_size < 50
    }
    assert len(damaged) == 2
    assert all(name in refused.value.message for name in damaged)
    assert not list((tmp_path / "runs").glob("[!.]*"))


@pytest.mark.slow
def test_a_single_damaged_picture_in_a_hundred_is_left_out_said_and_counted(tmp_path: Path) -> None:
    opened = open_snapshot(frozen_with_damaged(tmp_path, 100, 1))
    reporter = Kept()
    settings = tiny(training__folds=2, training__epochs=1)
    run = train(opened, settings, runs=tmp_path / "runs", reporter=reporter)
    data = json.loads((run / "data.json").read_text(encoding="utf-8"))
    ((image_id, why),) = data["photographs_left_out"].items()
    assert data["photographs"] == 99
    assert any(line.startswith(f"left out: {image_id}: ") for line in reporter.lines)
    assert "not a picture" in why


def test_a_run_in_bf16_is_refused_where_the_processor_only_imitates_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "cpu_flags", lambda: frozenset({"avx2"}))
    opened = open_snapshot(frozen_with_damaged(tmp_path, 40, 0))
    settings = tiny(training__precision="bf16", training__folds=2)
    with pytest.raises(EchoDeskError, match="this processor does not compute in it"):
        train(opened, settings, runs=tmp_path / "runs", reporter=Silent())
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("changes", "tracker", "said"),
    [
        ({"backbone__name": "resnet_banana"}, None, "there is no backbone 'resnet_banana'"),
        ({}, "wandb", "there is no tracker 'wandb'"),
    ],
)
def test_a_slip_in_a_name_is_told_before_any_picture_is_prepared(
    tmp_path: Path, changes: dict[str, str], tracker: str | None, said: str
) -> None:
    opened = open_snapshot(frozen_with_damaged(tmp_path, 40, 0))
    settings = tiny(training__folds=2, **changes)
    with pytest.raises(EchoDeskError, match=said):
        train(opened, settings, runs=tmp_path / "runs", reporter=Silent(), tracker=tracker)
    assert not (tmp_path / "runs").exists()


def test_a_checkpoint_that_is_none_is_told_before_any_picture_is_prepared(tmp_path: Path) -> None:
    opened = open_snapshot(frozen_with_damaged(tmp_path, 40, 0))
    (tmp_path / "list.csv").write_text("row,ef\n1,55\n", encoding="utf-8")
    settings = tiny(
        training__folds=2, backbone__weights="file", backbone__weights_file=str(tmp_path / "list.csv")
    )
    with pytest.raises(EchoDeskError, match=r"list\.csv holds no weights that can be read"):
        train(opened, settings, runs=tmp_path / "runs", reporter=Silent())
    assert not (tmp_path / "runs").exists()


def test_what_an_untaught_head_says_is_not_told_as_an_answer(tmp_path: Path) -> None:
    opened = open_snapshot(frozen_with_damaged(tmp_path, 40, 0))
    settings = tiny(training__folds=2, training__epochs=1, losses__rwma_weight=0)
    run = open_run(train(opened, settings, runs=tmp_path / "runs", reporter=Silent()))
    network = run.manifest["scores"]["network"]
    assert network["rwma_auroc"]["value"] is None
    assert network["ef_mae_points"]["value"] is not None
    assert "WALL MOTION WAS NOT TAUGHT" in (run.folder / "README.md").read_text(encoding="utf-8")
