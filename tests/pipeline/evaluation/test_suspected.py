"""Planted label errors rise in the list of suspects, and a model that is worth nothing raises none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_sufficient import site

from db.measures.label_errors import class_suspicion, number_suspicion
from pipeline.curation.records import NoiseScore
from pipeline.curation.suspects_file import read_suspects, write_suspects
from pipeline.evaluation.suspected import suspected


def test_the_label_that_lies_farthest_off_comes_first_by_its_field() -> None:
    of = site(200, 1)
    ef = of.ef_percent.copy()
    ef[17] = 15.0 if of.ef_said[17] > 50 else 85.0
    first = suspected(replace(of, ef_percent=ef))[0]
    assert (first.row_id, first.field, first.label) == (of.row_ids[17], "ef_percent", ef[17])


def test_wrong_labels_are_found_more_often_than_by_chance() -> None:
    rng = np.random.default_rng(4)
    of = site(1000, 2)
    wrong = rng.permutation(1000)[:50]
    ef = of.ef_percent.copy()
    ef[wrong] = of.ef_percent[rng.permutation(1000)[:50]]
    found = {one.row_id for one in suspected(replace(of, ef_percent=ef), top_share=0.1)}
    assert len(found) == 100
    assert len(found & {of.row_ids[place] for place in wrong}) > 10


def test_answers_that_are_worth_nothing_say_nothing() -> None:
    rng = np.random.default_rng(5)
    labels = rng.normal(55, 10, 400)
    found = number_suspicion(labels, rng.normal(55, 10, 400))
    assert found is not None
    assert np.abs(found.weights).max() < 0.5
    flat = class_suspicion((labels < 50).astype(float), rng.random(400))
    assert flat is not None
    assert np.abs(flat.weights).max() < 0.5


def test_few_labels_and_labels_all_alike_say_nothing() -> None:
    assert number_suspicion(np.arange(10.0), np.arange(10.0)) is None
    assert number_suspicion(np.full(50, 60.0), np.arange(50.0)) is None
    assert class_suspicion(np.ones(50), np.linspace(0.1, 0.9, 50)) is None


def test_the_list_can_be_queued(tmp_path: Path) -> None:
    rows = suspected(site(100, 3))
    scores = [
        NoiseScore(place, one.field, "model", one.score, one.is_issue, "")
        for place, one in enumerate(rows, 1)
    ]
    write_suspects(tmp_path / "suspects.csv", scores, overwrite=False)
    read = list(read_suspects(tmp_path / "suspects.csv"))
    assert len(read) == len(rows) == 10
    assert read[0].priority == pytest.approx(100 * (1 - rows[0].score), abs=1e-3)
    assert [one.priority for one in read] == sorted((one.priority for one in read), reverse=True)
