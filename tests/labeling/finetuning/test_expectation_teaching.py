"""Teaching what reports usually say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.errors import EchoDeskError
from labeling.finetuning.expectation import finetune
from labeling.finetuning.expectation.corpus import KnownText, fingerprint, read_texts
from labeling.finetuning.expectation.finetune import divided, finetune_expectation, judge
from labeling.finetuning.expectation.teaching import numbers_of, teach
from labeling.rules.expectation import weights
from labeling.rules.expectation.expectation import A_NUMBER, NO_NUMBER

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
WORDS = {"present": "akinetic", "absent": "moves normally", "not_stated": "seen from the side"}
WALLS = ("inferior wall", "apex", "lateral wall", "septum", "anterior wall", "basal segment")


def texts() -> list[KnownText]:
    """Walls that move or don't, by four hands; the second measures no EF, and every other pressure is not."""
    return [
        _known(hand, wall, answer, number % 2 == 0)
        for hand in range(4)
        for number, wall in enumerate(WALLS)
        for answer in WORDS
    ]


def _known(hand: int, wall: str, answer: str, has_pressure: bool) -> KnownText:
    ef = "EF not measured" if hand == 1 else f"EF {40 + hand} %"
    rvsp = "RVSP 30 mmHg" if has_pressure else "RVSP not measured"
    pah = "mild" if answer == "present" else "none"
    return KnownText(
        f"set_{hand}",
        f"{wall} {WORDS[answer]}. {ef}. PAH {pah}. {rvsp}",
        {
            "ef_percent": NO_NUMBER if hand == 1 else A_NUMBER,
            "rwma": answer,
            "pah": pah,
            "rvsp_mmhg": A_NUMBER if has_pressure else NO_NUMBER,
        },
        {"ef_percent": None if hand == 1 else 40 + hand, "rvsp_mmhg": 30 if has_pressure else None},
    )


def test_it_learns_which_words_go_with_which_answer() -> None:
    taught, apart = divided(texts())
    assert {known.source for known in apart} == {"set_0"}
    assert not {known.source for known in taught} & {known.source for known in apart}
    judged = judge(teach(taught), apart)["rwma"]
    assert judged.answers == len(apart) and judged.doubted == 0
    assert judged.caught > 0.5 * judged.others


def test_it_learns_which_number_is_meant() -> None:
    taught, apart = divided(texts())
    judged = judge(teach(taught), apart)["ef_percent.number"]
    assert judged.answers == len(apart) and judged.doubted == 0
    # The pressure of every other text could be an EF.
    assert judged.caught == judged.others == len(apart) / 2


def test_numbers_printed_otherwise_teach_nothing() -> None:
    known = KnownText("set_0", "EF 50-60 %. RVSP 30 mmHg", {}, {"ef_percent": 55, "rvsp_mmhg": None})
    assert numbers_of(known, "ef_percent") == []
    assert [is_its_own for _, is_its_own in numbers_of(known, "rvsp_mmhg")] == [False] * 3
    assert numbers_of(KnownText("set_0", "EF 50 %", {}), "ef_percent") == []


def test_weights_and_card_are_written_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "read_texts", texts)
    told: list[tuple[str, bool]] = []
    card = finetune_expectation(tmp_path / "out", now=lambda: NOW, on_column=lambda *one: told.append(one))
    assert json.loads((tmp_path / "out" / "expectation.json").read_text()) == card
    read = weights.read(tmp_path / "out" / "weights.npz")
    assert read.texts == card["texts"]["fingerprint"] == fingerprint(texts())
    assert [column for column, is_trial in told if not is_trial] == list(read.heads)
    assert card["judged"]["apart"] + card["judged"]["taught"] == card["texts"]["count"] == len(texts())


def test_a_folder_that_exists_is_refused_before_anything_is_taught(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError):
        finetune_expectation(tmp_path, now=lambda: NOW, on_column=lambda *_: pytest.fail("taught"))


def test_every_text_of_the_package_has_words_and_answers() -> None:
    known = read_texts()
    assert len({one.source for one in known}) > 20
    assert all(one.text.strip() and one.answers for one in known)
    assert len({(one.text, tuple(one.answers.items())) for one in known}) == len(known)
