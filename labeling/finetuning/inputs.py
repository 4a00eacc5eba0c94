"""Token-for-token what a reader sends when it reads, with the answer appended: the inputs of training.

The prompt is made by the reader's own code, so that a model is never taught on a form it is not asked in. The
loss is the cross entropy of the answer's tokens: nothing for the prompt, the pages and the padding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from labeling.finetuning.examples import TrainingExample

if TYPE_CHECKING:
    import torch

    from labeling.pages.page import Page

    Tensors = Mapping[str, torch.Tensor]
    import torch

# A label that the loss passes over.
NO_LABEL: Final = -100


class Speaker(Protocol):
    """A loaded model as fine-tuning needs it: how it is asked, and what it answers."""

    @property
    def model(self) -> torch.nn.Module:
        """The network; adapters are put into it in place."""

    @property
    def tokenizer(self) -> Any:
        """Its fast tokenizer."""

    def prompt_of(self, pages: Sequence[Page]) -> Tensors:
        """The inputs for one report up to where the answer begins, each of shape (1, ...)."""

    def answers_to(self, reports: Sequence[Sequence[Page]]) -> list[str]:
        """Greedy answers under the grammar, by the same code that reads reports."""


@dataclass(frozen=True)
class Encoded:
    """One example as tensors on the CPU.

    Attributes:
        sequence: per-token inputs by name, each of shape (tokens,): `input_ids`, `attention_mask`, ...
        pictures: the others by name (pixels and grid sizes), to be joined along their first dimension.
        labels: (tokens,), -100 where nothing is taught.
    """

    sequence: Tensors
    pictures: Tensors
    labels: torch.Tensor

    @property
    def tokens(self) -> int:
        """Length of the sequence."""
        return int(self.labels.shape[0])

    @property
    def byte_count(self) -> int:
        """Memory it takes."""
        held = (*self.sequence.values(), *self.pictures.values(), self.labels)
        return sum(tensor.numel() * tensor.element_size() for tensor in held)


def answer_tokens(tokenizer: Any, example: TrainingExample) -> tuple[list[int], list[int]]:
    """Token ids of an answer with its end of turn, and the same with -100 for what is not taught."""
    coded = tokenizer(example.answer, add_special_tokens=False, return_offsets_mapping=True)
    ids = [int(number) for number in coded["input_ids"]]
    labels = [
        NO_LABEL if any(start < end and begin < stop for begin, end in example.untaught) else number
        for number, (start, stop) in zip(ids, coded["offset_mapping"], strict=True)
    ]
    return [*ids, int(tokenizer.eos_token_id)], [*labels, int(tokenizer.eos_token_id)]


def encode(speaker: Speaker, example: TrainingExample, pages: Sequence[Page]) -> Encoded:
    """Prompt, answer and end of turn as one sequence; labels on the answer alone."""
    import torch

    prompt = speaker.prompt_of(pages)
    length = int(prompt["input_ids"].shape[1])
    ids, labels = answer_tokens(speaker.tokenizer, example)
    sequence: dict[str, torch.Tensor] = {}
    pictures: dict[str, torch.Tensor] = {}
    for name, tensor in prompt.items():
        if tensor.dim() == 2 and tuple(tensor.shape) == (1, length):
            fill = {"input_ids": ids, "attention_mask": [1] * len(ids)}.get(name, [0] * len(ids))
            sequence[name] = torch.cat([tensor[0].cpu(), torch.tensor(fill, dtype=tensor.dtype)])
        else:
            pictures[name] = tensor.cpu()
    taught = torch.tensor([NO_LABEL] * length + labels, dtype=torch.long)
    return Encoded(sequence, pictures, taught)


def collate(batch: Sequence[Encoded], *, pad_id: int) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Several examples as one batch, filled up on the left as at inference, so that all answers end together.

    Returns:
        the model's inputs, and the labels of shape (examples, longest).
    """
    import torch

    longest = max(item.tokens for item in batch)

    def filled(rows: Sequence[torch.Tensor], value: int) -> torch.Tensor:
        joined = torch.full((len(rows), longest), value, dtype=rows[0].dtype)
        for place, row in zip(joined, rows, strict=True):
            place[longest - row.shape[0] :] = row
        return joined

    inputs = {
        name: filled([item.sequence[name] for item in batch], pad_id if name == "input_ids" else 0)
        for name in batch[0].sequence
    }
    inputs.update({name: torch.cat([item.pictures[name] for item in batch]) for name in batch[0].pictures})
    return inputs, filled([item.labels for item in batch], NO_LABEL)


class EncodedExamples:
    """Examples as tensors, made when they are needed and kept as far as memory is allowed."""

    def __init__(
        self,
        speaker: Speaker,
        examples: Sequence[TrainingExample],
        pages_of: Callable[[TrainingExample], Sequence[Page]],
        *,
        cache_bytes: int,
    ) -> None:
        self._speaker, self._examples, self._pages_of = speaker, examples, pages_of
        self._room = cache_bytes
        self._kept: dict[int, Encoded] = {}

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> Encoded:
        kept = self._kept.get(index)
        if kept is not None:
            return kept
        example = self._examples[index]
        made = encode(self._speaker, example, self._pages_of(example))
        if made.byte_count <= self._room:
            self._room -= made.byte_count
            self._kept[index] = made
        return made


def answer_loss(network: Any, batch: Sequence[Encoded], speaker: Speaker, device: Any) -> torch.Tensor:
    """Cross entropy of the taught tokens, summed.

    Logits are computed for the answers alone, not for the pages.
    """
    import torch

    tokenizer = speaker.tokenizer
    inputs, labels = collate(batch, pad_id=_pad_id(tokenizer))
    # Answers end together, so the last positions of the batch hold all of them; each token is predicted one
    # earlier.
    longest = max(int((item.labels.shape[0]) - _first_taught(item)) for item in batch)
    inputs = {name: tensor.to(device) for name, tensor in inputs.items()}
    logits = network(**inputs, use_cache=False, logits_to_keep=longest + 1).logits[:, :-1]
    wanted = labels[:, -longest:].to(logits.device)  # a model on several cards ends on another than it begins
    return torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), wanted.flatten(), ignore_index=NO_LABEL, reduction="sum"
    )


def taught_tokens(item: Encoded) -> int:
    """How many tokens of an example are taught."""
    return int((item.labels != NO_LABEL).sum())


def _first_taught(item: Encoded) -> int:
    return int((item.labels != NO_LABEL).nonzero()[0])


def _pad_id(tokenizer: Any) -> int:
    return int(tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id)


def batches_by_size(items: Sequence[Encoded], batch_size: int) -> Iterator[list[Encoded]]:
    """Batches of examples of like length, so that little is filled up."""
    ordered = sorted(items, key=lambda item: item.tokens)
    for first in range(0, len(ordered), batch_size):
        yield ordered[first : first + batch_size]
