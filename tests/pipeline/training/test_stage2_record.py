"""Stage 2 writes down which recordings taught the backbone, and stage 3 carries that on."""

from __future__ import annotations

from pathlib import Path

from ptbxl_folder import Row, write_folder
from small_snapshots import tiny

from pipeline.training.pretraining import CHECKPOINT, pretrain
from pipeline.training.provenance import stage2_of
from pipeline.training.reporting import Silent
from pipeline.training.run_folder import run_problems

CODES = ("NORM", "IMI", "NDT", "CLBBB", "LVH")


def test_the_recordings_that_taught_and_stopped_stage_2_are_named_and_those_that_judge_are_not(
    tmp_path: Path,
) -> None:
    rows = [
        Row(10 * fold + place, codes=f"{{'{code}': 100.0}}", fold=fold)
        for fold in (1, 9, 10)
        for place, code in enumerate(CODES)
    ]
    folder = write_folder(tmp_path / "ptbxl", rows, rates=(100,))
    settings = tiny(pretraining__epochs=1, pretraining__batch_size=4)
    run = pretrain(folder, settings, out=tmp_path / "runs", reporter=Silent())
    assert run_problems(run) == []
    found = stage2_of(str(run / CHECKPOINT))
    assert found is not None
    assert found["recordings"] == "10 11 12 13 14 90 91 92 93 94"
    assert stage2_of(None) is None
    assert stage2_of(str(tmp_path / "alone.pth")) == {"weights": "alone.pth", "recordings": None}
