"""Frozen snapshots and audit figures for tests of what describes a snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from snapshot_rows import KEY, forty

from pipeline.dataset.checks import Source
from pipeline.dataset.choosing import Order
from pipeline.dataset.freezing import freeze
from pipeline.dataset.frozen import Frozen
from pipeline.dataset.records import Collected

FIELDS = ("ef", "rwma", "severity", "pah", "rvsp")


def frozen(folder: Path, given: Collected | None = None, name: str = "v1", **more: Any) -> Frozen:
    """A snapshot in `folder`; `describe=None` writes the describing files as well."""
    describe = more.pop("describe", [])
    order = Order(name, **more)
    return freeze(given or forty(), Source(), order, folder=folder, workspace_key=KEY, describe=describe)


def bounds(*, residual: int, population: int = 40, not_covered: int = 0) -> dict[str, Any]:
    """Audit figures as `snapshot_certificate` works them out."""
    one = {
        "errors": 0,
        "read": 20,
        "population": population,
        "bound": residual,
        "bound_share": residual / population,
        "put_right": 0,
        "residual": residual,
        "residual_share": residual / population,
    }
    return {
        "is_certified": True,
        "reason": "",
        "sample": 1,
        "method": "exact hypergeometric upper limit, one-sided",
        "confidence": 0.95,
        "rows": 40,
        "not_covered": not_covered,
        "population": population,
        "read": 20,
        "fields": [{"field": field, **one} for field in FIELDS],
    }


def with_certificate(figures: dict[str, Any]) -> dict[str, Any]:
    """Quality figures that hold these and nothing else."""
    return {"certificate": figures}
