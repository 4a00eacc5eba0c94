"""What reports usually say: a judge that only doubts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from db.errors import EchoDeskError
from db.fields.names import FIELDS
from db.labels import Findings, Light, Pah, Rwma, RwmaSeverity
from labeling.finetuning.expectation.corpus import fingerprint, read_texts
from labeling.readers.rules import RulesReader
from labeling.rules.expectation import weights
from labeling.rules.expectation.expectation import IMPROBABLE, JUDGED, chance_of, unexpected_fields
from labeling.rules.expectation.numbers import (
    IMPROBABLE_NUMBER,
    ITS_OWN,
    NUMBERS,
    chance_of_number,
    head_of,
    number_pieces,
    printed_numbers,
)
from labeling.rules.expectation.weights import Head, Weights
from labeling.rules.expectation.wording import PLACES, folded, lines_of, pieces_of, plain, surroundings_of
from labeling.rules.surroundings.sentences import SENTENCES, DoubtKind
from labeling.trust.light import light_of_fields

ABSENT = Findings(rwma=Rwma.ABSENT, rwma_severity=RwmaSeverity.NONE)


@pytest.mark.parametrize(
    ("text", "field", "wrong"),
    [
        ("Inferior wall akinetic and thinned, EF 35 %", "rwma", ABSENT),
        ("Inferior wall akinetic and thinned, EF 35 %", "rwma", Findings()),
        ("No regional wall motion abnormality at rest.", "rwma", Findings(rwma=Rwma.PRESENT)),
        ("No pulmonary hypertension.", "pah", Findings(pah=Pah.SEVERE)),
        ("Severe pulmonary arterial hypertension.", "pah", Findings(pah=Pah.NONE)),
        ("LVEF is estimated at 35 %", "ef_percent", Findings()),
    ],
)
def test_an_answer_that_the_wording_all_but_excludes_is_doubted(
    text: str, field: str, wrong: Findings
) -> None:
    right = RulesReader().read_text(text)
    assert field in unexpected_fields(text, wrong, FIELDS)
    assert field not in unexpected_fields(text, right.findings, FIELDS)
    assert light_of_fields(right)[field] is Light.GREEN


def test_a_text_without_a_word_of_the_field_is_not_judged() -> None:
    severe = Findings(rwma=Rwma.PRESENT, pah=Pah.SEVERE)
    assert unexpected_fields("Please bring the old papers.", severe, FIELDS) == set()
    assert unexpected_fields("", severe, FIELDS) == set()


def test_only_the_fields_that_were_asked_for_are_judged() -> None:
    text, wrong = "Inferior wall akinetic. No PAH.", ABSENT.model_copy(update={"pah": Pah.SEVERE})
    assert unexpected_fields(text, wrong, ["pah"]) == {"pah"}


def test_a_doubt_makes_the_field_amber_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    head = Head(
        ("absent", "present"),
        np.zeros((2, PLACES), np.int8),
        np.ones(2, np.float32),
        np.array([9, -9], np.float32),
    )
    monkeypatch.setattr(weights, "shipped", lambda: Weights({"rwma": head}, ""))
    reading = RulesReader().read_text("Inferior wall hypokinetic, EF 40 %. No PAH.")
    assert reading.findings.rwma is Rwma.PRESENT
    assert reading.confidence["rwma"] < 0.8
    assert light_of_fields(reading) == {
        field: Light.AMBER if field == "rwma" else Light.GREEN for field in FIELDS
    }
    assert [one.field for one in reading.checks if one.reason == SENTENCES[DoubtKind.EXPECTATION]] == ["rwma"]


@pytest.mark.parametrize(
    ("text", "field", "right", "wrong"),
    [
        ("LV: EDV 110 ml, ESV 45 ml, EF 59 %, FS 31 %", "ef_percent", 59, 31),
        ("LVEF 42 % (normal 55 to 70)", "ef_percent", 42, 55),
        ("TR gradient 38 mmHg, RAP 10 mmHg, RVSP 48 mmHg", "rvsp_mmhg", 48, 10),
        ("Mean AV gradient 22 mmHg. PASP 35 mmHg.", "rvsp_mmhg", 35, 22),
    ],
)
def test_a_number_of_something_else_is_doubted(text: str, field: str, right: float, wrong: float) -> None:
    assert field in unexpected_fields(text, Findings().model_copy(update={field: wrong}), FIELDS)
    assert field not in unexpected_fields(text, Findings().model_copy(update={field: right}), FIELDS)


def test_a_number_that_is_not_printed_is_not_judged() -> None:
    text = plain("EF 50-60 %")
    head = weights.shipped().heads[head_of("ef_percent")]
    assert chance_of_number(head, text, "ef_percent", 55) == 1.0
    assert [text[start:end] for start, end, _ in printed_numbers(text, "ef_percent")] == ["50", "60"]
    assert list(printed_numbers("3 walls, 2/5, 12:30, v1.2.3, 400 ml", "ef_percent")) == []


def test_a_number_counts_where_it_is_printed_likeliest() -> None:
    text = plain("Heart rate 60 per minute, weight 60 kg. LVEF 60 %.")
    head = weights.shipped().heads[head_of("ef_percent")]
    chances = [
        head.chances(*number_pieces(text, start, end))[ITS_OWN]
        for start, end, _ in printed_numbers(text, "ef_percent")
    ]
    assert chance_of_number(head, text, "ef_percent", 60) == max(chances) == chances[-1] > 0.5
    assert max(chances[:-1]) < IMPROBABLE_NUMBER


def test_what_changes_nothing_for_a_person_changes_no_piece() -> None:
    one, other = folded(plain("LVEF  35 %\n\n\nNo PAH")), folded("lvef 42 %\nno pah")
    assert one == other == "lvef 00 %\nno pah"
    assert surroundings_of("pah", one) == one


def test_far_words_are_left_out_and_near_parts_joined() -> None:
    far = "x" * 400
    part = surroundings_of("pah", f"no pah {far} severe pah")
    assert part.count("pah") == 2 and len(part) < 400
    assert surroundings_of("pah", "no pah, no ph") == "no pah, no ph"


def test_a_line_is_judged_by_itself_as_well_as_among_its_neighbours() -> None:
    page = (
        "Chambers: LV size normal, LA 38 mm\nLVEF: 50 %\nNo RWMA in LAD territory, but in RCA territory.\n"
        "Valves: trivial MR, mild TR\nNo PAH. RVSP 28 mmHg\nNo clot, no effusion"
    )
    assert lines_of("rwma", folded(plain(page))) == "no rwma in lad territory, but in rca territory."
    assert "rwma" in unexpected_fields(page, ABSENT, FIELDS)
    line = "LVEF 50 %. No RWMA in LAD territory, but in RCA territory. No PAH."
    assert lines_of("rwma", folded(plain(line))) == "no rwma in lad territory, but in rca territory."


def test_pieces_are_places_with_a_weight_of_length_one() -> None:
    places, much = pieces_of("no pah")
    assert places.min() >= 0 and places.max() < PLACES
    assert much.min() > 0
    # Those of characters and those of words.
    assert np.square(much).sum() == pytest.approx(2.0)
    assert not places.flags.writeable, "what was asked last is remembered"
    pieces_of.cache_clear()
    again, _ = pieces_of("no pah")
    assert (again == places).all()
    assert set(pieces_of("pah no")[0].tolist()) != set(places.tolist())
    assert not set(pieces_of("no pah", 1)[0].tolist()) & set(places.tolist())


def test_half_a_character_is_no_obstacle() -> None:
    assert "rwma" in unexpected_fields("Inferior wall akinetic and thinned \ud83d", ABSENT, FIELDS)


def _head() -> Head:
    random = np.random.default_rng(4)
    return Head.of_weights(("absent", "present"), random.normal(size=(2, PLACES)), np.array([0.5, -0.5]))


def test_weights_come_back_from_their_file(tmp_path: Path) -> None:
    (tmp_path / "w.npz").write_bytes(weights.as_bytes({"rwma": _head()}, texts="abc"))
    read = weights.read(tmp_path / "w.npz")
    assert read.texts == "abc"
    pieces = pieces_of("inferior wall akinetic")
    assert read.heads["rwma"].chances(*pieces) == _head().chances(*pieces)
    assert sum(read.heads["rwma"].chances(*pieces).values()) == pytest.approx(1.0)
    assert chance_of(read.heads["rwma"], pieces, Rwma.UNREADABLE) == 1.0


def test_rounding_hardly_moves_a_chance() -> None:
    random = np.random.default_rng(5)
    exact = random.normal(size=(2, PLACES))
    places, much = pieces_of("no regional wall motion abnormality")
    scores = exact[:, places] @ much
    expected = 1 / (1 + np.exp(scores[1] - scores[0]))
    rounded = Head.of_weights(("absent", "present"), exact, np.zeros(2)).chances(places, much)["absent"]
    assert rounded == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "text", "version", "shape"])
def test_weights_that_can_not_be_used_are_refused_by_name(tmp_path: Path, damage: str) -> None:
    path, data = tmp_path / "w.npz", weights.as_bytes({"rwma": _head()}, texts="abc")
    if damage == "cut":
        path.write_bytes(data[:500])
    elif damage == "empty":
        path.touch()
    elif damage == "text":
        path.write_text("not weights")
    elif damage != "missing":
        path.write_bytes(data)
        arrays = dict(np.load(path))
        if damage == "version":
            arrays["version"] = np.array(99)
        else:
            arrays["rwma.levels"] = arrays["rwma.levels"][:, :100]
        np.savez(path, **arrays)
    with pytest.raises(EchoDeskError, match=r"w\.npz .* expectation") as refused:
        weights.read(path)
    assert "finetune --expectation" in str(refused.value.hint)


def test_the_shipped_weights_are_those_of_the_texts_beside_them() -> None:
    assert weights.shipped().texts == fingerprint(read_texts())
    judged = {column for columns in JUDGED.values() for column in columns}
    assert set(weights.shipped().heads) == judged | set(map(head_of, NUMBERS))


def test_known_answers_are_hardly_ever_doubted_and_wrong_ones_mostly() -> None:
    heads, doubted, caught, of = weights.shipped().heads, 0, 0, [0, 0]
    for known in read_texts()[::20]:
        small = folded(plain(known.text))
        for field, columns in JUDGED.items():
            part = surroundings_of(field, small)
            for column in columns if part else ():
                if column not in known.answers:
                    continue
                for answer, chance in heads[column].chances(*pieces_of(part)).items():
                    is_right = answer == known.answers[column]
                    of[is_right] += 1
                    doubted += is_right and chance < IMPROBABLE
                    caught += not is_right and chance < IMPROBABLE
    assert doubted / of[True] < 0.005
    assert caught / of[False] > 0.85
