"""Out-of-fold predictions as a signal: read from a file, put right, and worth no more than they are."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from db.errors import EchoDeskError
from db.measures.discrimination import auroc
from db.measures.platt import recalibrated
from pipeline.curation.predictions import load_predictions, model_signal
from pipeline.curation.records import FieldLabel, LabelledRecord, Prediction


def hearts(count: int, seed: int) -> list[LabelledRecord]:
    chance = random.Random(seed)
    records = []
    for number in range(1, count + 1):
        ef_percent = float(min(75, max(15, round(chance.gauss(54, 11)))))
        fields = {"ef_percent": FieldLabel(f"{ef_percent:g}", ""), "rwma": FieldLabel("", "")}
        is_present = chance.random() < 0.3
        records.append(LabelledRecord(number, "a", fields, ef_percent=ef_percent, rwma_present=is_present))
    return records


def predicted(records: list[LabelledRecord], r: float, seed: int) -> dict[int, Prediction]:
    chance = random.Random(f"model {seed}")
    made = {}
    for one in records:
        z = ((one.ef_percent or 54.0) - 54) / 11
        guess = 54 + 9 * (r * z + (1 - r**2) ** 0.5 * chance.gauss(0, 1))
        made[one.case_id] = Prediction(guess, 0.5 + 0.4 * r * (1 if one.rwma_present else -1))
    return made


def test_at_r_037_the_residual_hardly_tells_wrong_from_right() -> None:
    records = hearts(2000, 1)
    wrong = {one.case_id for one in records[::20]}
    shuffled = [
        LabelledRecord(one.case_id, "a", one.fields, ef_percent=records[-one.case_id].ef_percent)
        if one.case_id in wrong
        else one
        for one in records
    ]
    weak, strong = (model_signal(shuffled, predicted(records, r, 2)) for r in (0.37, 0.95))
    is_wrong = np.array([one.case_id in wrong for one in records])
    told = [
        auroc(np.array([signal[one.case_id, "ef_percent"].weight for one in records]), is_wrong)
        for signal in (weak, strong)
    ]
    assert 0.5 < told[0] < 0.65
    assert told[1] > 0.8


def test_a_model_that_is_worth_nothing_says_next_to_nothing() -> None:
    records = hearts(1000, 3)
    found = model_signal(records, predicted(records, 0.0, 4))
    assert max(abs(found[one.case_id, "ef_percent"].weight) for one in records) < 0.2
    assert max(abs(found[one.case_id, "rwma"].weight) for one in records) < 0.05


def test_the_label_far_from_the_prediction_is_the_suspicious_one_and_says_why() -> None:
    records = hearts(300, 5)
    given = predicted(records, 0.9, 6)
    far = max(records, key=lambda one: abs((one.ef_percent or 0) - (given[one.case_id].ef_percent or 0)))
    signal = model_signal(records, given)
    assert signal[far.case_id, "ef_percent"].weight > 0
    assert signal[far.case_id, "ef_percent"].reason.startswith("From the ECG the model expects an EF near ")


def test_too_few_predictions_say_nothing() -> None:
    records = hearts(29, 7)
    assert model_signal(records, predicted(records, 0.9, 8)) == {}


def test_a_case_without_a_prediction_or_a_number_is_left_alone() -> None:
    records = [*hearts(60, 9), LabelledRecord(99, "a", {"ef_percent": FieldLabel("", "not_stated")})]
    given = predicted(records, 0.5, 10)
    del given[1]
    signal = model_signal(records, given)
    assert (1, "ef_percent") not in signal
    assert (99, "ef_percent") not in signal


def test_overconfident_probabilities_are_put_right() -> None:
    generator = np.random.default_rng(1)
    true = generator.uniform(0.1, 0.9, 5000)
    labels = (generator.random(5000) < true).astype(float)
    odds = np.log(true / (1 - true))
    found = recalibrated(1 / (1 + np.exp(-3 * odds - 1)), labels)
    assert np.abs(found - true).mean() < 0.03


def test_probabilities_the_wrong_way_round_become_the_usual_share() -> None:
    labels = np.array([0.0, 1.0] * 50)
    assert recalibrated(np.array([0.9, 0.1] * 50), labels) == pytest.approx(np.full(100, 0.5))


def load(folder: Path, text: str) -> tuple[dict[int, Prediction], int]:
    file = folder / "predictions.csv"
    file.write_text(text, "utf-8")
    return load_predictions(file, lambda _column, value: {"1": 1, "2": 2}.get(value))


def test_predictions_are_read_and_those_of_no_known_case_counted(tmp_path: Path) -> None:
    found = load(tmp_path, "case_id,ef_percent_predicted,rwma_probability\n1,54.5,0.25\n2,,\n9,50,0.5\n")
    assert found == ({1: Prediction(54.5, 0.25), 2: Prediction(None, None)}, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("case,ef_percent_predicted\n1,54\n", "not those of predictions"),
        ("case_id,ef\n1,54\n", "not those of predictions"),
        ("case_id,ef_percent_predicted\n1,abc\n", "line 2: ef_percent_predicted is a number from 0 to 100"),
        ("case_id,ef_percent_predicted\n1,nan\n", "line 2"),
        ("case_id,rwma_probability\n1,1.5\n", "line 2: rwma_probability is a number from 0 to 1"),
        ("case_id,rwma_probability\n1,0.5\n1,0.5\n", "line 3 is a second prediction"),
    ],
)
def test_a_line_that_makes_no_sense_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(EchoDeskError, match=told):
        load(tmp_path, text)
