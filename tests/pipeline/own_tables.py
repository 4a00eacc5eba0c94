"""Tables of labels with ECG photographs, as a researcher has them: drawn and written, nobody's."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from db.store.engine import open_database
from db.workspace import Workspace
from pipeline.dataset.choosing import Order
from pipeline.dataset.own_table.building import Made, MakeMask, OwnOrder, as_printed, build_from_table
from pipeline.dataset.own_table.planning import OwnPlan, plan_own_table

NOW = datetime(2026, 4, 5, 6, 7, 8, tzinfo=UTC)
SECRET, KEY = b"s" * 32, b"k" * 32
EF = (62, 45, 35, 25)
GRADES = ("", "mild", "moderate", "severe")
# Small tables have few of a class; nothing else is let pass.
OVERRIDES = ("class-counts",)

Cells = dict[str, Any]


def draw_ecg(path: Path, number: int) -> None:
    """A page with traces by chance: no two look alike, and none tells anything."""
    rng = np.random.default_rng(number)
    pixels = np.full((150, 200), 245, dtype=np.uint8)
    across = np.arange(6, 194)
    for line in range(20, 145, 20):
        heights = np.clip(line + rng.normal(0, 6, size=len(across)), 3, 146).astype(int)
        pixels[heights, across] = 20
        pixels[heights + 1, across] = 20
    # What a phone writes into a photograph must not travel on.
    exif = Image.Exif()
    exif[0x010F] = "A phone"
    Image.fromarray(pixels).convert("RGB").save(path, quality=92, exif=exif)


def draw_ecgs(folder: Path, *names: str) -> None:
    """Photographs in `photos` below a folder, each another."""
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    for name in names:
        draw_ecg(folder / "photos" / name, zlib.crc32(name.encode()))


def cells(number: int, **more: Any) -> Cells:
    """One row of the table; every number is another patient."""
    return {
        "patient_id": f"H{number:04d}",
        "ecg": f"ecg_{number}.jpg",
        "ef_percent": EF[number % 4],
        "rwma": "yes" if number % 4 else "no",
        "rwma_severity": GRADES[number % 4],
        **more,
    }


def written(folder: Path, rows: Sequence[Mapping[str, Any]], *, delimiter: str = ",") -> Path:
    """The table as a CSV file, with a photograph for each row that names one that is not there yet."""
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(rows, start=1):
        for name in filter(None, str(row.get("ecg", "")).split(";")):
            photo = folder / "photos" / name
            if name.endswith(".jpg") and not photo.exists():
                draw_ecg(photo, number)
    target = folder / "labels.csv"
    titles = list(dict.fromkeys(name for row in rows for name in row))
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, titles, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return target


def planned(listing: Path, **mapping: str) -> OwnPlan:
    """The plan of a table whose photographs lie beside it in `photos`."""
    return plan_own_table(listing, [listing.parent / "photos"], mapping=mapping, site="", today=NOW.date())


def frozen(
    plan: OwnPlan,
    root: Path,
    name: str = "own",
    *,
    make_mask: MakeMask | None = as_printed,
    leaves_out: bool = False,
    with_site_names: bool = False,
) -> Made:
    """The table frozen in a workspace."""
    space = Workspace(workspace=root)
    database = open_database(space)
    order = Order(
        name,
        overrides=OVERRIDES,
        with_images=make_mask is not None,
        images_said="as printed",
        with_site_names=with_site_names,
    )
    try:
        return build_from_table(
            plan,
            OwnOrder(order, is_synthetic=True, leaves_out=leaves_out),
            workspace=space,
            database=database,
            secret=SECRET,
            workspace_key=KEY,
            make_mask=make_mask,
            actor="a test",
            now=NOW,
        )
    finally:
        database.close()
