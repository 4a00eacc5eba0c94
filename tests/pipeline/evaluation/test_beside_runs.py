"""Other runs beside the evaluated one: sites left out, labels shuffled, never another snapshot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fabricated_runs import Answering, Fabricated, Said, answering, fabricated_run, fabricated_snapshot
from made_results import usual
from small_snapshots import tiny

from db.errors import EchoDeskError
from db.measures.predicting.redraws import Redraws
from pipeline.dataset.opened import open_snapshot
from pipeline.evaluation.answers import answers_of
from pipeline.evaluation.parts.beside_runs import BesideRun, beside_runs, beside_verdicts
from pipeline.evaluation.report.page import report_page
from pipeline.evaluation.results import Severity, as_data
from pipeline.training.run_folder import open_run
from pipeline.training.scores import Truth


@pytest.fixture
def made(usual_run: Fabricated) -> Fabricated:
    return usual_run


def beside(made: Fabricated, other: Path) -> BesideRun:
    run, snapshot = open_run(made.run), open_snapshot(made.snapshot)
    answers = answers_of(run, snapshot)
    redraws = Redraws.of(answers.patients, np.random.default_rng(0), 200)
    (found,) = beside_runs(run, [open_run(other)], snapshot, answers, redraws)
    return found


def another(made: Fabricated, folder: Path, answer: Answering | None = None, **settings: object) -> Path:
    told = tiny(picture__image_size_px=32, **settings)
    return fabricated_run(folder, made.snapshot, seed=5, answer=answer, settings=told)


def nothing(truth: Truth, rng: np.random.Generator) -> Said:
    """Answers that know no label."""
    n = len(truth.ef_percent)
    return Said(rng.normal(50, 12, n), rng.uniform(0.1, 0.4, n))


def test_sites_left_out_stand_beside_the_folds_and_worse_ones_are_told(
    made: Fabricated, tmp_path: Path
) -> None:
    found = beside(made, another(made, tmp_path, nothing, training__folds_by="site"))
    assert (found.kind, found.records) == ("site", len(open_run(made.run).predictions()))
    assert found.differs == {"training.folds_by": ("strata", "site")}
    assert found.row.network_gain["ef_mae"].low > 0
    (verdict,) = beside_verdicts([found])
    assert (verdict.id, verdict.severity) == ("worse_at_sites_left_out", Severity.WARNING)


def test_shuffled_labels_that_are_told_are_a_fault_and_chance_is_none(
    made: Fabricated, tmp_path: Path
) -> None:
    clean = beside(made, another(made, tmp_path / "clean", nothing, training__labels="shuffled"))
    assert clean.kind == "shuffled"
    assert beside_verdicts([clean]) == []
    leaky = beside(made, another(made, tmp_path / "leaky", answering(0.6, 0.9), training__labels="shuffled"))
    verdicts = beside_verdicts([leaky])
    assert {one.values["measure"] for one in verdicts} == {"ef_r", "rwma_auroc", "ef_below_40_auroc"}
    assert {(one.id, one.kind, one.severity) for one in verdicts} == {
        ("shuffled_still_told", "leak", Severity.FAULT)
    }
    data = {**usual(), "beside": as_data([clean, leaky]), "verdicts": as_data(verdicts)}
    page = report_page(data)
    assert page.count(">labels shuffled</td>") == 2
    assert f"Run {leaky.run} learnt from shuffled labels and still tells EF (correlation)" in page


def test_the_run_itself_and_a_run_of_other_data_are_refused(made: Fabricated, tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="beside itself"):
        beside(made, made.run)
    other = fabricated_snapshot(tmp_path / "s", patients=60, seed=9)
    with pytest.raises(EchoDeskError, match="different data"):
        beside(made, fabricated_run(tmp_path / "r", other))
