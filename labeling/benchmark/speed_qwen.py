"""Reports a second of the language-model reader, against the model card's recipe of one picture at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.errors import EchoDeskError, pip_install
from labeling.apart.pages import open_pages
from labeling.pages.page import Page, PageLimits
from labeling.readers.answer_schema import answer_schema
from labeling.readers.prompts import DEFAULT_PROMPT, PROMPTS, conversation
from labeling.readers.qwen.decoding import DecodingSettings, decode, prefill
from labeling.readers.qwen.generation import Asker, GivenAnswer, token_limit
from labeling.readers.qwen.inputs import PixelBounds, Question, model_inputs
from labeling.readers.qwen.model import load_model

if TYPE_CHECKING:
    from labeling.readers.qwen.constrained import GrammarState
    from labeling.readers.qwen.model import LoadedModel

# Rounds of the grammar's measurement; the two sides take turns, so that the machine's other work falls on
# both.
_ROUNDS = 5
# What the model card's processor allows a picture when nobody says otherwise.
_CARD_PIXELS = {"min_pixels": 4 * 28 * 28, "max_pixels": 16384 * 28 * 28}


@dataclass(frozen=True)
class VlmBench:
    """What was measured; times in seconds.

    Attributes:
        reports: read by each side. batch_size: of our side.
        ours_s, recipe_s: wall time from decoded pages to text, our side and the model card's.
        prompt_tokens, recipe_prompt_tokens: a report, on average; pictures included.
        answer_tokens, forward_passes: a report, on average; both sides print the same number of tokens.
        recipe_forward_passes: one for each token.
        held_s, free_s: seconds for the same number of tokens and passes with and without the grammar, a
            batch, the best of some rounds: other work on the machine only ever adds.
        held_with_skips_s: with the tokens put down that cost no pass; the answer may then end sooner.
        device, precision, model: what was measured on.
    """

    reports: int
    batch_size: int
    ours_s: float
    recipe_s: float
    prompt_tokens: float
    recipe_prompt_tokens: float
    answer_tokens: float
    forward_passes: float
    recipe_forward_passes: float
    held_s: float
    free_s: float
    held_with_skips_s: float
    device: str
    precision: str
    model: str

    @property
    def reports_per_s(self) -> float:
        """Reports a second of our side; higher is better."""
        return self.reports / self.ours_s

    @property
    def ratio(self) -> float:
        """How many times as fast as the recipe; higher is better."""
        return self.recipe_s / self.ours_s

    @property
    def grammar_overhead(self) -> float:
        """Share of time the grammar adds at equal tokens and passes; lower is better."""
        return self.held_s / self.free_s - 1

    @property
    def grammar_with_skips(self) -> float:
        """The same with the passes it saves taken off; below 0 an answer takes less time held than free."""
        return self.held_with_skips_s / self.free_s - 1


def bench_vlm(
    pages_or_paths: Sequence[Page | Path],
    *,
    model: str,
    revision: str = "",
    device: str = "auto",
    batch_size: int = 0,
    bounds: PixelBounds | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> VlmBench:
    """Read every page as a report of its own with both sides, in turns of one batch.

    Our side is batched, held to the form and bounded in pixels. The recipe is the one on the model's card:
    one picture at a time, its own pixel bounds, `generate`, as many tokens as our side printed for that
    report.

    Args:
        pages_or_paths: decoded pages, or files.
        on_progress: called with reports done and of how many.

    Raises:
        ValueError: there are no pages.
        EchoDeskError: the model can't be opened, a file can't, or a report could not be read.
    """
    pages = _decoded(pages_or_paths)
    if not pages:
        raise ValueError("a bench needs at least one page")
    loaded = load_model(model, revision=revision, device=device)
    asker = Asker(loaded, bounds=bounds or PixelBounds(), batch_size=batch_size)
    questions = [Question((page.image,), PROMPTS[DEFAULT_PROMPT]) for page in pages]
    _warm_up(asker, questions[0])
    ours_s = recipe_s = recipe_tokens = 0.0
    given: list[GivenAnswer] = []
    for start in range(0, len(questions), asker.batch_size):
        batch = questions[start : start + asker.batch_size]
        answers, seconds = _timed(partial(_answers, asker, batch), loaded)
        ours_s += seconds
        given += answers
        for question, answer in zip(batch, answers, strict=True):
            tokens, seconds = _timed(partial(_recipe, loaded, question, answer.answer_tokens), loaded)
            recipe_s += seconds
            recipe_tokens += tokens
        on_progress(len(given), len(questions))
    held_s, free_s, skips_s = _grammar_cost(asker, questions[: asker.batch_size])
    number = len(given)
    answer_tokens = sum(answer.answer_tokens for answer in given) / number
    return VlmBench(
        reports=number,
        batch_size=asker.batch_size,
        ours_s=ours_s,
        recipe_s=recipe_s,
        prompt_tokens=sum(answer.prompt_tokens for answer in given) / number,
        recipe_prompt_tokens=recipe_tokens / number,
        answer_tokens=answer_tokens,
        forward_passes=sum(answer.forward_passes for answer in given) / number,
        recipe_forward_passes=answer_tokens,
        held_s=held_s,
        free_s=free_s,
        held_with_skips_s=skips_s,
        device=loaded.device,
        precision=loaded.precision,
        model=loaded.name,
    )


def _decoded(pages_or_paths: Sequence[Page | Path]) -> list[Page]:
    pages: list[Page] = []
    for item in pages_or_paths:
        pages += [item] if isinstance(item, Page) else open_pages(item, PageLimits())
    return pages


def _answers(asker: Asker, batch: Sequence[Question]) -> list[GivenAnswer]:
    answers = []
    for answer in asker.ask(batch, answer_schema()):
        if isinstance(answer, Exception):
            raise answer
        answers.append(answer)
    return answers


def _recipe(loaded: LoadedModel, question: Question, count: int) -> int:
    """The model card's own steps for one picture; the tokens of its prompt."""
    from qwen_vl_utils import process_vision_info

    messages = conversation([{"type": "image", "image": question.images[0], **_CARD_PIXELS}], question.prompt)
    text = loaded.processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    pictures, videos = process_vision_info([messages], image_patch_size=loaded.patch_px)
    inputs = loaded.processor(text=[text], images=pictures, videos=videos, padding=True, return_tensors="pt")
    inputs = inputs.to(loaded.device)
    length = int(inputs["input_ids"].shape[1])
    output = loaded.model.generate(**inputs, max_new_tokens=count, min_new_tokens=count, do_sample=False)
    loaded.processor.batch_decode(output[:, length:], skip_special_tokens=True)
    return length


def _grammar_cost(asker: Asker, questions: Sequence[Question]) -> tuple[float, float, float]:
    """Seconds of decoding one batch, the best of some rounds: held without skips, free, held with skips.

    The first two are cut off where the shortest held answer ends, so that both run every report in every
    pass. With skips an answer may end before that.
    """
    if asker.grammar is None:
        raise EchoDeskError("xgrammar is not installed", f"Install it with `{pip_install('vlm')}`.")
    loaded, grammar = asker.loaded, asker.grammar
    inputs = model_inputs(questions, loaded, asker.bounds)

    def states() -> list[GrammarState]:
        return [grammar.start(answer_schema()) for _ in questions]

    whole = DecodingSettings(token_limit(answer_schema(), is_held=True), skips_forced=False)
    answers = decode(prefill(inputs, loaded), loaded, whole, grammar=grammar, states=states())
    count = min(len(answer.tokens) for answer in answers)

    def run(settings: DecodingSettings, held: bool) -> float:
        prompts = prefill(inputs, loaded)
        _wait(loaded)
        started = time.perf_counter()
        if held:
            decode(prompts, loaded, settings, grammar=grammar, states=states())
        else:
            decode(prompts, loaded, settings)
        _wait(loaded)
        return time.perf_counter() - started

    held, free = DecodingSettings(count, skips_forced=False), DecodingSettings(count, exact_tokens=True)
    times = [(run(held, True), run(free, False), run(DecodingSettings(count), True)) for _ in range(_ROUNDS)]
    held_s, free_s, skips_s = (min(side) for side in zip(*times, strict=True))
    return held_s, free_s, skips_s


def _warm_up(asker: Asker, question: Question) -> None:
    """What the first run of anything pays for: kernels, caches, the compiled grammar."""
    _recipe(asker.loaded, question, 2)
    _answers(asker, [question])


def _timed(action: Callable[[], Any], loaded: LoadedModel) -> tuple[Any, float]:
    _wait(loaded)
    started = time.perf_counter()
    result = action()
    _wait(loaded)
    return result, time.perf_counter() - started


def _wait(loaded: LoadedModel) -> None:
    """Until the GPU has done what it was given."""
    if loaded.device.startswith("cuda"):
        import torch

        torch.cuda.synchronize()
