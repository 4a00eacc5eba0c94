"""External validation: frozen models, patients they never saw, and a refusal that tells counts alone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from changed_folders import sign_snapshot
from fabricated_runs import KEY, Fabricated, digest_of, fabricate, fabricated_snapshot

from db.errors import EchoDeskError
from pipeline.dataset.opened import OpenedSnapshot, open_snapshot
from pipeline.dataset.rekeying import SnapshotKey
from pipeline.evaluation.answers import Answers
from pipeline.evaluation.external import (
    external,
    external_answers,
    in_the_large,
)
from pipeline.evaluation.numbers import NumbersSettings
from pipeline.evaluation.overlap import keys_of_both, overlap_of, people_in_both, refuse_overlap
from pipeline.evaluation.sufficient import sufficient
from pipeline.modeling.checkpoints import load_checkpoint
from pipeline.modeling.ensemble import combine, predict
from pipeline.training.run_folder import Run, open_run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Fabricated, Path]:
    """A run with tiny networks, and a snapshot of other patients."""
    folder = tmp_path_factory.mktemp("external")
    made = fabricate(folder, patients=80, with_models=True)
    return made, fabricated_snapshot(folder / "elsewhere", patients=40, seed=9, name="elsewhere")


@pytest.fixture(scope="module")
def opened(places: tuple[Fabricated, Path]) -> tuple[Run, OpenedSnapshot, OpenedSnapshot]:
    made, new = places
    return open_run(made.run), open_snapshot(made.snapshot), open_snapshot(new)


@pytest.fixture(scope="module")
def asked(opened: tuple[Run, OpenedSnapshot, OpenedSnapshot]) -> Answers:
    return external_answers(opened[0], opened[2])[0]


def test_the_answer_is_the_mean_of_all_models_over_all_views(
    opened: tuple[Run, OpenedSnapshot, OpenedSnapshot], asked: Answers
) -> None:
    import torch

    from pipeline.imaging.preprocess import preprocess_file

    run, _, new = opened
    networks = [load_checkpoint(file)[0] for file in run.checkpoints()]
    picture = new.pairs[3].picture
    assert picture is not None
    pixels = torch.from_numpy(preprocess_file(picture, run.settings.picture)[None])
    alone = combine([predict(network, pixels) for network in networks])
    place = asked.row_ids.index(new.pairs[3].row_id)
    assert len(networks) == 5
    assert asked.ef_one_view[place] == pytest.approx(np.clip(alone.ef_percent[0], 0, 100), abs=1e-4)
    assert asked.rwma_one_view[place] == pytest.approx(alone.rwma_probability[0], abs=1e-6)
    assert asked.spread_over == "models"
    assert (asked.n, asked.ef_percent[place]) == (40, new.pairs[3].ef_percent)


def test_numbers_come_with_recalibration_in_the_large_beside_them(
    opened: tuple[Run, OpenedSnapshot, OpenedSnapshot], asked: Answers
) -> None:
    run, trained, new = opened
    # The models are not asked once more: half of the file's time.
    with patch("pipeline.evaluation.external.external_answers", return_value=(asked, 0)):
        found, answers = external(run, trained, new, np.random.default_rng(1), NumbersSettings(resamples=40))
    assert (found.models, found.records, found.left_out) == (5, 40, 0)
    assert found.overlap.pictures == 0
    assert abs(found.ef_in_the_large.pooled["bias"].value) < 3 < abs(found.numbers.ef.pooled["bias"].value)
    assert sufficient(answers).records == 40


def test_in_the_large_a_fold_is_moved_by_the_others_alone(asked: Answers) -> None:
    changed = asked.ef_percent.copy()
    changed[asked.folds == 0] += 20
    before, after = (in_the_large(one) for one in (asked, replace(asked, ef_percent=changed)))
    theirs = asked.folds == 0
    assert np.array_equal(before.ef_said[theirs], after.ef_said[theirs])
    assert (after.ef_said[~theirs] > before.ef_said[~theirs]).all()


def test_in_the_large_probabilities_are_right_on_average(asked: Answers) -> None:
    rng = np.random.default_rng(2)
    truth = (rng.random(4000) < 0.2).astype(np.int64)
    said = 1 / (1 + np.exp(-(2.0 * truth + rng.normal(0, 1, 4000))))
    many = replace(
        asked, row_ids=("r",) * 4000, patients=np.arange(4000).astype(str), folds=np.arange(4000) % 5,
        ef_percent=np.full(4000, 55.0), ef_said=np.full(4000, 50.0), rwma=truth, rwma_said=said,
    )  # fmt: skip
    moved = in_the_large(many)
    assert said.mean() > 0.5
    assert moved.rwma_said.mean() == pytest.approx(truth.mean(), abs=0.005)
    assert moved.ef_said.mean() == pytest.approx(55)


def test_a_snapshot_that_shares_a_picture_is_refused_with_counts_alone(
    places: tuple[Fabricated, Path], opened: tuple[Run, OpenedSnapshot, OpenedSnapshot], tmp_path: Path
) -> None:
    run, trained, new = opened
    copy = tmp_path / "elsewhere"
    shutil.copytree(new.folder, copy)
    theirs, ours = trained.pairs[0].picture, new.pairs[0].picture
    assert theirs is not None
    assert ours is not None
    target = copy / ours.relative_to(new.folder)
    target.chmod(0o644)
    target.write_bytes(theirs.read_bytes())
    sign_snapshot(copy)
    with pytest.raises(EchoDeskError, match="seen 0 patients and 1 photographs") as refused:
        external(run, trained, open_snapshot(copy), np.random.default_rng(1), NumbersSettings(resamples=40))
    assert trained.pairs[0].row_id not in str(refused.value)
    assert trained.pairs[0].patient_id not in str(refused.value)


def test_one_person_under_two_snapshots_names_is_found_with_the_workspaces_key(
    opened: tuple[Run, OpenedSnapshot, OpenedSnapshot],
) -> None:
    _, trained, new = opened
    keys = [digest_of(f"person 1 {number}") for number in range(1, 81)]
    both = keys_of_both(KEY, trained, new)
    assert both is not None
    assert keys_of_both(bytes(32), trained, new) is None
    count = people_in_both(keys, *both)
    assert overlap_of(trained, new).patients is None
    assert overlap_of(trained, new, count).patients == 0
    names = SnapshotKey(KEY, "elsewhere")
    again = replace(
        new,
        pairs=(replace(new.pairs[0], patient_id=names.patient_id(keys[4])), *new.pairs[1:]),
    )
    found = overlap_of(trained, again, count)
    assert found.patients == 1
    with pytest.raises(EchoDeskError, match="seen 1 patients"):
        refuse_overlap(found)


def test_the_runs_own_snapshot_is_refused(opened: tuple[Run, OpenedSnapshot, OpenedSnapshot]) -> None:
    run, trained, _ = opened
    with pytest.raises(EchoDeskError, match="seen 80 patients and 80 photographs"):
        external(run, trained, trained, np.random.default_rng(1), NumbersSettings(resamples=40))


def test_a_run_without_models_is_refused(
    opened: tuple[Run, OpenedSnapshot, OpenedSnapshot], tmp_path: Path
) -> None:
    run = fabricate(tmp_path, patients=60, seed=3).run
    with pytest.raises(EchoDeskError, match="has no models"):
        external_answers(open_run(run), opened[2])
