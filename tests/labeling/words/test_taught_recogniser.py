"""A taught recogniser is believed only as the file its card describes, with the characters read here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from db.errors import EchoDeskError
from labeling.readers.base import ReaderSpec
from labeling.readers.registry import build_reader
from labeling.words.recognising import CHARACTERS
from labeling.words.taught_recogniser import CARD_FILE, MODEL_FILE, choose, load_recogniser

ALPHABET = ("blank", *sorted(CHARACTERS))


def tiny_model(alphabet: tuple[str, ...]) -> bytes:
    """Says the same letter in every column: the third of its alphabet."""
    weights = np.zeros((1, len(ALPHABET)), np.float32)
    weights[0, 2] = 1
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1, 2], keepdims=0),
        helper.make_node("Unsqueeze", ["mean"], ["column"], axes=[2]),
        helper.make_node("MatMul", ["column", "weights"], ["chances"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 48, "w"])],
        [helper.make_tensor_value_info("chances", TensorProto.FLOAT, ["n", "w", len(ALPHABET)])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)
    model.metadata_props.add(key="echodesk_alphabet", value=json.dumps(alphabet))
    return model.SerializeToString()


def write_recogniser(folder: Path, data: bytes, sha256: str | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / MODEL_FILE).write_bytes(data)
    card = {"model": {"sha256": sha256 or hashlib.sha256(data).hexdigest()}}
    (folder / CARD_FILE).write_text(json.dumps(card))
    return folder


def test_a_recogniser_is_chosen_by_its_folder_and_gives_chances(tmp_path: Path) -> None:
    folder = write_recogniser(tmp_path / "made", tiny_model(ALPHABET))

    taught = choose(str(folder))

    assert taught is not None
    assert taught.characters == ALPHABET
    chances = taught.chances(np.ones((2, 3, 48, 24), np.float32))
    assert chances.shape == (2, 24, len(ALPHABET))
    assert set(chances.argmax(axis=2).ravel()) == {2}


def test_nobody_is_chosen_by_saying_so() -> None:
    assert choose("none") is None


def test_a_file_that_is_not_the_one_of_its_card_is_refused_by_name(tmp_path: Path) -> None:
    folder = write_recogniser(tmp_path / "changed", tiny_model(ALPHABET), sha256="0" * 64)

    with pytest.raises(EchoDeskError, match="changed.*is not the file its card"):
        choose(str(folder))


@pytest.mark.parametrize("alphabet", [("blank", *ALPHABET[2:]), (*ALPHABET[:-1], "ж"), ALPHABET[::-1]])
def test_another_alphabet_is_refused_by_name(alphabet: tuple[str, ...], tmp_path: Path) -> None:
    folder = write_recogniser(tmp_path / "foreign", tiny_model(alphabet))

    with pytest.raises(EchoDeskError, match="foreign.*another alphabet"):
        choose(str(folder))


def test_what_is_no_recogniser_is_refused_by_name(tmp_path: Path) -> None:
    folder = write_recogniser(tmp_path / "text", b"not a model")
    alone = tmp_path / MODEL_FILE
    alone.write_bytes(tiny_model(ALPHABET))

    with pytest.raises(EchoDeskError, match="text.*cannot be opened"):
        choose(str(folder))
    with pytest.raises(EchoDeskError, match=f"{CARD_FILE} is not the card"):
        load_recogniser(alone)
    with pytest.raises(EchoDeskError, match="there is no recogniser"):
        choose(str(tmp_path / "nowhere"))


def test_another_recogniser_is_another_reader_and_only_poor_pages_ask_for_it(tmp_path: Path) -> None:
    folder = str(write_recogniser(tmp_path / "made", tiny_model(ALPHABET)))

    def version(**options: object) -> str:
        return build_reader(ReaderSpec("panel", {"primary": {"name": "rules"}, **options})).version

    usual = version(poor_pages=True)
    sha256 = hashlib.sha256(tiny_model(ALPHABET)).hexdigest()
    assert version(poor_pages=True, recogniser=folder) == usual + sha256[:8]
    assert version(poor_pages=True, recogniser="none") == usual
    assert version(recogniser=folder) == version() != usual
