"""Many questions to one model: batches by size, answers in order, and what each of them cost."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from labeling.readers.answer_schema import ANSWER_SCHEMA_VERSION
from labeling.readers.qwen import constrained
from labeling.readers.qwen.batching import BatchRunner
from labeling.readers.qwen.decoding import AnswerTokens, DecodingSettings, decode, prefill
from labeling.readers.qwen.inputs import (
    PixelBounds,
    Question,
    model_inputs,
    picture_tokens,
    with_answer_begun,
)

if TYPE_CHECKING:
    from labeling.readers.qwen.constrained import AnswerGrammar
    from labeling.readers.qwen.model import LoadedModel

# A character of a quote is one token at most in any script's own words, and four where a model spells bytes.
_BYTES_A_CHARACTER: Final = 4
_BATCH_ON_GPU: Final = 16
_BATCH_ON_CPU: Final = 4


@dataclass(frozen=True)
class GivenAnswer:
    """What a model printed for one question.

    Attributes:
        text: verbatim; report text.
        token_bytes: how many bytes of it each token is. log_probabilities: of each, among those allowed
            there.
        prompt_tokens, answer_tokens, forward_passes, is_complete: see `Generation`.
        elapsed_s: seconds, its share of the batch.
    """

    text: str
    token_bytes: tuple[int, ...]
    log_probabilities: tuple[float, ...]
    prompt_tokens: int
    answer_tokens: int
    forward_passes: int
    is_complete: bool
    elapsed_s: float


class Asker:
    """Asks one model, under the form of the answer where xgrammar is installed.

    Args:
        batch_size: most questions at once; 0 for what suits the device.
        constrained_answers: False lets the model print what it likes.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        *,
        bounds: PixelBounds,
        batch_size: int = 0,
        constrained_answers: bool = True,
    ) -> None:
        self.loaded = loaded
        self.bounds = bounds
        self.batch_size = batch_size or (_BATCH_ON_CPU if loaded.device == "cpu" else _BATCH_ON_GPU)
        self.grammar = _grammar_for(loaded) if constrained_answers and constrained.is_available() else None
        self._added = {number: text for text, number in loaded.tokenizer.get_added_vocab().items()}
        # Most tokens that fit at once, padding included, once memory has run out; holds for every later
        # batch.
        self._most_tokens: int | None = None

    def decoding(self) -> dict[str, Any]:
        """The settings that decide an answer, as they are stored with it."""
        return {
            "grammar": constrained.name_and_version() if self.grammar else "none",
            "schema": ANSWER_SCHEMA_VERSION,
            "temperature": 0.0,
            "min_pixels": self.bounds.min_pixels,
            "max_pixels": self.bounds.max_pixels,
            "precision": self.loaded.precision,
            "attention": self.loaded.attention,
        }

    def ask(
        self, questions: Sequence[Question], schema: dict[str, Any], settings: DecodingSettings | None = None
    ) -> list[GivenAnswer | Exception]:
        """An answer for each question, in order; what fails for one is its answer.

        Args:
            schema: the form of the answers.
            settings: how tokens are chosen; the likeliest each time unless said otherwise.
        """
        chosen = settings or DecodingSettings(
            max_tokens=token_limit(schema, is_held=self.grammar is not None)
        )
        return self.in_batches(questions, lambda batch: self._answer(batch, schema, chosen))

    def in_batches(self, questions: Sequence[Question], run: Any) -> list[Any]:
        """Run a function over batches of questions, sized to memory; its results in the order of the
        questions.
        """
        sizes: list[int | Exception] = [self._size(question) for question in questions]
        fitting = {number: size for number, size in enumerate(sizes) if isinstance(size, int)}
        good = list(fitting)
        runner: BatchRunner[Question, Any] = BatchRunner(
            run, batch_size=self.batch_size, free_memory=free_memory
        )
        runner.most_tokens = self._most_tokens
        given = runner.run_all([questions[number] for number in good], list(fitting.values()))
        self._most_tokens = runner.most_tokens
        results: list[Any] = list(sizes)
        for number, result in zip(good, given, strict=True):
            results[number] = result
        return results

    def _size(self, question: Question) -> int | Exception:
        try:
            return picture_tokens(question, self.loaded, self.bounds)
        except Exception as error:  # noqa: BLE001 - is that report's answer
            return error

    def _answer(
        self, batch: Sequence[Question], schema: dict[str, Any], settings: DecodingSettings
    ) -> list[GivenAnswer]:
        started = time.perf_counter()
        states = [self.grammar.start(schema) for _ in batch] if self.grammar else []
        begun: list[int] = []
        if settings.skips_forced:
            for state in states:
                begun = state.take_forced()
        inputs = with_answer_begun(model_inputs(batch, self.loaded, self.bounds), begun)
        prompts = prefill(inputs, self.loaded)
        answers = decode(prompts, self.loaded, settings, grammar=self.grammar, states=states, begun=begun)
        share_s = (time.perf_counter() - started) / len(batch)
        return [self._given(answer, share_s) for answer in answers]

    def _bytes_of(self, token: int) -> int:
        """How many bytes a token is: these tokenizers store a byte as one character, and added words as they
        are.
        """
        added = self._added.get(token)
        return (
            len(added.encode())
            if added is not None
            else len(self.loaded.tokenizer.convert_ids_to_tokens(token))
        )

    def _given(self, answer: AnswerTokens, elapsed_s: float) -> GivenAnswer:
        tokenizer = self.loaded.tokenizer
        return GivenAnswer(
            text=tokenizer.decode(
                answer.tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
            ),
            token_bytes=tuple(map(self._bytes_of, answer.tokens)),
            log_probabilities=tuple(answer.log_probabilities),
            prompt_tokens=answer.prompt_tokens,
            answer_tokens=len(answer.tokens),
            forward_passes=answer.forward_passes,
            is_complete=answer.is_complete,
            elapsed_s=elapsed_s,
        )


def token_limit(schema: Mapping[str, Any], *, is_held: bool) -> int:
    """So many tokens that every answer of a schema can end.

    Args:
        is_held: a grammar sees to it that the answer ends, so the limit may be the longest that can be;
            without one a model that repeats itself goes on to the limit, and it is the longest answer in
            plain letters.
    """
    factor = _BYTES_A_CHARACTER if is_held else 1
    longest = sum(len(key) + 4 + _longest(value, factor) for key, value in schema["properties"].items())
    return int(longest) + 3


def _longest(schema: Mapping[str, Any], factor: int) -> int:
    """Bytes of the longest value of a schema, quotation marks included."""
    if "anyOf" in schema:
        return max(_longest(one, factor) for one in schema["anyOf"])
    if "enum" in schema:
        return max(len(str(value)) for value in schema["enum"]) + 2
    if schema["type"] == "array":
        return int(schema["maxItems"]) * (_longest(schema["items"], factor) + 1) + 2
    if "maxLength" in schema:
        return int(schema["maxLength"]) * factor + 2
    return len("100.00-100.00") + 2


def free_memory() -> None:
    """Give back what a failed attempt left behind, on the GPU too."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _grammar_for(loaded: LoadedModel) -> AnswerGrammar:
    return constrained.AnswerGrammar(
        loaded.tokenizer, vocabulary_size=loaded.vocabulary_size, stop_tokens=loaded.stop_tokens
    )
