"""A loaded Qwen-VL model as fine-tuning needs it: asked and read by the reader's own code alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labeling.readers.answer_schema import answer_schema
from labeling.readers.prompts import PROMPTS
from labeling.readers.qwen.generation import Asker
from labeling.readers.qwen.inputs import PixelBounds, Question, model_inputs

if TYPE_CHECKING:
    import torch

    from labeling.pages.page import Page
    from labeling.readers.qwen.model import LoadedModel


class QwenSpeaker:
    """Asks one model with one prompt.

    Args:
        loaded: the model; fine-tuning puts adapters into it, so nobody else should hold it.
        batch_size: reports read at once in validation; 0 for what suits the device.
    """

    def __init__(
        self, loaded: LoadedModel, *, prompt_id: str, bounds: PixelBounds, batch_size: int = 0
    ) -> None:
        self.loaded = loaded
        self._prompt = PROMPTS[prompt_id]
        self._asker = Asker(loaded, bounds=bounds, batch_size=batch_size)

    @property
    def model(self) -> torch.nn.Module:
        """The network itself."""
        network: torch.nn.Module = self.loaded.model
        return network

    @property
    def tokenizer(self) -> Any:
        """The tokenizer of its processor."""
        return self.loaded.tokenizer

    @property
    def base_facts(self) -> dict[str, Any]:
        """What identifies the model and the way it is asked, for the adapter's card."""
        return {
            "base_model": self.loaded.name,
            "base_revision": self.loaded.revision,
            "device": self.loaded.device,
            "decoding": self._asker.decoding(),
        }

    def prompt_of(self, pages: Sequence[Page]) -> Mapping[str, torch.Tensor]:
        """The inputs for one report up to where the answer begins."""
        return model_inputs([self._question(pages)], self.loaded, self._asker.bounds)

    def answers_to(self, reports: Sequence[Sequence[Page]]) -> list[str]:
        """The likeliest answers under the grammar; an empty one where a report can't be asked about.

        Raises:
            Exception: none could be, for the reason of the first.
        """
        given = self._asker.ask([self._question(pages) for pages in reports], answer_schema())
        failures = [answer for answer in given if isinstance(answer, Exception)]
        if failures and len(failures) == len(given):
            raise failures[0]
        return ["" if isinstance(answer, Exception) else answer.text for answer in given]

    def _question(self, pages: Sequence[Page]) -> Question:
        return Question(tuple(page.image for page in pages), self._prompt)


def open_speaker(
    model: str,
    *,
    prompt_id: str,
    bounds: PixelBounds,
    revision: str = "",
    device: str = "auto",
    allow_download: bool = False,
    batch_size: int = 0,
) -> QwenSpeaker:
    """Open a model for fine-tuning; readers of this process don't get to share it.

    Raises:
        EchoDeskError: a package is missing, or the weights can't be had or opened.
    """
    from labeling.readers.qwen.model import forget_models, load_model

    forget_models()  # one that a reader holds already would change under its hands
    loaded = load_model(model, revision=revision, device=device, allow_download=allow_download)
    forget_models()
    return QwenSpeaker(loaded, prompt_id=prompt_id, bounds=bounds, batch_size=batch_size)
