"""Where a fine-tuning stands after each epoch, so that a power cut costs one epoch and not all of them.

It lies beside the folder to be written, under a hidden name, and goes when that folder is complete. It is
taken up again only by the same training: same records, settings, base weights and code. It holds numbers
alone.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from db.files.manifest import sha256_of
from db.files.whole import whole_file
from labeling.finetuning.progress import EpochLine, Progress
from labeling.finetuning.validation import FieldHits

_STATE = "state.pt"


def training_key(**parts: Any) -> str:
    """What makes two trainings the same; every part a plain value."""
    return sha256_of(json.dumps(parts, sort_keys=True, default=str).encode())


class Checkpoint:
    """The checkpoint of one training.

    Args:
        target: the folder the training will write.
        key: see `training_key`.
    """

    def __init__(self, target: Path, key: str) -> None:
        self.folder = target.with_name(f".{target.name[:40]}.unfinished")
        self._key = key

    def save(self, progress: Progress, *, generator: random.Random, moving: Mapping[str, Any]) -> None:
        """Store the end of an epoch; the one before stays until this one is whole.

        Args:
            moving: what training moves, by name: adapter, optimizer, schedule.
        """
        import torch

        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = {
            "key": self._key,
            "epoch": progress.epoch,
            "best_epoch": progress.best_epoch,
            "before": _plain_hits(progress.before),
            "best": _plain_hits(progress.best),
            "best_state": dict(progress.best_state),
            "lines": [asdict(line) for line in progress.lines],
            "moving": dict(moving),
            "order": _plain_state(generator),
            "chance": torch.random.get_rng_state(),
            "chance_gpu": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }
        with whole_file(self.folder / _STATE, overwrite=True) as temporary:
            torch.save(held, temporary)

    def load(self, *, generator: random.Random) -> tuple[Progress, dict[str, Any]] | None:
        """The stored end of an epoch with the generators set as they were then; None when there is none of
        ours.
        """
        import torch

        try:
            held = torch.load(self.folder / _STATE, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return None
        except Exception:  # noqa: BLE001 - of a damaged file; training starts anew
            return None
        if not isinstance(held, dict) or held.get("key") != self._key:
            return None
        version, numbers, spare = held["order"]
        generator.setstate((version, tuple(numbers), spare))
        torch.random.set_rng_state(held["chance"])
        if held["chance_gpu"] and torch.cuda.device_count() == len(held["chance_gpu"]):
            torch.cuda.set_rng_state_all(held["chance_gpu"])
        progress = Progress(
            before=_hits(held["before"]),
            best=_hits(held["best"]),
            best_state=held["best_state"],
            epoch=held["epoch"],
            best_epoch=held["best_epoch"],
            lines=[EpochLine(**line) for line in held["lines"]],
        )
        return progress, held["moving"]

    def remove(self) -> None:
        """Forget it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _plain_state(generator: random.Random) -> list[Any]:
    version, numbers, spare = generator.getstate()
    return [version, list(numbers), spare]


def _plain_hits(hits: FieldHits) -> dict[str, Any]:
    flags = {name: list(values) for name, values in hits.hits.items()}
    return {"hits": flags, "unusable": hits.unusable, "loss": hits.loss}


def _hits(held: Mapping[str, Any]) -> FieldHits:
    flags = {name: tuple(values) for name, values in held["hits"].items()}
    return FieldHits(flags, held["unusable"], held["loss"])
