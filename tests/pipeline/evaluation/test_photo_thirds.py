"""Photographs are told apart by how sharp and how bright they are."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from pipeline.dataset.opened import OpenedSnapshot, Pair
from pipeline.evaluation.photographs import LIGHT, SHARPNESS, PhotoLook, look_at, photo_groups
from pipeline.imaging.same_page import Sketch


def test_a_blurred_picture_is_less_sharp_and_a_dark_one_less_bright(tmp_path: Path) -> None:
    page = np.full((300, 400), 220, dtype=np.uint8)
    page[::20] = 40
    files = {name: tmp_path / f"{name}.png" for name in ("sharp", "blurred", "dark")}
    for name, picture in (
        ("sharp", page), ("blurred", cv2.GaussianBlur(page, (0, 0), 2)), ("dark", page // 2),
    ):  # fmt: skip
        cv2.imwrite(str(files[name]), picture)
    looks = {name: look_at(file) for name, file in files.items()}
    sharp, blurred, dark = looks["sharp"], looks["blurred"], looks["dark"]
    assert sharp is not None and blurred is not None and dark is not None
    assert blurred.sharpness < 0.5 * sharp.sharpness
    assert abs(dark.sharpness / sharp.sharpness - 1) < 0.05  # darkness is no blur
    assert dark.light < 0.6 * sharp.light
    (tmp_path / "none.png").write_bytes(b"no picture")
    assert look_at(tmp_path / "none.png") is None


def _looked_at(number: int) -> tuple[OpenedSnapshot, dict[Path, PhotoLook]]:
    """So many records with a photograph each, the later the sharper, every tenth of equal light."""
    pairs = tuple(
        Pair(f"r{n}", f"i{n}", f"p{n}", f"g{n}", n % 5, Path(f"{n}.jpg"), 60.0, "stated", None, "absent",
             "none", "normal", "site 1", True)
        for n in range(number)
    )  # fmt: skip
    looks = {Path(f"{n}.jpg"): PhotoLook(Sketch(b"", False), n / 100, 200.0 + n % 10) for n in range(number)}
    return OpenedSnapshot(Path("s"), "s", "0" * 64, True, pairs), looks


def test_every_record_lies_in_a_third_and_few_photographs_are_not_parted() -> None:
    groups = photo_groups(*_looked_at(75))
    assert list(groups["sharpness"].values()) == [third for third in SHARPNESS for _ in range(25)]
    assert len(groups["light"]) == 75
    assert set(groups["light"].values()) == set(LIGHT)
    assert photo_groups(*_looked_at(50)) == {}


def test_a_photograph_that_cannot_be_opened_lies_in_no_third() -> None:
    snapshot, looks = _looked_at(75)
    del looks[Path("7.jpg")]
    assert "r7" not in photo_groups(snapshot, looks)["light"]
