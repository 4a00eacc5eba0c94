"""Small snapshots whose pictures follow the label, frozen by the real functions; and settings to match."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from snapshot_rows import KEY, collected, findings, label

from pipeline.config.files import PROFILES, override
from pipeline.config.settings import ExperimentSettings
from pipeline.dataset.checks import Source
from pipeline.dataset.freezing import Order, freeze
from pipeline.dataset.frozen import MaskedImage
from pipeline.dataset.records import ImageRef, LabelRow

EF = (62.0, 45.0, 35.0, 57.0)


def drawn(image: ImageRef, row: LabelRow) -> MaskedImage:
    """A grey page with a bright block in its middle, the lower the EF and with an abnormality at the left."""
    rng = np.random.default_rng(row.case_id)
    pixels = rng.integers(90, 120, size=(80, 100), dtype=np.uint8)
    ef = row.findings["ef_percent"]
    height = 20 if ef is None else int(70 - ef)
    left = 20 if row.findings["rwma"] == "present" else 60
    pixels[10 : 10 + height, left : left + 20] = 250
    stream = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(stream, "PNG")
    return MaskedImage(stream.getvalue(), "image/png")


def rows(n: int = 40, **more: Any) -> list[LabelRow]:
    """Labels 1 to n."""
    return [
        label(number, findings=findings(EF[number % 4], ("absent", "present")[number // 2 % 2]), **more)
        for number in range(1, n + 1)
    ]


def frozen_snapshot(folder: Path, labels: Sequence[LabelRow] | None = None, *, name: str = "tiny") -> Path:
    """A snapshot folder with a picture a record."""
    freeze(
        collected(rows() if labels is None else labels),
        Source(),
        Order(name, with_images=True, overrides=("vigilance", "class-counts")),
        folder=folder,
        workspace_key=KEY,
        mask=drawn,
        describe=(),
    )
    return folder / name


def tiny(**changes: Any) -> ExperimentSettings:
    """Settings of a network that trains in a second; dots in names as double underscores."""
    usual = {
        "backbone.name": "test_efficientnet",
        "backbone.weights": "random",
        "backbone.drop_path": 0,
        "neck.widths": [16, 8],
        "neck.dropouts": [0.2, 0.1],
        "picture.image_size_px": 32,
        "training.epochs": 2,
        "training.batch_size": 8,
        "training.patience": None,
    }
    named = {name.replace("__", "."): value for name, value in changes.items()}
    return override(PROFILES["paper"], usual | named)
