"""The language-model reader: Qwen2-VL and its successors read the page images in this process.

It copies the words first and gives the value they state after them, held to one form; see
`labeling/readers/answer_schema.py`. The model is downloaded only when the caller allows it; nothing else
leaves the machine.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from db.errors import EchoDeskError
from db.fields.names import FieldName
from db.files.manifest import sha256_of
from labeling.readers.answer_reading import reading_of_answer
from labeling.readers.answer_schema import answer_schema, schema_sha256
from labeling.readers.base import FieldAnswer, Generation, Reading, read_one
from labeling.readers.prompts import DEFAULT_PROMPT, PROMPTS, SECOND_PROMPT, Prompt
from labeling.readers.qwen.generation import Asker, GivenAnswer
from labeling.readers.qwen.inputs import MAX_PIXELS, MIN_PIXELS, PixelBounds, Question
from labeling.readers.qwen.model import load_model
from labeling.readers.qwen.questions import ask_about_fields
from labeling.readers.qwen.weights import DEFAULT_MODEL, check_adapter_prompt
from labeling.readers.token_confidence import field_confidence

if TYPE_CHECKING:
    from PIL.Image import Image

    from labeling.pages.page import Page

# Raise it when this code could make the same model read differently.
READER_VERSION: Final = "1"


class Qwen2VLReader:
    """Reads with a Qwen2-VL, Qwen2.5-VL or Qwen3-VL checkpoint.

    Args:
        model: name on the hub or a local folder. revision: see `find_weights`; empty for the pinned one.
        adapter: folder of a fine-tuned adapter, or empty.
        device: `auto` (every GPU there is, else the CPU), `cpu`, `cuda`, `cuda:1`, ...
        min_pixels, max_pixels: area of a page as the model sees it; see `PixelBounds` for what they cost.
        batch_size: most reports at once; 0 for what suits the device. Less is taken when memory runs out.
        prompt: a released prompt that asks for the whole record.
        constrained: hold answers to the form with xgrammar, where it is installed.
        allow_download: fetch a hub model that is not in the local cache.

    Raises:
        EchoDeskError: the model can't be had or opened, or there is no such prompt.
    """

    name = "qwen2vl"

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        revision: str = "",
        adapter: str = "",
        device: str = "auto",
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        batch_size: int = 0,
        prompt: str = DEFAULT_PROMPT,
        constrained: bool = True,
        allow_download: bool = False,
    ) -> None:
        self._prompt = _record_prompt(prompt)
        if adapter:
            check_adapter_prompt(adapter, self._prompt.id)
        bounds = PixelBounds(min_pixels, max_pixels)
        loaded = load_model(
            model, revision=revision, adapter=adapter, device=device, allow_download=allow_download
        )
        self.asker = Asker(loaded, bounds=bounds, batch_size=batch_size, constrained_answers=constrained)

    @property
    def version(self) -> str:
        """Such as `1-3f29c0a1b2c4`: changes with anything that could make it read differently."""
        import transformers

        loaded = self.asker.loaded
        parts = {
            **self.asker.decoding(),
            "revision": loaded.revision,
            "adapter": loaded.adapter,
            "prompt": self._prompt.sha256,
            "schema": schema_sha256(),
            "transformers": transformers.__version__,
        }
        return f"{READER_VERSION}-{sha256_of(json.dumps(parts, sort_keys=True).encode())[:12]}"

    @property
    def weights_revision(self) -> str:
        """The commit or content hash of the weights, with the adapter's after a plus sign."""
        loaded = self.asker.loaded
        return f"{loaded.revision}+{loaded.adapter}" if loaded.adapter else loaded.revision

    @property
    def prompt_version(self) -> str:
        """The id of the prompt."""
        return self._prompt.id

    @property
    def batch_size(self) -> int:
        """How many reports to hand over at once."""
        return self.asker.batch_size

    def read_pages(self, pages: Sequence[Page]) -> Reading:
        """Read one report from its upright pages, in order.

        Raises:
            EchoDeskError: the answer is not of the agreed form, or the report does not fit into memory.
        """
        return read_one(self, pages)

    def read_reports(self, reports: Sequence[Sequence[Page]]) -> list[Reading | Exception]:
        """Read several reports; the answers in the order of the reports. What fails for one is its answer."""
        readings = self._read(reports, self._prompt)
        if self.asker.grammar is not None:
            return readings
        # Without a grammar an answer may be of any form: what failed is asked once more in other words.
        failed = [number for number, reading in enumerate(readings) if isinstance(reading, _FormError)]
        other = PROMPTS[SECOND_PROMPT if self._prompt.id == DEFAULT_PROMPT else DEFAULT_PROMPT]
        for number, again in zip(
            failed, self._read([reports[number] for number in failed], other), strict=True
        ):
            readings[number] = again
        return readings

    def read_again(
        self, reports: Sequence[Sequence[Page]], prompt_id: str = SECOND_PROMPT
    ) -> list[Reading | Exception]:
        """A second reading of whole reports, asked with another prompt.

        Raises:
            EchoDeskError: there is no such prompt.
        """
        return self._read(reports, _record_prompt(prompt_id))

    def ask_fields(self, questions: Sequence[tuple[FieldName, Image]]) -> list[FieldAnswer | Exception]:
        """Several such questions at once, the answers in their order; what fails for one is its answer."""
        return ask_about_fields(self.asker, questions)

    def _read(self, reports: Sequence[Sequence[Page]], prompt: Prompt) -> list[Reading | Exception]:
        questions = [Question(tuple(page.image for page in pages), prompt) for pages in reports]
        given = self.asker.ask(questions, answer_schema()) if questions else []
        return [
            answer if isinstance(answer, Exception) else self._reading_of(answer, prompt) for answer in given
        ]

    def _reading_of(self, answer: GivenAnswer, prompt: Prompt) -> Reading | Exception:
        loaded = self.asker.loaded
        generation = Generation(
            model=loaded.name,
            revision=loaded.revision,
            adapter=loaded.adapter,
            prompt_id=prompt.id,
            decoding=self.asker.decoding(),
            raw_text=answer.text,
            prompt_tokens=answer.prompt_tokens,
            answer_tokens=answer.answer_tokens,
            forward_passes=answer.forward_passes,
            elapsed_s=answer.elapsed_s,
            is_complete=answer.is_complete,
        )
        confidence = field_confidence(answer.text, answer.token_bytes, answer.log_probabilities)
        try:
            return reading_of_answer(answer.text, generation=generation, confidence=confidence)
        except EchoDeskError as error:
            return _FormError(error.message, error.hint)


class _FormError(EchoDeskError):
    """The answer is not of the agreed form; asking again in other words may help."""


def _record_prompt(prompt_id: str) -> Prompt:
    known = [name for name in PROMPTS if name.startswith("read-")]
    if prompt_id not in known:
        raise EchoDeskError(
            f"there is no prompt {prompt_id!r} for whole reports", f"Known prompts: {', '.join(known)}."
        )
    return PROMPTS[prompt_id]
