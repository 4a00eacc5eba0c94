"""Photographs are told apart by how sharp and how bright they are."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from fabricated_runs import fabricated_snapshot

from pipeline.dataset.opened import open_snapshot
from pipeline.evaluation.photo_quality import LIGHT, SHARPNESS, photo_groups, sharpness_and_light


def test_a_blurred_picture_is_less_sharp_and_a_dark_one_less_bright(tmp_path: Path) -> None:
    page = np.full((300, 400), 220, dtype=np.uint8)
    page[::20] = 40
    files = {name: tmp_path / f"{name}.png" for name in ("sharp", "blurred", "dark")}
    for name, picture in (
        ("sharp", page), ("blurred", cv2.GaussianBlur(page, (0, 0), 2)), ("dark", page // 2),
    ):  # fmt: skip
        cv2.imwrite(str(files[name]), picture)
    looks = {name: sharpness_and_light(file) for name, file in files.items()}
    sharp, blurred, dark = looks["sharp"], looks["blurred"], looks["dark"]
    assert sharp is not None and blurred is not None and dark is not None
    assert blurred[0] < 0.5 * sharp[0]
    assert abs(dark[0] / sharp[0] - 1) < 0.05  # darkness is no blur
    assert dark[1] < 0.6 * sharp[1]
    (tmp_path / "none.png").write_bytes(b"no picture")
    assert sharpness_and_light(tmp_path / "none.png") is None


def test_every_record_lies_in_a_third_and_few_photographs_are_not_parted(tmp_path: Path) -> None:
    many, few = (
        open_snapshot(fabricated_snapshot(tmp_path / str(patients), patients=patients))
        for patients in (75, 50)
    )
    groups = photo_groups(many)
    assert set(groups["sharpness"]) == {pair.row_id for pair in many.pairs}
    counts = list(groups["sharpness"].values())
    assert all(abs(3 * counts.count(third) - len(counts)) <= 6 for third in SHARPNESS)
    assert set(groups["light"].values()) <= set(LIGHT)
    assert photo_groups(few) == {}
