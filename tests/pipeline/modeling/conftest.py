"""A network small enough to build in a blink: timm's test_efficientnet under a narrow neck."""

from __future__ import annotations

import pytest
import torch

from pipeline.config.files import PROFILES, override
from pipeline.config.settings import ExperimentSettings

SMALL = {
    "backbone.name": "test_efficientnet",
    "backbone.weights": "random",
    "neck.widths": [16, 8],
    "neck.dropouts": [0.4, 0.2],
    "picture.image_size_px": 64,
}


@pytest.fixture
def small() -> ExperimentSettings:
    """Settings of the small network, nothing frozen but the BatchNorm statistics."""
    return override(PROFILES["paper"], SMALL)


@pytest.fixture
def pictures() -> torch.Tensor:
    """Three invented pictures, shape [3, 3, 64, 64]."""
    return torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(1))
