"""The loss of fine-tuning: cross entropy of the answer's tokens, nothing for the prompt, the pages and the
padding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from labeling.finetuning.inputs import NO_LABEL, Encoded, Speaker, collate

if TYPE_CHECKING:
    import torch


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
