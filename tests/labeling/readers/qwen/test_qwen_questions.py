"""Questions about one field, and asking again: a tiny random Qwen2-VL asked in other words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="the optional set vlm is not installed")
pytest.importorskip("xgrammar", reason="the optional set vlm is not installed")

from qwen_pages import OPTIONS, drawn_page  # noqa: E402

from db.errors import EchoDeskError  # noqa: E402
from db.labels import Findings  # noqa: E402
from labeling.readers.answer_schema import CLOSED_KEYS  # noqa: E402
from labeling.readers.base import FieldAnswer, Reading  # noqa: E402
from labeling.readers.parse import answer_text  # noqa: E402
from labeling.readers.prompts import check_prompt  # noqa: E402
from labeling.readers.qwen.generation import Asker, GivenAnswer  # noqa: E402
from labeling.readers.qwen.inputs import Question, model_inputs  # noqa: E402
from labeling.readers.qwen.reader import Qwen2VLReader  # noqa: E402


@pytest.fixture(scope="module")
def reader(tiny_checkpoint: Path) -> Qwen2VLReader:
    return Qwen2VLReader(str(tiny_checkpoint), **OPTIONS)


@pytest.mark.parametrize("name", ["rwma", "pah"])
def test_every_allowed_answer_of_a_closed_field_is_weighed(reader: Qwen2VLReader, name: Any) -> None:
    (answer,) = reader.ask_fields([(name, drawn_page(7).image)])
    assert isinstance(answer, FieldAnswer)
    assert set(answer.shares) == {*CLOSED_KEYS[name], None}
    assert sum(answer.shares.values()) == pytest.approx(1.0)
    assert answer.probability == max(answer.shares.values()) == answer.shares[answer.value]
    assert answer.shares == pytest.approx(
        shares_without_shortcuts(reader.asker, name, drawn_page(7).image), rel=1e-3
    )


def shares_without_shortcuts(asker: Asker, name: Any, image: Image.Image) -> dict[str | None, float]:
    """The same shares by reading prompt and answer anew for each: no cache, nothing shared."""
    totals = {}
    for value in (*CLOSED_KEYS[name], None):
        inputs = model_inputs([Question((image,), check_prompt(name))], asker.loaded, asker.bounds)
        text = json.dumps({name: value}, separators=(",", ":"))
        ending = torch.tensor([asker.loaded.tokenizer(text, add_special_tokens=False)["input_ids"]])
        start = inputs["input_ids"].shape[1]
        inputs["input_ids"] = torch.cat([inputs["input_ids"], ending], dim=1)
        inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
        inputs["mm_token_type_ids"] = torch.cat(
            [inputs["mm_token_type_ids"], torch.zeros_like(ending)], dim=1
        )
        with torch.inference_mode():
            logs = torch.log_softmax(asker.loaded.model(**inputs).logits[0, start - 1 : -1].double(), dim=-1)
        totals[value] = float(logs.gather(1, ending[0][:, None]).sum())
    weights = torch.softmax(torch.tensor(list(totals.values()), dtype=torch.float64), dim=0)
    return dict(zip(totals, weights.tolist(), strict=True))


def test_numbers_are_asked_for_under_their_own_form(reader: Qwen2VLReader) -> None:
    names: list[Any] = ["ef_percent", "rvsp_mmhg", "rwma", "ef_percent"]
    answers = reader.ask_fields([(name, drawn_page(seed).image) for seed, name in enumerate(names)])
    assert [answer.field for answer in answers if not isinstance(answer, Exception)] == names
    for answer in answers:
        assert not isinstance(answer, Exception)
        assert 0 < answer.probability <= 1
        assert answer.value is None or answer.field == "rwma" or float(answer.value.split("-")[0]) >= 5


def test_a_second_reading_asks_with_the_other_prompt(reader: Qwen2VLReader) -> None:
    (again,) = reader.read_again([[drawn_page(2, size=(60, 60))]])
    assert isinstance(again, Reading) and again.generation and again.generation.prompt_id == "read-2"
    with pytest.raises(EchoDeskError, match="no prompt"):
        reader.read_again([], "check-1-rwma")


class ReplayingAsker:
    """Gives prepared answers and notes which prompts it was asked with; there is no grammar."""

    grammar = None
    batch_size = 4

    def __init__(self, asker: Asker, answers: list[str]) -> None:
        self.loaded, self.bounds = asker.loaded, asker.bounds
        self.answers = answers
        self.asked: list[str] = []

    def decoding(self) -> dict[str, Any]:
        return {"grammar": "none"}

    def ask(self, questions: Sequence[Question], schema: Any) -> list[GivenAnswer]:
        self.asked += [question.prompt.id for question in questions]
        return [GivenAnswer(self.answers.pop(0), (), (), 10, 10, 10, True, 0.1) for _ in questions]


def replaying(reader: Qwen2VLReader, answers: list[str]) -> tuple[Qwen2VLReader, ReplayingAsker]:
    other = Qwen2VLReader.__new__(Qwen2VLReader)
    vars(other).update(vars(reader))
    asker = ReplayingAsker(reader.asker, answers)
    other.asker = asker  # type: ignore[assignment]
    return other, asker


def test_without_a_grammar_a_malformed_answer_is_asked_for_once_more_in_other_words(
    reader: Qwen2VLReader,
) -> None:
    good = answer_text(Findings(), {})
    free, asker = replaying(reader, [good, "The EF is 55 %.", good])
    readings = free.read_reports([[drawn_page(1)], [drawn_page(2)]])
    assert [type(reading) for reading in readings] == [Reading, Reading]
    assert asker.asked == ["read-1", "read-1", "read-2"]
    assert readings[1].generation.prompt_id == "read-2"  # type: ignore[union-attr]


def test_without_a_grammar_a_second_malformed_answer_is_an_error_without_its_words(
    reader: Qwen2VLReader,
) -> None:
    free, asker = replaying(reader, ["The EF is 55 %.", '{"ef":"55"}'])
    with pytest.raises(EchoDeskError, match="not of the agreed form") as error:
        free.read_pages([drawn_page(1)])
    assert len(asker.asked) == 2
    assert "55" not in error.value.message + error.value.hint
