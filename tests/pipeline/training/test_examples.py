"""What a model learns from, stops by and is judged on shares no patient; a fold must have every class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_snapshots import frozen_snapshot, rows, tiny
from snapshot_rows import findings, label

from db.errors import EchoDeskError
from pipeline.config.settings import TrainingSettings
from pipeline.dataset.opened import OpenedSnapshot, open_snapshot
from pipeline.training.examples import Examples, read_examples


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> OpenedSnapshot:
    """Eighty records of eighty patients."""
    return open_snapshot(frozen_snapshot(tmp_path_factory.mktemp("snapshots"), rows(80)))


def examples_of(snapshot: OpenedSnapshot, **changes: object) -> Examples:
    return read_examples(snapshot, snapshot.pairs, tiny(**changes))


def test_no_group_is_on_two_sides_of_a_split(snapshot: OpenedSnapshot) -> None:
    examples = examples_of(snapshot)
    for split in examples.splits(0.15, 1):
        sides = [
            {examples.pairs[place].group_id for place in places.tolist()}
            for places in (split.training, split.validation, split.held_out)
        ]
        assert all(sides)
        assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
        everything = np.concatenate([split.training, split.validation, split.held_out])
        assert sorted(everything.tolist()) == list(range(80))


def test_the_held_back_patients_follow_from_the_seed(snapshot: OpenedSnapshot) -> None:
    examples = examples_of(snapshot)
    first, again, other = (examples.splits(0.15, seed)[0].validation.tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_held_back_patients_are_a_share_of_every_kind(snapshot: OpenedSnapshot) -> None:
    examples = examples_of(snapshot)
    for split in examples.splits(0.25, 3):
        others = np.concatenate([split.training, split.validation])
        assert len(split.validation) == pytest.approx(0.25 * len(others), abs=1)
        positives = (examples.targets.rwma == 1)[others].sum()
        assert (examples.targets.rwma == 1)[split.validation].sum() == pytest.approx(
            0.25 * positives, abs=1.5
        )


def test_the_folds_are_the_snapshots_own(snapshot: OpenedSnapshot) -> None:
    examples = examples_of(snapshot)
    assert examples.folds.tolist() == [pair.fold for pair in snapshot.pairs]


def test_another_number_of_folds_keeps_groups_whole(snapshot: OpenedSnapshot) -> None:
    examples = examples_of(snapshot, training__folds=3)
    assert sorted(set(examples.folds.tolist())) == [0, 1, 2]
    of_group: dict[str, set[int]] = {}
    for pair, fold in zip(examples.pairs, examples.folds.tolist(), strict=True):
        of_group.setdefault(pair.group_id, set()).add(fold)
    assert all(len(folds) == 1 for folds in of_group.values())


def test_a_fold_without_a_class_is_refused_by_its_number(tmp_path: Path) -> None:
    healthy = [label(number, findings=findings(60.0, "absent")) for number in range(1, 37)]
    ill = [label(number, findings=findings(30.0, "present")) for number in range(37, 41)]
    opened = open_snapshot(frozen_snapshot(tmp_path, [*healthy, *ill]))
    lacking = ({0, 1, 2, 3, 4} - {pair.fold for pair in opened.pairs if pair.rwma == "present"}).pop()
    with pytest.raises(EchoDeskError, match=f"fold {lacking} has no significant wall-motion abnormality"):
        read_examples(opened, opened.pairs, tiny())
    read_examples(opened, opened.pairs, tiny(losses__rwma_weight=0))


def test_a_fold_without_a_stated_ef_is_refused(tmp_path: Path) -> None:
    bare = [label(one, findings=findings(None, ("absent", "present")[one % 2])) for one in range(1, 41)]
    opened = open_snapshot(frozen_snapshot(tmp_path, bare))
    with pytest.raises(EchoDeskError, match="fold 0 has no stated ejection fraction"):
        read_examples(opened, opened.pairs, tiny())


@pytest.mark.parametrize(
    ("ef", "rwma", "remedy"),
    [(60.0, "absent", "--set losses.rwma_weight=0"), (None, None, "--set losses.ef_weight=0"),
     (60.0, "present", "--set losses.rwma_weight=0")],
)  # fmt: skip
def test_a_kind_that_no_record_has_is_told_with_what_can_be_taught_all_the_same(
    tmp_path: Path, ef: float | None, rwma: str | None, remedy: str
) -> None:
    found = [
        label(one, findings=findings(ef, rwma or ("absent", "present")[one % 2])) for one in range(1, 41)
    ]
    opened = open_snapshot(frozen_snapshot(tmp_path, found))
    with pytest.raises(EchoDeskError) as refused:
        read_examples(opened, opened.pairs, tiny())
    assert remedy in (refused.value.hint or "")


def test_sites_as_folds_leave_each_site_out_once(tmp_path: Path) -> None:
    snapshot = open_snapshot(frozen_snapshot(tmp_path, rows(90)))
    examples = examples_of(snapshot, training__folds_by="site")
    assert examples.sites_of_folds == {"0": "site 1", "1": "site 2", "2": "site 3"}
    for split in examples.splits(0.15, 1):
        judged = {examples.pairs[place].site for place in split.held_out}
        learnt = {examples.pairs[place].site for place in (*split.training, *split.validation)}
        assert len(judged) == 1
        assert not judged & learnt


def test_shuffled_labels_are_those_outside_the_fold_in_another_order(tmp_path: Path) -> None:
    examples = examples_of(open_snapshot(frozen_snapshot(tmp_path, rows(90))))
    shuffled = TrainingSettings(labels="shuffled")
    for split in examples.splits(0.15, 1)[:2]:
        learnt = examples.learnt_targets(split, shuffled, 1)
        others = np.concatenate([split.training, split.validation])
        for name in ("ef", "rwma"):
            given, true = getattr(learnt, name), getattr(examples.targets, name)
            assert np.array_equal(given[split.held_out], true[split.held_out], equal_nan=True)
            assert np.array_equal(np.sort(given[others]), np.sort(true[others]), equal_nan=True)
            assert (given[others] != true[others]).sum() > 10
        again = examples.learnt_targets(split, shuffled, 1)
        assert np.array_equal(again.ef, learnt.ef, equal_nan=True)
        assert examples.learnt_targets(split, TrainingSettings(), 1) is examples.targets


def test_a_patient_at_two_sites_a_record_without_one_and_one_site_alone_are_refused(tmp_path: Path) -> None:
    twice = [
        label(61 + place, patient_key="p" * 64, site=f"Ward {place}", findings=findings())
        for place in range(2)
    ]
    cases = {
        "1 patients or groups": [*rows(60), *twice],
        "1 records have no site": [*rows(60), label(61, site="", findings=findings())],
        "all records are of one site": rows(60, site="Ward 0"),
    }
    for place, (sentence, labels) in enumerate(cases.items()):
        snapshot = open_snapshot(frozen_snapshot(tmp_path / str(place), labels))
        with pytest.raises(EchoDeskError, match=sentence):
            examples_of(snapshot, training__folds_by="site")
