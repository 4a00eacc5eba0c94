"""The recogniser is taught on invented lines, and judged on fonts it never saw."""

from __future__ import annotations

import importlib.util
import json
from datetime import UTC, datetime
from importlib.machinery import ModuleSpec
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from db.errors import EchoDeskError
from labeling.finetuning.recogniser import capture, fonts, network, training
from labeling.finetuning.recogniser.finetune import TellRecogniser, finetune_recogniser
from labeling.finetuning.recogniser.fonts import Face
from labeling.finetuning.recogniser.invented import invent_line
from labeling.finetuning.recogniser.training import RecogniserSettings
from labeling.words.recognising import CHARACTERS
from labeling.words.taught_recogniser import CARD_FILE, MODEL_FILE, choose

QUIET = TellRecogniser(lambda minutes: None, lambda step, steps: None, lambda step, errors: None)


def lines(seed: int, count: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [invent_line(rng, 40) for _ in range(count)]


def face(group: str, style: str = "Regular") -> Face:
    return Face(Path(f"{group}-{style}.ttf"), f"{group} {style}", group)


def test_the_same_seed_invents_the_same_lines_of_known_characters_rich_in_digits() -> None:
    found = lines(5, 400)

    text = "".join(found)
    assert found == lines(5, 400) != lines(6, 400)
    assert set(text) <= CHARACTERS
    assert sum(letter.isdigit() for letter in text) > 0.08 * len(text)
    assert all(name in text for name in ("ejection fraction", "RVSP", "regional wall motion"))


def test_related_fonts_are_never_parted_and_the_largest_groups_are_taught() -> None:
    groups = {"Big": 6, "Wide": 4, "A": 2, "B": 1, "C": 1, "D": 1, "E": 1, "F": 1}
    faces = [face(group, str(number)) for group, size in groups.items() for number in range(size)]

    split = fonts.split_faces(faces, np.random.default_rng(1))

    parts = [{one.group for one in part} for part in (split.taught, split.choosing, split.judging)]
    assert {"Big", "Wide"} <= parts[0]
    assert all(parts) and sum(map(len, parts)) == len(set().union(*parts)) == len(groups)
    assert sum(map(len, (split.taught, split.choosing, split.judging))) == len(faces)


def test_too_few_kinds_of_fonts_are_said() -> None:
    with pytest.raises(EchoDeskError, match="only 3 kinds of fonts"):
        fonts.split_faces([face("A"), face("B"), face("C")], np.random.default_rng(1))


def test_pieces_are_what_the_reader_would_cut_out_and_say_what_they_show() -> None:
    package = importlib.util.find_spec("matplotlib")
    assert package is not None and package.origin is not None
    folder = Path(package.origin).parent / "mpl-data/fonts/ttf"
    faces = [Face(folder / name, name, "DejaVu") for name in ("DejaVuSans.ttf", "DejaVuSerif-Bold.ttf")]

    samples = [
        list(islice(capture.invent_samples(faces, np.random.default_rng(3), longest_px=500), 12))
        for _ in range(2)
    ]

    assert [one.text for one in samples[0]] == [one.text for one in samples[1]]
    for one, again in zip(*samples, strict=True):
        assert one.pixels.shape[:2] == (3, 48) and 16 <= one.pixels.shape[2] <= 520
        assert -1 <= one.pixels.min() < one.pixels.max() <= 1
        assert one.text == " ".join(one.text.split()) != ""
        np.testing.assert_array_equal(one.pixels, again.pixels)


def test_errors_are_edits_a_character_and_numbers_that_were_not_read() -> None:
    errors = training.errors_in(["EF 45 %", "RVSP 38"], ["EF 46 %", "RVSP 38 x"])

    assert (errors.pieces, errors.numbers, errors.of_numbers) == (2, 1, 2)
    assert errors.characters == pytest.approx((1 + 2) / 14)


def test_what_is_judged_is_the_running_average_of_the_weights_and_teaching_goes_on_with_them() -> None:
    import torch

    weights, average = [torch.zeros(2)], [torch.zeros(2)]
    for number in (4.0, 8.0):
        weights[0].fill_(number)
        training._take_in(average, weights, 0.75)
    assert average[0].tolist() == [2.75, 2.75]

    with training._swapped(weights, average):
        assert weights[0].tolist() == [2.75, 2.75]
    assert weights[0].tolist() == [8.0, 8.0]


def test_what_is_missing_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def without(name: str) -> ModuleSpec | None:
        return None if name == "onnx2torch" else found(name)

    monkeypatch.setattr(importlib.util, "find_spec", without)

    with pytest.raises(EchoDeskError, match="needs onnx2torch") as caught:
        network.open_origin()
    assert "[recogniser]" in caught.value.hint


def test_an_existing_folder_is_never_overwritten(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="exists already"):
        finetune_recogniser(tmp_path, RecogniserSettings(), now=lambda: datetime.now(UTC), tell=QUIET)


def test_a_folder_that_cannot_be_written_is_named_before_a_missing_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    (tmp_path / "a file").touch()
    with pytest.raises(EchoDeskError, match="can't be written"):
        finetune_recogniser(
            tmp_path / "a file" / "taught", RecogniserSettings(), now=lambda: datetime.now(UTC), tell=QUIET
        )


@pytest.mark.slow
def test_two_steps_give_a_smaller_recogniser_that_reads_and_a_card_that_tells(tmp_path: Path) -> None:
    settings = RecogniserSettings(
        steps=2, checks=1, choosing=6, judging=6, batch_px=900, longest_px=300, seed=4
    )

    card = finetune_recogniser(
        tmp_path / "taught", settings, now=lambda: datetime(2026, 11, 29, tzinfo=UTC), tell=QUIET
    )

    written = json.loads((tmp_path / "taught" / CARD_FILE).read_bytes())
    taught = choose(str(tmp_path / "taught"))
    origin = network.open_origin()
    assert taught is not None and taught.characters == origin.characters
    assert (tmp_path / "taught" / MODEL_FILE).stat().st_size == card["model"]["bytes"] < 12_000_000
    assert written == card
    assert card["origin"]["sha256"] == origin.sha256
    assert card["judged"]["after"]["pieces"] == 6 and len(card["training"]["checks"]) == 2
    assert not set(card["data"]["fonts_taught"]) & set(card["data"]["fonts_judging"])


@pytest.mark.slow
def test_untaught_the_network_says_what_the_recogniser_says() -> None:
    import torch

    origin = network.open_origin()
    teachable = network.as_network(origin)
    import onnxruntime

    session = onnxruntime.InferenceSession(origin.graph.SerializeToString())
    pixels = np.random.default_rng(2).uniform(-1, 1, (2, 3, 48, 160)).astype(np.float32)

    with torch.inference_mode():
        chances = teachable.module(torch.from_numpy(pixels)).exp().numpy()

    np.testing.assert_allclose(chances, session.run(None, {"x": pixels})[0], atol=2e-4)
    assert all(parameter.requires_grad for parameter in teachable.module.parameters())
