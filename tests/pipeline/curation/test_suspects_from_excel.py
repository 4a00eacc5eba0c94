"""What Excel makes of a suspects file is read as it was meant."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from db.errors import EchoDeskError
from pipeline.curation.suspects_file import read_suspects


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    "text",
    [
        'case_id,score,reason\n3,0.2,"größer, odd"\n',
        'case_id;score;reason\r\n3;0,2;"größer, odd"\r\n',
        "Case_ID\tscore\treason\r\n\r\n3\t0,2\tgrößer, odd\r\n",
        "sep=;\ncase_id;score;reason\n3;0,2;größer, odd\n",
    ],
)
def test_separators_and_encodings_make_no_difference(tmp_path: Path, text: str, encoding: str) -> None:
    file = tmp_path / "suspects.csv"
    file.write_bytes(text.encode(encoding))
    (found,) = read_suspects(file)
    assert (found.case_id, found.priority, found.reason) == (3, pytest.approx(80), "größer, odd")


def test_a_workbook_will_do(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["case_id", "score"])
    sheet.append([7, 0.25])
    book.save(tmp_path / "suspects.xlsx")
    (found,) = read_suspects(tmp_path / "suspects.xlsx")
    assert (found.line, found.case_id, found.priority) == (2, 7, pytest.approx(75))


def test_a_line_that_is_wrong_is_named_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "suspects.csv"
    file.write_text("sep=;\ncase_id;score\n3;0,2\n\n4;much\n")
    with pytest.raises(EchoDeskError, match="line 5: score"):
        list(read_suspects(file))


@pytest.mark.parametrize(
    "data",
    [
        "case_id;score;reason\n3;0,2;x\n;;\n;;\n",
        "Suspects of May\n\ncase_id;score\n3;0,2\n",
        "EchoDesk record|score\n3|20 %\n",
        '"sep=;"\nCase ID;Score\n3;0,2\n',
        "sep=\t\ncase-id\tscore\n'3\t0.2\n",
        "case_id,score\n003,20%\n",
        'case_id,score\n"=""3""",0.2\n',
        "case_id,score\n3,0.2\n".encode("utf-16-le"),
        "case_id,score\n3,0.2\n".encode("utf-16-be"),
    ],
)
def test_further_ways_to_save_the_file_are_read(tmp_path: Path, data: str | bytes) -> None:
    file = tmp_path / "suspects.csv"
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    (found,) = read_suspects(file)
    assert (found.case_id, found.priority) == (3, pytest.approx(80))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("case_id,score\n3,0,2\n", "more cells than there are columns"),
        ("case_id;score\n1.000;0,2\n", "case_id is a number"),
        ("case_id,Case ID\n3,4\n", "two columns for case_id"),
        ("", "is empty"),
        ("<html><table></table></html>", "web page"),
    ],
)
def test_what_could_mean_another_record_or_number_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "suspects.csv"
    file.write_text(text)
    with pytest.raises(EchoDeskError, match=said) as caught:
        list(read_suspects(file))
    assert caught.value.hint
