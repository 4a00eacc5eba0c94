"""`read`: one answer a file in the agreed shape, errors as answers, folders in order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from page_files import cut, pdf, saved, sheet

from db.errors import EchoDeskError
from labeling.pages.opening import open_pages
from labeling.pages.page import Page, PageLimits
from labeling.readers.base import Reader, ReaderSpec, Reading, identity_of
from labeling.readers.files import read_paths
from labeling.readers.registry import build_reader
from labeling.readers.scripted import ScriptedReader, fingerprint, text_fingerprint

LIMITS = PageLimits()


def answer_for(path: Path, reader: Reader) -> dict[str, Any]:
    """What `read` says of one file."""
    (answer,) = read_paths([path], reader, LIMITS)
    return answer


CONTRACT = {
    "source",
    "reader",
    "ef_percent",
    "ef_low",
    "ef_high",
    "ef_operator",
    "ef_state",
    "rwma",
    "rwma_severity",
    "rwma_walls",
    "pah",
    "rvsp_mmhg",
    "evidence",
    "confidence",
    "light",
}

ANSWER: dict[str, Any] = {
    "findings": {
        "ef_percent": 37.5,
        "ef_low": 35,
        "ef_high": 40,
        "ef_operator": "=",
        "ef_state": "stated",
        "rwma": "present",
        "rwma_walls": ["apical"],
    },
    "evidence": {"ef_percent": {"quote": "EF 35-40 %", "page": 2, "box": [1, 2, 30, 40]}},
    "confidence": {"ef_percent": 0.9},
}


class TextlessReader:
    """Reads pages and has no way to read text; fails like a foreign library."""

    name = "textless"
    version = "1"

    def read_pages(self, pages: Sequence[Page]) -> Reading:
        """Fail with words of the report in the error."""
        raise RuntimeError("Mr Example has EF 12 %")


def test_an_answer_has_exactly_the_agreed_fields_as_plain_json(tmp_path: Path) -> None:
    path = pdf(tmp_path / "report.pdf", 2)
    reader = ScriptedReader({fingerprint(open_pages(path, LIMITS)): ANSWER})
    answer = answer_for(path, reader)
    assert set(answer) == CONTRACT
    assert json.loads(json.dumps(answer)) == answer
    assert (answer["source"], answer["reader"], answer["ef_percent"]) == (str(path), "scripted", 37.5)
    assert answer["evidence"] == {"ef_percent": {"quote": "EF 35-40 %", "page": 2, "box": [1, 2, 30, 40]}}
    assert answer["rwma_walls"] == ["apical"]
    assert answer["light"].keys() == {"ef_percent", "rwma", "pah", "rvsp_mmhg"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_files_are_read_as_text(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes("EF 55 %, trivial MR, café".encode(encoding))
    reader = ScriptedReader({text_fingerprint("EF 55 %, trivial MR, café"): ANSWER})
    assert answer_for(path, reader)["ef_percent"] == 37.5


def test_a_picture_called_txt_is_read_as_a_picture(tmp_path: Path) -> None:
    path = saved(sheet(), tmp_path / "a.png").rename(tmp_path / "a.txt")
    reader = ScriptedReader({fingerprint(open_pages(path, LIMITS)): ANSWER})
    assert "error" not in answer_for(path, reader)


def test_what_can_not_be_read_answers_with_reason_and_remedy(tmp_path: Path) -> None:
    reader = ScriptedReader(default=ANSWER)
    empty = tmp_path / "empty.txt"
    empty.touch()
    binary = tmp_path / "binary.txt"
    binary.write_bytes(bytes(50))
    for path in (cut(saved(sheet(), tmp_path / "cut.jpg")), empty, binary, tmp_path / "absent.pdf"):
        answer = answer_for(path, reader)
        assert answer.keys() == {"source", "error"}
        assert answer["error"].count(".") >= 2
    assert "send the file again" in answer_for(tmp_path / "cut.jpg", reader)["error"]


def test_a_foreign_error_is_named_by_kind_and_never_quotes_the_report(tmp_path: Path) -> None:
    answer = answer_for(saved(sheet(), tmp_path / "a.png"), TextlessReader())
    assert "RuntimeError" in answer["error"] and "Example" not in answer["error"]


def test_a_reader_without_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("EF 55 %")
    assert "not text" in answer_for(tmp_path / "a.txt", TextlessReader())["error"]


def test_folders_give_their_pages_and_texts_in_order_and_nothing_else(tmp_path: Path) -> None:
    saved(sheet(1), tmp_path / "b.png")
    cut(saved(sheet(2), tmp_path / "sub" / "a.jpg"))
    (tmp_path / "c.txt").write_text("EF 55 %")
    (tmp_path / "list.csv").write_text("a,b")
    (tmp_path / ".hidden.png").touch()
    extra = saved(sheet(3), tmp_path.parent / f"{tmp_path.name}.png")
    answers = list(read_paths([tmp_path, extra, tmp_path / "absent"], ScriptedReader(default=ANSWER), LIMITS))
    assert [(Path(answer["source"]).name, "error" in answer) for answer in answers] == [
        ("b.png", False),
        ("c.txt", False),
        ("a.jpg", True),
        (extra.name, False),
        ("absent", True),
    ]


class CountingReader(ScriptedReader):
    """Notes the size of every batch it was handed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default=ANSWER, **options)
        self.batches: list[int] = []

    def read_reports(self, reports: Sequence[Sequence[Page]]) -> list[Reading | Exception]:
        self.batches.append(len(reports))
        return [
            ValueError("Mr Example") if len(self.batches) == 2 else reading
            for reading in super().read_reports(reports)
        ]


def test_a_reader_that_likes_batches_gets_them_with_texts_and_bad_files_in_between(tmp_path: Path) -> None:
    files = [saved(sheet(number), tmp_path / f"{number}.png") for number in range(3)]
    text = tmp_path / "note.txt"
    text.write_text("LVEF 37.5 %")
    reader = CountingReader(batch_size=2)
    answers = list(read_paths([files[0], text, tmp_path / "absent", files[1], files[2]], reader, LIMITS))
    assert reader.batches == [2, 1]
    assert [Path(answer["source"]).name for answer in answers] == [
        "0.png",
        "note.txt",
        "absent",
        "1.png",
        "2.png",
    ]
    assert ["error" in answer for answer in answers] == [False, False, True, False, True]
    assert "Example" not in answers[-1]["error"] and "ValueError" in answers[-1]["error"]


def test_readers_are_built_by_name_and_say_who_they_are() -> None:
    assert identity_of(build_reader(ReaderSpec("scripted", {"version": "3"}))).version == "3"
    assert build_reader(ReaderSpec("rules")).name == "rules"
    with pytest.raises(EchoDeskError, match="'oracle'") as caught:
        build_reader(ReaderSpec("oracle"))
    assert "rules" in caught.value.hint and "scripted" in caught.value.hint


def test_scripted_answers_come_from_a_json_file_too(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({text_fingerprint("x"): ANSWER}))
    assert ScriptedReader(path).read_text("x").findings.ef_percent == 37.5
    path.write_text("[]")
    with pytest.raises(EchoDeskError, match="not a JSON object"):
        ScriptedReader(path)
    with pytest.raises(EchoDeskError, match="no answer"):
        ScriptedReader().read_text("y")


def test_a_text_of_many_reports_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("EF 55 %\n" * 6000)
    (said,) = read_paths([tmp_path / "all.txt"], build_reader(ReaderSpec("rules")), PageLimits())
    assert "more than 40000 characters" in said["error"] and said["source"].endswith("all.txt")
