"""How a page of the study looks is read back from what the study wrote beside its signals."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from db.errors import EchoDeskError
from pipeline.dataset.study.pages import TRUTH_FILE, Shortcuts, look_of, looks_beside
from pipeline.dataset.study.plan import StudyPlan
from pipeline.imaging.capture import Condition
from pipeline.waveforms.cohort_table import invent_cohort

PEOPLE = invent_cohort(30, np.random.default_rng(1))


def test_looks_are_read_back_with_their_chance(tmp_path: Path) -> None:
    plan = StudyPlan(patients=30, seed=9, shortcuts=Shortcuts(header=0.5, paper=0.5, tint=0.5))
    lines = [json.dumps({"plan": asdict(plan)})]
    lines += [json.dumps({"row_id": f"r{one.number}", **asdict(one)}) for one in PEOPLE]
    (tmp_path / TRUTH_FILE).write_text("\n".join(lines), encoding="utf-8")
    read = looks_beside(tmp_path)
    assert read is not None
    for one in PEOPLE:
        here, there = read[f"r{one.number}"], look_of(one, 9, plan.shortcuts)
        assert (here.grid, here.header, here.condition) == (there.grid, there.header, there.condition)
        assert here.generator().random() == there.generator().random() == here.generator().random()


def test_without_the_study_nothing_is_known_and_another_file_is_refused(tmp_path: Path) -> None:
    assert looks_beside(tmp_path) is None
    (tmp_path / TRUTH_FILE).write_text('{"plan": {}}\n', encoding="utf-8")
    with pytest.raises(EchoDeskError, match="how the pages of its study look"):
        looks_beside(tmp_path)


def test_a_planted_camera_follows_the_illness_and_changes_nothing_else() -> None:
    for one in PEOPLE:
        is_ill = one.ef_percent < 50 or one.is_rwma_significant
        told, plain = look_of(one, 9, Shortcuts(tint=1.0)), look_of(one, 9, Shortcuts())
        assert told.condition is (Condition.PHONE if is_ill else Condition.CLEAN)
        assert (told.grid, told.header) == (plain.grid, plain.header)
