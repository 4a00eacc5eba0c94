"""The probe for shortcuts: it finds a planted one, finds none where there is none, and finds copies."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from ecg_sheets import paper, sheets

from pipeline.dataset.probe.copies import find_copies
from pipeline.dataset.probe.features import FAMILIES, FEATURES, UnreadablePictureError, picture_features
from pipeline.dataset.probe.shortcuts import Picture, Probe, probe_pictures

DEVICES = Path(os.environ.get("ECG_DEVICES", Path(__file__).parents[4] / "shared" / "ecg" / "devices"))


def quick(pictures: list[Picture]) -> Probe:
    return probe_pictures(pictures, permutations=129, resamples=60)


def issues(found: Probe) -> set[str]:
    return {check.name for check in found.checks if check.is_issue}


def test_a_tinted_class_is_flagged_by_its_colour() -> None:
    found = quick(sheets(1, tint=25))
    assert {"label_from_colour", "label_from_all"} <= issues(found)
    assert not {"label_from_size", "byte_copies", "near_copies"} & issues(found)
    assert found.families["colour"].low > 0.8
    assert found.features["red_less_blue"][1] <= 0.01
    assert "AUROC" in found.checks[0].reason


def test_sheets_that_differ_by_chance_alone_are_clean() -> None:
    found = quick(sheets(2, tint=0))
    assert found.is_clean
    assert all(one.low < 0.5 for name, one in found.families.items() if name != "size")
    assert min(p for _, p in found.features.values()) > 0.05


def test_the_quality_a_class_was_saved_with_is_flagged() -> None:
    generator = np.random.default_rng(3)
    saved = [Picture(paper(generator, quality=60 if n % 2 else 90), "ab"[n % 2]) for n in range(40)]
    assert "label_from_compression" in issues(quick(saved))


def test_a_feature_that_never_varies_tells_nothing() -> None:
    found = quick(sheets(4, tint=0, count=40))
    assert (found.families["size"].auroc, found.families["size"].p) == (0.5, 1.0)


def test_copies_are_found_counted_and_never_learnt_from_and_judged_by() -> None:
    pictures = sheets(5, tint=0, count=40)
    repeated = [*pictures, pictures[0], pictures[0], Picture(pictures[1].source, "a")]
    found = quick(repeated)
    assert (found.copies.byte_copies, found.copies.byte_sets, found.copies.byte_across) == (3, 2, 1)
    assert "byte_copies" in issues(found)
    assert found.copies.groups[40] == found.copies.groups[41] == found.copies.groups[0]
    assert found.families["colour"].groups == 40


def test_pictures_few_bits_apart_are_near_copies_and_share_a_group() -> None:
    one, near, far = "f" * 256, "f" * 240 + "0" * 16, "0f" * 128
    found = find_copies([b"1", b"2", b"3", b"4"], list("aaba"), list("wxyz"), [one, near, far, "0" * 256])
    assert (found.near_pairs, found.near_across) == (1, 0)
    assert found.groups[0] == found.groups[1] != found.groups[2]


def test_a_file_that_is_no_picture_is_left_out_and_counted() -> None:
    found = quick(
        [*sheets(6, tint=0, count=30), Picture(b"not a picture", "a"), Picture(Path("/nowhere.jpg"), "a")]
    )
    assert found.unreadable == (30, 31)
    assert sum(found.pictures.values()) == 30
    with pytest.raises(UnreadablePictureError):
        picture_features(b"\xff\xd8\xff\xe0 broken")


def test_a_class_of_too_few_independent_pictures_is_left_out() -> None:
    copies = [Picture(paper(np.random.default_rng(1)), "c")] * 20
    found = quick([*sheets(7, tint=0, count=30), *copies])
    assert (found.classes, found.left_out) == (("a", "b"), {"c": 1})
    assert quick(copies).families == {}
    assert quick([]).families == {}


def test_every_feature_is_in_one_family_and_comes_out() -> None:
    values = picture_features(paper(np.random.default_rng(8)))
    assert len(values) == len(FEATURES) == len(set(FEATURES)) == sum(map(len, FAMILIES.values()))
    assert np.isfinite(values).all()


@pytest.mark.skipif(not DEVICES.is_dir(), reason="the folder of device print-outs is not here")
def test_the_known_bad_example_is_flagged_for_colour_and_for_copies() -> None:
    files = sorted(DEVICES.glob("*/*.jpg"))
    found = quick([Picture(file, file.parent.name) for file in files])
    assert {"label_from_colour", "byte_copies"} <= issues(found)
    assert found.copies.byte_copies == 60
    assert found.features["mean_red"][0] > 0.9
