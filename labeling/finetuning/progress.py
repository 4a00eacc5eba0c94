"""What a fine-tuning tells while it runs, and where it stands between two epochs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from labeling.finetuning.validation import FieldHits

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class TrainingStep:
    """Told after every step of the weights; `loss` is the average a taught token of this step."""

    epoch: int
    step: int
    steps: int
    loss: float


@dataclass(frozen=True)
class EpochLine:
    """One epoch: mean loss a token (natural logarithm), and the fields read right on validation."""

    epoch: int
    train_loss: float
    validation_loss: float
    hits: int
    n: int
    is_best: bool
    elapsed_s: float = 0.0


@dataclass(frozen=True)
class Told:
    """Who is told what while it runs; each may be left out.

    Attributes:
        on_example: records read for their quotes, and how many in all.
        on_before: how the model reads the validation records before it is taught.
        on_resume: the epoch after which a stopped training goes on.
    """

    on_example: Callable[[int, int], None] | None = None
    on_before: Callable[[FieldHits], None] | None = None
    on_resume: Callable[[int], None] | None = None
    on_step: Callable[[TrainingStep], None] | None = None
    on_epoch: Callable[[EpochLine], None] | None = None


@dataclass
class Progress:
    """Where a training stands between two epochs; what a checkpoint holds."""

    before: FieldHits
    best: FieldHits
    best_state: dict[str, torch.Tensor]
    epoch: int = 0
    best_epoch: int = 0
    lines: list[EpochLine] = field(default_factory=list)


@dataclass(frozen=True)
class Trained:
    """What came out: the peft model with its best weights in place, and how it read before and after."""

    adapted: Any
    before: FieldHits
    after: FieldHits
    best_epoch: int
    lines: Sequence[EpochLine]
    trained_weights: int


def history_json(lines: Sequence[EpochLine]) -> list[dict[str, Any]]:
    """The epochs as plain values."""
    return [asdict(line) for line in lines]
