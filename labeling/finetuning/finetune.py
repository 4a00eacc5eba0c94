"""The fine-tuning job: reviewed records of a workspace in, an adapter folder with its card out."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from db.errors import EchoDeskError
from db.files.manifest import MANIFEST_NAME, hash_folder
from db.files.whole import new_folder
from labeling.extraction.drafting import reading_code_version
from labeling.finetuning.card import card_of, readme_of
from labeling.finetuning.checkpoint import Checkpoint, training_key
from labeling.finetuning.examples import ReviewedSet, open_pages_of, reviewed_examples
from labeling.finetuning.lora import save_adapter
from labeling.finetuning.progress import Told, Trained
from labeling.finetuning.settings import FinetuneSettings
from labeling.finetuning.speaker import QwenSpeaker
from labeling.finetuning.splitting import MIN_PATIENTS, MIN_RECORDS, Split, split_by_patient
from labeling.finetuning.training import train_adapter
from labeling.readers.qwen.weights import ADAPTER_CARD, weights_sha256

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.store.images import ImageStore
    from labeling.finetuning.examples import ReadAgain

README: Final = "README.md"
# The files that make an adapter: what its hash is of.
ADAPTER_FILES: Final = ("adapter_model*.safetensors", "adapter_config.json")


@dataclass(frozen=True)
class Surroundings:
    """What a fine-tuning takes from outside, so that tests can hold it still.

    Attributes:
        now: the wall clock, UTC; clock: seconds, for durations.
        min_records, min_patients: fewer are refused.
    """

    now: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic
    code_version: str = ""
    min_records: int = MIN_RECORDS
    min_patients: int = MIN_PATIENTS


def finetune_from_reviews(
    database: Database,
    store: ImageStore,
    target: Path,
    *,
    open_speaker: Callable[[], QwenSpeaker],
    settings: FinetuneSettings,
    surroundings: Surroundings,
    read_again: ReadAgain | None,
    only_synthetic: bool | None = None,
    told: Told | None = None,
) -> dict[str, Any]:
    """Teach a model from what people decided and write the adapter to `target`; gives its card.

    Stopped at any moment it leaves no half folder; the same call again goes on after the last epoch it
    finished.

    Args:
        target: a new folder.
        open_speaker: loads the model; called when the records have been found to suffice.
        read_again: see `reviewed_examples`.
        only_synthetic: see `reviewed_examples`.

    Raises:
        EchoDeskError: the folder exists or can't be written, records are too few or of both kinds, or the
            model can't be trained.
    """
    refuse_unusable(target)
    told = told or Told()
    started_s = surroundings.clock()
    reviewed = reviewed_examples(
        database, store, read_again=read_again, only_synthetic=only_synthetic, on_progress=told.on_example
    )
    split = split_by_patient(
        reviewed.examples,
        validation_share=settings.validation_share,
        seed=settings.seed,
        min_records=surroundings.min_records,
        min_patients=surroundings.min_patients,
    )
    speaker = open_speaker()
    code = surroundings.code_version or reading_code_version()
    checkpoint = Checkpoint(
        target,
        training_key(
            data=reviewed.data_sha256, settings=asdict(settings), base=speaker.base_facts, code=code
        ),
    )
    trained = train_adapter(
        speaker,
        split,
        lambda example: open_pages_of(store, example),
        settings,
        generator=random.Random(settings.seed),  # noqa: S311 - the order of records, no secret
        clock=surroundings.clock,
        base_model=speaker.loaded.name,
        checkpoint=checkpoint,
        told=told,
    )
    elapsed_s = surroundings.clock() - started_s
    card = write_adapter(
        target,
        reviewed,
        split,
        trained,
        settings,
        base=speaker.base_facts,
        code_version=code,
        created_at=surroundings.now(),
        elapsed_s=elapsed_s,
    )
    checkpoint.remove()
    return card


def write_adapter(
    target: Path,
    reviewed: ReviewedSet,
    split: Split,
    trained: Trained,
    settings: FinetuneSettings,
    *,
    base: dict[str, Any],
    code_version: str,
    created_at: datetime,
    elapsed_s: float,
) -> dict[str, Any]:
    """Write adapter, card and README as one folder, the manifest last; gives the card."""
    with _adapter_folder(target) as folder:
        save_adapter(trained.adapted, folder)
        card = card_of(
            reviewed,
            split,
            trained,
            settings,
            base=base,
            adapter_sha256=weights_sha256(folder, ADAPTER_FILES),
            code_version=code_version,
            created_at=created_at,
            elapsed_s=elapsed_s,
        )
        text = json.dumps(card, ensure_ascii=False, indent=2, allow_nan=False)
        (folder / ADAPTER_CARD).write_text(text + "\n", encoding="utf-8")
        (folder / README).write_text(readme_of(card), encoding="utf-8")
    return card


def refuse_existing(target: Path) -> None:
    """Raise `EchoDeskError` when there is something at `target` already."""
    if os.path.lexists(target):
        raise EchoDeskError(
            f"{target} exists already", "Nothing is overwritten: name a new folder with --out."
        )


def refuse_unusable(target: Path) -> None:
    """Raise `EchoDeskError` where nothing can be written at `target`: before hours of work, not after."""
    refuse_existing(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent):
            pass
    except OSError as error:
        raise _not_written(target, error) from error


def _not_written(target: Path, error: OSError) -> EchoDeskError:
    reason = error.strerror or type(error).__name__
    return EchoDeskError(f"{target} can't be written ({reason})", "Check the folder and its room.")


@contextmanager
def _adapter_folder(target: Path) -> Iterator[Path]:
    """A folder to write into that becomes `target` with its manifest; the owner may still write in it.

    Raises:
        EchoDeskError: there is a `target`, which may have come into being meanwhile, or the disk refuses.
    """
    refuse_existing(target)
    try:
        with new_folder(target, is_read_only=False) as folder:
            yield folder
            # Names and hashes alone: what the adapter was made from is in its card.
            files = {name: asdict(found) for name, found in hash_folder(folder).items()}
            manifest = json.dumps({"files": files}, indent=2) + "\n"
            (folder / MANIFEST_NAME).write_text(manifest, encoding="utf-8")
    except FileExistsError:
        raise EchoDeskError(
            f"{target} exists already, or another program is writing it", "Name a new folder with --out."
        ) from None
    except OSError as error:
        raise _not_written(target, error) from error
