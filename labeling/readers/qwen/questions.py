"""One question about one field of a piece of a page: every allowed answer is weighed, in one reading of the
prompt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from db.errors import EchoDeskError
from db.fields.names import FieldName
from labeling.readers.answer_schema import (
    ASKED_KEYS,
    CLOSED_KEYS,
    EF_NUMBER,
    RVSP_NUMBER,
    answer_schema,
    number_pattern,
)
from labeling.readers.base import FieldAnswer
from labeling.readers.prompts import check_prompt
from labeling.readers.qwen.decoding import Prefilled, prefill
from labeling.readers.qwen.generation import Asker, GivenAnswer
from labeling.readers.qwen.inputs import Question, model_inputs, with_answer_begun
from labeling.readers.token_confidence import field_confidence, normalised

if TYPE_CHECKING:
    from PIL.Image import Image

_NUMBERS: Final = {"ef": number_pattern(EF_NUMBER), "rvsp": number_pattern(RVSP_NUMBER)}


def ask_about_fields(
    asker: Asker, questions: Sequence[tuple[FieldName, Image]]
) -> list[FieldAnswer | Exception]:
    """Answers in the order of the questions; what fails for one question is its answer."""
    answers: dict[int, FieldAnswer | Exception] = {}
    for name in dict.fromkeys(name for name, _ in questions):
        numbers = [number for number, (other, _) in enumerate(questions) if other == name]
        asked = [Question((questions[number][1],), check_prompt(name)) for number in numbers]
        ask = _weigh_answers if ASKED_KEYS[name] in CLOSED_KEYS else _ask_number
        answers.update(zip(numbers, ask(asker, name, asked), strict=True))
    return [answers[number] for number in range(len(questions))]


def _ask_number(
    asker: Asker, name: FieldName, questions: Sequence[Question]
) -> list[FieldAnswer | Exception]:
    key = ASKED_KEYS[name]
    given = asker.ask(questions, _schema_of(key))
    return [_number_of(answer, name, key) for answer in given]


def _number_of(answer: GivenAnswer | Exception, name: FieldName, key: str) -> FieldAnswer | Exception:
    if isinstance(answer, Exception):
        return answer
    try:
        value = json.loads(answer.text)[key]
    except (ValueError, KeyError, TypeError):
        return _not_an_answer()
    if value is not None and not (isinstance(value, str) and re.fullmatch(_NUMBERS[key], value)):
        return _not_an_answer()
    sure = field_confidence(answer.text, answer.token_bytes, answer.log_probabilities, {name: (key,)})
    return FieldAnswer(name, value, sure.get(name, 0.0))


def _not_an_answer() -> EchoDeskError:
    return EchoDeskError(
        "the model's answer about one field is not of the agreed form",
        "Install xgrammar, which holds it to the form, or name another model.",
    )


def _weigh_answers(
    asker: Asker, name: FieldName, questions: Sequence[Question]
) -> list[FieldAnswer | Exception]:
    key = ASKED_KEYS[name]
    values: tuple[str | None, ...] = (*map(str, CLOSED_KEYS[key]), None)
    tokenizer = asker.loaded.tokenizer
    spelt = [
        tokenizer(json.dumps({key: value}, separators=(",", ":")), add_special_tokens=False)["input_ids"]
        for value in values
    ]
    shared = _shared_start(spelt)
    endings = [tokens[shared:] for tokens in spelt]

    def run(batch: Sequence[Question]) -> list[FieldAnswer]:
        inputs = with_answer_begun(model_inputs(batch, asker.loaded, asker.bounds), spelt[0][:shared])
        weighed = score_endings(prefill(inputs, asker.loaded), endings, asker.loaded)
        return [_likeliest(name, values, row) for row in weighed]

    return asker.in_batches(questions, run)


def _likeliest(
    name: FieldName, values: Sequence[str | None], log_probabilities: Sequence[float]
) -> FieldAnswer:
    shares = dict(zip(values, normalised(log_probabilities), strict=True))
    value = max(shares, key=lambda one: shares[one])
    return FieldAnswer(name, value, shares[value], shares)


def score_endings(prompts: Prefilled, endings: Sequence[Sequence[int]], loaded: Any) -> list[list[float]]:
    """How probable each ending is after each prompt: natural logarithms, (prompts, endings).

    The prompts have been read once; all endings follow them side by side in one more pass.

    Args:
        endings: token sequences, none of them empty or the start of another.
    """
    import torch

    rows, count = len(prompts.prompt_tokens), len(endings)
    width = max(map(len, endings)) - 1
    with torch.inference_mode():
        first = torch.log_softmax(prompts.scores.float(), dim=-1)
        totals = first[:, [ending[0] for ending in endings]].double().cpu()
        if not width:
            return totals.tolist()
        device = prompts.mask.device
        shown = torch.tensor(
            [[*ending[:-1], *[0] * (width + 1 - len(ending))] for ending in endings], device=device
        )
        real = torch.tensor([[1] * (len(ending) - 1) + [0] * (width + 1 - len(ending)) for ending in endings])
        prompts.cache.batch_repeat_interleave(count)
        starts = torch.tensor(prompts.next_positions, device=device).repeat_interleave(count)
        positions = starts[:, None] + torch.arange(width, device=device)
        output = loaded.model(
            input_ids=shown.repeat(rows, 1),
            attention_mask=torch.cat(
                [prompts.mask.repeat_interleave(count, dim=0), real.to(prompts.mask).repeat(rows, 1)], dim=1
            ),
            position_ids=positions.expand(3, -1, -1),
            past_key_values=prompts.cache,
            use_cache=True,
        )
        logs = torch.log_softmax(output.logits.float(), dim=-1).reshape(rows, count, width, -1)
        for number, ending in enumerate(endings):
            for place, token in enumerate(ending[1:]):
                totals[:, number] += logs[:, number, place, token].double().cpu()
    return totals.tolist()


def _shared_start(sequences: Sequence[Sequence[int]]) -> int:
    """How many first tokens all sequences have in common."""
    for place, tokens in enumerate(zip(*sequences, strict=False)):
        if len(set(tokens)) > 1:
            return place
    return min(map(len, sequences))


def _schema_of(key: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: answer_schema()["properties"][key]},
        "required": [key],
        "additionalProperties": False,
    }
