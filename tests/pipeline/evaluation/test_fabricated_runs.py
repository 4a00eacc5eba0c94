"""The fabricated runs that evaluation is tested on are runs, and say what they were asked to say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from changed_folders import changed_run
from fabricated_runs import Fabricated, answering, fabricate

from db.measures.discrimination import auroc
from pipeline.dataset.opened import open_snapshot
from pipeline.training.run_folder import open_run, run_problems


def test_a_fabricated_run_is_whole_and_as_strong_as_asked(tmp_path: Path) -> None:
    made = fabricate(tmp_path, patients=300, answer=answering(r=0.5, auroc=0.8))
    opened = open_snapshot(made.snapshot)
    assert len(opened.folds) == 5
    assert {pair.sex for pair in opened.pairs} == {"male", "female"}
    rows = open_run(made.run).predictions()
    assert [row["row_id"] for row in rows] == [pair.row_id for pair in opened.pairs]
    ef, said = (np.array([row[name] for row in rows]) for name in ("ef_percent", "ef_percent_predicted"))
    assert np.corrcoef(ef, said)[0, 1] == pytest.approx(0.5, abs=0.08)
    assert np.cov(said, ef, bias=True)[0, 1] / said.var() == pytest.approx(1, abs=0.2)
    significant = np.array([row["rwma"] for row in rows]) == 1
    scores = np.array([row["rwma_probability"] for row in rows])
    assert auroc(scores, significant) == pytest.approx(0.8, abs=0.05)
    assert scores.mean() == pytest.approx(significant.mean(), abs=0.05)


def test_a_changed_run_is_sealed_again(usual_run: Fabricated) -> None:
    made = usual_run
    assert len(open_run(made.run).predictions()) > 150
    copy = changed_run(made.run, lambda run: (run / "README.md").write_text("changed"))
    assert run_problems(copy) == []
    assert run_problems(made.run) == []
