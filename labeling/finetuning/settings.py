"""How a model is fine-tuned: every number that decides what comes out, with the product's defaults."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from db.errors import EchoDeskError
from labeling.readers.prompts import DEFAULT_PROMPT, PROMPTS


class Layers(StrEnum):
    """Which part of the model gets an adapter: what it says, what it sees, or both.

    All include the merger between.
    """

    LANGUAGE = "language"
    VISION = "vision"
    ALL = "all"


@dataclass(frozen=True)
class FinetuneSettings:
    """Settings of one fine-tuning.

    The defaults are for a pretrained model of 2-7 billion parameters and 100 to a few thousand reviewed
    records. A small model trained from scratch takes a higher rate and more epochs.

    Attributes:
        epochs: most passes over the training records; it stops earlier when validation no longer gains.
        patience: epochs without a gain before it stops.
        rate: peak learning rate, after the warm-up.
        rank: of the adapter's matrices; alpha: their scale, 0 for twice the rank; dropout: before them, 0-1.
        layers: which part of the model gets an adapter.
        batch_size: reports in one pass; accumulation: passes to one step of the weights.
        warmup_share: share of all steps in which the rate rises; it then falls along half a cosine.
        weight_decay: AdamW's, on the adapter alone; clip_norm: largest length of a gradient.
        validation_share: share of patients to judge by.
        saves_memory: compute passes twice instead of keeping them (about a third slower, far less memory).
        cache_bytes: how much of the prepared pages may be kept in memory between epochs.
    """

    epochs: int = 10
    patience: int = 3
    rate: float = 1e-4
    rank: int = 16
    alpha: int = 0
    dropout: float = 0.05
    layers: Layers = Layers.LANGUAGE
    batch_size: int = 1
    accumulation: int = 8
    warmup_share: float = 0.1
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    validation_share: float = 0.2
    seed: int = 20260401
    prompt_id: str = DEFAULT_PROMPT
    saves_memory: bool = False
    cache_bytes: int = 1 << 30

    def __post_init__(self) -> None:
        """Refuse numbers that can't train.

        Raises:
            EchoDeskError: names the first one.
        """
        for name in ("epochs", "patience", "rank", "batch_size", "accumulation"):
            _require(getattr(self, name) >= 1, name, "at least 1")
        _require(0 < self.rate < 1, "rate", "above 0 and below 1")
        _require(self.alpha >= 0, "alpha", "0 or more")
        _require(0 <= self.dropout < 1, "dropout", "from 0 to below 1")
        _require(0 <= self.warmup_share <= 1, "warmup_share", "from 0 to 1")
        _require(self.weight_decay >= 0, "weight_decay", "0 or more")
        _require(self.clip_norm > 0, "clip_norm", "above 0")
        known = [name for name in PROMPTS if name.startswith("read-")]
        _require(self.prompt_id in known, "prompt", f"one of {', '.join(known)}")
        _require(0 < self.validation_share < 1, "validation_share", "between 0 and 1")

    @property
    def scale(self) -> int:
        """LoRA's alpha as it is used."""
        return self.alpha or 2 * self.rank


def _require(holds: bool, name: str, rule: str) -> None:
    if not holds:
        raise EchoDeskError(f"the setting {name} is out of bounds", f"It has to be {rule}.")
