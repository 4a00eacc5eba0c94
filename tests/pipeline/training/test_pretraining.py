"""Stage 2 on a tiny folder in PTB-XL's layout: a checkpoint to begin stage 3 with, or a refusal by name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from ptbxl_folder import Row, write_folder
from small_snapshots import tiny

from db.errors import EchoDeskError
from db.measures.discrimination import auroc
from pipeline.config.files import override
from pipeline.config.settings import ExperimentSettings
from pipeline.modeling.checkpoints import load_checkpoint
from pipeline.training.computing import first_weights
from pipeline.training.inputs.pictures import PictureInputs
from pipeline.training.pretraining import CHECKPOINT, page_reader, pretrain
from pipeline.training.reporting import Silent
from pipeline.training.run_folder import open_run
from pipeline.waveforms.ptbxl import open_ptbxl
from pipeline.waveforms.ptbxl_table import SUPERCLASSES

CODES = ("NORM", "IMI", "NDT", "CLBBB", "LVH")
SETTINGS = tiny(pretraining__epochs=2, pretraining__batch_size=4)


class Kept(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def rows(folds: tuple[int, ...] = (1, 9, 10)) -> list[Row]:
    """One record of every superclass in each of these folds."""
    return [
        Row(1 + place * len(CODES) + one, codes=f"{{'{code}': 100.0}}", fold=fold)
        for place, fold in enumerate(folds)
        for one, code in enumerate(CODES)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    silent = Row(99, codes="{'SR': 0.0}", fold=2)
    return write_folder(tmp_path_factory.mktemp("stage2") / "ptbxl", [*rows(), silent], rates=(100,))


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[Path, list[str]]:
    """The run's folder, and what was said."""
    reporter = Kept()
    return pretrain(folder, SETTINGS, out=folder.parent / "runs", reporter=reporter), reporter.lines


def from_stage_2(run: Path) -> ExperimentSettings:
    return override(SETTINGS, {"backbone.weights": "file", "backbone.weights_file": str(run / CHECKPOINT)})


def test_it_ends_with_a_checkpoint_of_the_five_superclasses(trained: tuple[Path, list[str]]) -> None:
    network, sidecar = load_checkpoint(trained[0] / CHECKPOINT)
    assert sidecar.classes == ("NORM", "MI", "STTC", "CD", "HYP")
    with torch.inference_mode():
        assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 5)
    assert sidecar.data["records"] == "15", "a record of which nothing diagnostic is said teaches nothing"


def test_the_run_is_whole_and_says_how_good_it_is_on_the_test_fold(trained: tuple[Path, list[str]]) -> None:
    run, lines = trained
    assert open_run(run).manifest["stage"] == 2
    scores = json.loads((run / "reference.json").read_text(encoding="utf-8"))
    assert scores["test_auroc_macro"]["n"] == 5
    assert sum(line.startswith("test_auroc_") for line in lines) == 6


def test_what_is_said_of_a_fold_is_what_the_kept_weights_say_of_its_pages(
    folder: Path, trained: tuple[Path, list[str]]
) -> None:
    run, lines = trained
    network, sidecar = load_checkpoint(run / CHECKPOINT)
    opened = open_ptbxl(folder, sampling_rate_hz=100)
    for fold, told in ((9, "validation_macro_auroc"), (10, "test_auroc_macro")):
        rows_of_fold = [row for row in opened.rows if row.fold == fold]
        pages = np.stack([page_reader(opened, row, SETTINGS.picture)() for row in rows_of_fold])
        labels = np.array([[name in row.superclasses for name in SUPERCLASSES] for row in rows_of_fold])
        with torch.inference_mode():
            said = network.eval()(PictureInputs(pages, SETTINGS.picture, views=1).plain(np.arange(5)))
        scores = said.double().numpy()
        found = np.mean([auroc(scores[:, one], labels[:, one]) for one in range(len(SUPERCLASSES))])
        assert sidecar.metrics[told] == pytest.approx(found), told
    kept = f"AUROC there {sidecar.metrics['validation_macro_auroc']:.3f}"
    assert sum(line.startswith("kept epoch") and line.endswith(kept) for line in lines) == 1


def test_stage_3_begins_with_what_stage_2_learnt(trained: tuple[Path, list[str]]) -> None:
    taught, _ = load_checkpoint(trained[0] / CHECKPOINT)
    begun = first_weights(from_stage_2(trained[0]))
    for name, tensor in taught.backbone.state_dict().items():
        assert torch.equal(begun.state[name], tensor), name
    moved = [
        not torch.equal(begun.state[name], tensor)
        for name, tensor in first_weights(SETTINGS).state.items()
        if tensor.dtype.is_floating_point
    ]
    assert any(moved), "it learnt nothing"


def test_the_same_a_second_time_is_refused(folder: Path, trained: tuple[Path, list[str]]) -> None:
    with pytest.raises(EchoDeskError, match="exists already"):
        pretrain(folder, SETTINGS, out=trained[0].parent, reporter=Silent())


def test_half_a_folder_is_refused_with_its_name_and_leaves_nothing(tmp_path: Path) -> None:
    half = write_folder(tmp_path / "half-of-ptbxl", rows(), rates=(100,))
    for number in range(1, 9):
        (half / f"records100/00000/{number:05d}_lr.dat").unlink()
    with pytest.raises(EchoDeskError, match="half-of-ptbxl lacks 8 of the 15 records") as refused:
        pretrain(half, SETTINGS, out=tmp_path / "runs", reporter=Silent())
    assert "Finish the download" in refused.value.hint
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(("fold", "named"), [(9, "fold 9"), (10, "fold 10"), (1, "folds 1 to 8")])
def test_a_part_without_a_superclass_is_refused_by_its_name(tmp_path: Path, fold: int, named: str) -> None:
    kept = [row for row in rows() if not (row.fold == fold and "LVH" in row.codes)]
    lacking = write_folder(tmp_path / "ptbxl", kept, rates=(100,))
    with pytest.raises(EchoDeskError, match=f"{named} has no record of HYP"):
        pretrain(lacking, SETTINGS, out=tmp_path / "runs", reporter=Silent())


def test_other_papers_can_be_laid_behind_its_traces(folder: Path, tmp_path: Path) -> None:
    reporter = Kept()
    mixed = override(SETTINGS, {"augmentation.backmix_share": 1.0, "pretraining.epochs": 1})
    pretrain(folder, mixed, out=tmp_path / "runs", reporter=reporter)
    assert any("15 of 15 photographs" in line for line in reporter.lines)
