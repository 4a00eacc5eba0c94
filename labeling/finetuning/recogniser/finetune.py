"""The whole way from RapidOCR's recogniser to a taught one in a folder of its own, with its card.

Every line is invented: no report of anybody is read. The state with the fewest character errors on fonts and
photographs kept apart is written, and judged once more on others.
"""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.errors import EchoDeskError
from db.files.code_version import code_version
from db.files.whole import new_folder, write_file
from labeling.finetuning.finetune import refuse_unusable
from labeling.finetuning.recogniser import capture, fonts, network, training
from labeling.words.taught_recogniser import CARD_FILE, MODEL_FILE, load_recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from labeling.finetuning.recogniser.capture import Sample
    from labeling.finetuning.recogniser.fonts import FontSplit
    from labeling.finetuning.recogniser.training import Errors, RecogniserSettings, Taught

CARD_VERSION: Final = 1
_LARGEST_BYTES: Final = 12_000_000
# Which of the invented pieces are kept to judge by: one of so many.
_APART: Final = 4
# One number for each purpose, so that no line of one is a line of another.
_TEACHING, _CHOOSING, _ORDER, _JUDGING, _TIMING = range(1, 6)
_SOURCES: Final = (
    "labeling/finetuning/recogniser",
    "labeling/words/poor",
    "labeling/words/recognising.py",
)
NOTICE: Final = (
    "Changed from a recogniser of RapidOCR's package: held to the characters of a report and taught further. "
    "The weights it was made from are copyright Baidu and/or the applicable PaddleOCR rights holders and are "
    "licensed under the Apache License, Version 2.0."
)
LIMITS: Final = (
    "It was taught and judged on invented lines in simulated photographs.",
    "It reads poor pages alone, for an EF or an RVSP that another reading agrees on.",
    "Compare it on your own pages before you use it: echodesk benchmark --poor-pages --recogniser DIR.",
)


@dataclass(frozen=True)
class TellRecogniser:
    """Who is told what.

    Attributes:
        on_estimate: minutes it will take, about.
        on_step: step, steps.
        on_check: step, errors on the choosing fonts.
    """

    on_estimate: Callable[[float], None]
    on_step: training.OnStep
    on_check: training.OnCheck


def finetune_recogniser(
    out: Path, settings: RecogniserSettings, *, now: Callable[[], datetime], tell: TellRecogniser
) -> dict[str, Any]:
    """Teach a recogniser on one thread and write it with its card; gives the card.

    The folder appears whole or not at all.

    Raises:
        EchoDeskError: `out` exists or can't be written, something needed is not installed, or there are too
            few fonts.
    """
    import numpy as np

    refuse_unusable(out)
    started_s = time.perf_counter()
    code = code_version(*_SOURCES)
    origin = network.open_origin()
    split = fonts.split_faces(fonts.find_faces(), np.random.default_rng(settings.seed))
    choosing = _kept_apart(split.choosing, settings, _CHOOSING, settings.choosing)
    judging = _kept_apart(split.judging, settings, _JUDGING, settings.judging)
    with _one_thread():
        teachable = network.as_network(origin)
        net = teachable.module
        pace_s = training.seconds_a_step(
            net, origin.characters, _lines(split, settings, _TIMING), settings, _rng(settings, _TIMING)
        )
        tell.on_estimate(pace_s * settings.steps * 1.1 / 60)
        before = training.errors_of(net, origin.characters, judging)
        taught = training.teach(
            net,
            origin.characters,
            _lines(split, settings, _TEACHING),
            choosing,
            settings,
            rng=_rng(settings, _ORDER),
            on_step=tell.on_step,
            on_check=tell.on_check,
        )
        data = network.as_onnx(origin, teachable)
    if len(data) > _LARGEST_BYTES:
        raise EchoDeskError(f"the taught recogniser has {len(data):,} bytes, more than expected", "")
    card = _card(origin, settings, split, taught, before, data, now().isoformat(), code)
    with new_folder(out, is_read_only=False) as folder:
        write_file(folder / MODEL_FILE, data)
        write_file(folder / CARD_FILE, _as_json(card))
        # Judged as it will be read with: from its file, in the runtime, in 16 bits.
        read = load_recogniser.__wrapped__(folder / MODEL_FILE)
        card["judged"]["after"] = asdict(_errors_of_file(read, judging))
        card["elapsed_s"] = round(time.perf_counter() - started_s, 1)
        (folder / CARD_FILE).unlink()
        write_file(folder / CARD_FILE, _as_json(card))
    return card


def _errors_of_file(recogniser: Any, samples: Sequence[Sample]) -> Errors:
    said = [
        training.text_of(recogniser.chances(sample.pixels[None])[0], recogniser.characters)
        for sample in samples
    ]
    return training.errors_in([sample.text for sample in samples], said)


def _card(
    origin: network.Origin,
    settings: RecogniserSettings,
    split: FontSplit,
    taught: Taught,
    before: Errors,
    data: bytes,
    created_at: str,
    code: str,
) -> dict[str, Any]:
    return {
        "kind": "echodesk recogniser",
        "card_version": CARD_VERSION,
        "created_at": created_at,
        "origin": {"file": origin.name, "sha256": origin.sha256, "notice": NOTICE},
        "model": {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "precision": "float16"},
        "characters": "".join(origin.characters[1:]),
        "code_version": code,
        "settings": asdict(settings),
        "data": {
            "kind": "invented lines in simulated photographs",
            "pieces_taught": taught.pieces,
            "fonts_taught": [face.name for face in split.taught],
            "fonts_choosing": [face.name for face in split.choosing],
            "fonts_judging": [face.name for face in split.judging],
        },
        "training": {
            "best_step": taught.best_step,
            "mean_loss_first_20": _mean(taught.losses[:20]),
            "mean_loss_last_20": _mean(taught.losses[-20:]),
            "checks": {str(step): asdict(errors) for step, errors in taught.checks.items()},
        },
        "judged": {"before": asdict(before)},
        "limits": list(LIMITS),
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _as_json(card: dict[str, Any]) -> bytes:
    return (json.dumps(card, indent=1, ensure_ascii=False) + "\n").encode()


def _kept_apart(
    faces: Sequence[fonts.Face], settings: RecogniserSettings, purpose: int, count: int
) -> list[Sample]:
    # Not those of one photograph side by side: many photographs say more than many lines.
    every = capture.invent_samples(faces, _rng(settings, purpose))
    return list(islice(every, 0, count * _APART, _APART))


def _lines(split: FontSplit, settings: RecogniserSettings, purpose: int) -> Iterator[Sample]:
    return capture.invent_samples(split.taught, _rng(settings, purpose), longest_px=settings.longest_px)


def _rng(settings: RecogniserSettings, purpose: int) -> Any:
    import numpy as np

    return np.random.default_rng([settings.seed, purpose])


@contextmanager
def _one_thread() -> Iterator[None]:
    """So that the same seed gives the same numbers on every machine with this processor."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with warnings.catch_warnings():
            # The converter's steps warn of a spelling that a later PyTorch will take otherwise.
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        torch.set_num_threads(threads)
