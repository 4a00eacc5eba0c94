"""DICOM: the PDF within, pictures, structured reports; and what is refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import PIL.Image
import pydicom
import pytest
from dicom_building import (
    FILM_CLASS,
    captured,
    coded,
    container,
    encapsulated,
    measured,
    overlaid,
    said,
    structured,
    unmeasured,
)  # fmt: skip
from page_files import cut, sheet
from pdf_building import printed_pdf

from labeling.intake.dicom_cases import dicom_cases
from labeling.intake.files import FoundFile, find_files
from labeling.pages.dicom import header_of
from labeling.pages.dicom_report import lines_of_report
from labeling.pages.opening import open_pages
from labeling.pages.page import Page, PageError, PageLimits
from labeling.readers.rules import reading_of_ocr
from labeling.words.evidence import join_words
from labeling.words.text_layer import read_words

LIMITS = PageLimits(pdf_dpi=100)
ECHO = ("18043-0", "LN", "Left Ventricular Ejection Fraction by US")
RVSP = ("399023006", "SCT", "Right Ventricular Peak Systolic Pressure")
FINDING = ("121071", "DCM", "Finding")
CORPUS = Path(pydicom.__file__).parent / "data" / "test_files"


def code_of(path: Path) -> str:
    with pytest.raises(PageError) as caught:
        open_pages(path, LIMITS)
    assert str(path) not in caught.value.message and "Doe" not in caught.value.message
    return caught.value.code


def text_of(pages: Iterable[Page]) -> str:
    return join_words([read_words(page) for page in pages]).text


@pytest.fixture(scope="module")
def echo_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A structured report: an EF, a pressure, wall motion in words, and names that are nobody's business."""
    return structured(
        tmp_path_factory.mktemp("sr") / "echo.dcm",
        [
            said(("121029", "DCM", "Subject Name"), "Jane Doe", relation="HAS OBS CONTEXT"),
            container(
                ("121070", "DCM", "Findings"),
                [
                    measured(ECHO, 42.0, "%", method="Biplane"),
                    measured(RVSP, 38.4, "mm[Hg]"),
                    said(FINDING, "Hypokinesia of the inferior wall."),
                ],
            ),
        ],
        PatientID="A17",
        StudyDate="20260305",
        StudyInstanceUID="1.2.3",
        InstitutionName="Northside",
    )


def test_a_structured_report_becomes_lines_with_places_and_gives_its_measurements(echo_report: Path) -> None:
    pages = open_pages(echo_report, LIMITS)
    read = [read_words(page) for page in pages]

    assert all(page.is_layer for page in read)
    assert join_words(read).text.splitlines() == [
        "Adult Echocardiography Procedure Report",
        "Findings",
        "LVEF (Biplane): 42 %",
        "RVSP: 38.4 mmHg",
        "Finding: Hypokinesia of the inferior wall.",
    ]
    reading = reading_of_ocr(read)
    assert (reading.findings.ef_percent, reading.findings.rvsp_mmhg, reading.findings.rwma) == (
        42,
        38.4,
        "present",
    )
    assert reading.evidence["ef_percent"].box is not None


def test_nothing_but_the_report_s_own_lines_is_on_its_page(echo_report: Path) -> None:
    assert not re.search("Doe|A17|Northside|2026", text_of(open_pages(echo_report, LIMITS)))


def test_a_pdf_within_is_read_as_a_pdf(tmp_path: Path) -> None:
    pdf = printed_pdf(tmp_path / "report.pdf")
    path = encapsulated(tmp_path / "report.dcm", pdf.read_bytes())

    (within,), (alone,) = open_pages(path, LIMITS), open_pages(pdf, LIMITS)

    assert within.image.tobytes() == alone.image.tobytes()
    assert within.layer == alone.layer


def test_every_frame_of_a_capture_is_a_page(tmp_path: Path) -> None:
    image = sheet(3, mode="L")

    pages = open_pages(captured(tmp_path / "two.dcm", image, frames=2), LIMITS)

    assert [page.image.tobytes() for page in pages] == [image.tobytes()] * 2


@pytest.mark.parametrize("limits", [PageLimits(max_pages=1), PageLimits(max_pixels=1000)])
def test_a_capture_over_a_limit_is_refused_before_it_is_decoded(limits: PageLimits, tmp_path: Path) -> None:
    path = captured(tmp_path / "many.dcm", sheet(), frames=3)

    with pytest.raises(PageError, match="limit"):
        open_pages(path, limits)


def test_what_is_no_report_is_refused_by_name(tmp_path: Path) -> None:
    film = captured(tmp_path / "film.dcm", sheet(), frames=2, kind=FILM_CLASS)

    assert code_of(film) == "no_report"
    with pytest.raises(PageError, match="ultrasound film"):
        open_pages(film, LIMITS)
    with pytest.raises(PageError, match="MR Image"):
        open_pages(CORPUS / "MR_small.dcm", LIMITS)
    with pytest.raises(PageError, match="12-lead ECG"):
        open_pages(CORPUS / "waveform_ecg.dcm", LIMITS)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9, 0.99])
def test_a_file_that_stops_early_gives_no_page(keep: float, tmp_path: Path, echo_report: Path) -> None:
    report = tmp_path / "sr.dcm"
    report.write_bytes(echo_report.read_bytes())
    pdf = printed_pdf(tmp_path / "report.pdf").read_bytes()

    for path in (
        report,
        encapsulated(tmp_path / "pdf.dcm", pdf),
        captured(tmp_path / "capture.dcm", sheet()),
    ):
        cut(path, keep)
        assert code_of(path) in ("truncated", "damaged", "no_report")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SC_rgb_rle_2frame.dcm", 2),
        ("SC_rgb_jpeg_dcmtk.dcm", 1),
        ("SC_rgb_gdcm_KY.dcm", 1),
        ("SC_rgb_small_odd_big_endian.dcm", 1),
        ("SC_ybr_full_422_uncompressed.dcm", 1),
        ("examples_palette.dcm", 1),
        ("examples_jpeg2k.dcm", 1),
        ("reportsi.dcm", 1),
        ("JPGExtended.dcm", "transfer_syntax"),
        ("JPEGLSNearLossless_08.dcm", "transfer_syntax"),
        ("image_dfl.dcm", "transfer_syntax"),
        ("examples_ybr_color.dcm", "no_report"),
        ("MR_truncated.dcm", "no_report"),
        ("rtplan_truncated.dcm", "no_report"),
    ],
)
def test_files_of_other_makers_give_pages_or_a_reason(name: str, expected: int | str) -> None:
    if isinstance(expected, int):
        assert len(open_pages(CORPUS / name, LIMITS)) == expected
    else:
        assert code_of(CORPUS / name) == expected


def test_colours_of_other_makers_are_those_pydicom_shows() -> None:
    (page,) = open_pages(CORPUS / "SC_rgb_rle.dcm", LIMITS)

    shown = PIL.Image.fromarray(pydicom.dcmread(CORPUS / "SC_rgb_rle.dcm").pixel_array)
    assert page.image.convert("RGB").tobytes() == shown.tobytes()


def test_the_header_says_whose_it_is_and_when(echo_report: Path) -> None:
    header = header_of(echo_report)

    assert (header.patient_id, header.study_date, header.refusal) == ("A17", date(2026, 3, 5), None)


def test_files_of_one_study_are_one_report_and_the_date_is_the_study_s(tmp_path: Path) -> None:
    of_study = {"PatientID": "A17", "StudyInstanceUID": "1.2.3", "StudyDate": "20260305"}
    captured(tmp_path / "IM2.dcm", sheet(2), InstanceNumber=2, **of_study)
    captured(tmp_path / "IM9.dcm", sheet(1), InstanceNumber=1, **of_study)
    captured(tmp_path / "IM3.dcm", sheet(3), PatientID="A17", StudyInstanceUID="1.2.4")
    captured(tmp_path / "B2_report.dcm", sheet(4))
    captured(tmp_path / "C3_report.dcm", sheet(5), PatientID="C4")
    captured(tmp_path / "IM7.dcm", sheet(6), PatientID="1.23E+11")
    captured(tmp_path / "film.dcm", sheet(7), frames=2, kind=FILM_CLASS, **of_study)

    found, _ = find_files([tmp_path])
    cases, others, refused = dicom_cases(found)

    assert [(case.patient_id, [path.name for path in case.reports], case.report_date) for case in cases] == [
        ("A17", ["IM9.dcm", "IM2.dcm"], date(2026, 3, 5)),
        ("A17", ["IM3.dcm"], None),
    ]
    assert [file.path.name for file in others] == ["B2_report.dcm"]
    assert {one.path.name: one.code for one in refused} == {
        "C3_report.dcm": "id_clash", "IM7.dcm": "bad_id", "film.dcm": "no_report",
    }  # fmt: skip
    assert isinstance(others[0], FoundFile)


def test_a_pressure_in_another_unit_is_drawn_in_mmhg(tmp_path: Path) -> None:
    pressure = ("399023006", "SCT", "Right ventricular systolic pressure")
    items = [
        measured(pressure, 5.07, "kPa"),
        measured(pressure, 5066, "Pa"),
        measured(pressure, 38, "mm[Hg]"),
    ]
    path = structured(tmp_path / "sr.dcm", items)
    assert lines_of_report(pydicom.dcmread(path))[1:] == [
        "RVSP: 38.03 mmHg",
        "RVSP: 38 mmHg",
        "RVSP: 38 mmHg",
    ]


@pytest.mark.parametrize("patient_id", ["anonymized", "0", "A17\\A18", "De-Identified"])
def test_a_header_that_names_nobody_or_several_is_refused(tmp_path: Path, patient_id: str) -> None:
    captured(tmp_path / "IM1.dcm", sheet(1), PatientID=patient_id)
    cases, _, (refused,) = dicom_cases(find_files([tmp_path])[0])
    assert (cases, refused.code) == ([], "bad_id") and refused.remedy


def test_a_study_of_two_patients_is_nobody_s(tmp_path: Path) -> None:
    captured(tmp_path / "IM1.dcm", sheet(1), PatientID="A17", StudyInstanceUID="1.2.3")
    captured(tmp_path / "IM2.dcm", sheet(2), PatientID="B18", StudyInstanceUID="1.2.3")
    captured(tmp_path / "IM3.dcm", sheet(3), PatientID="B18", StudyInstanceUID="1.2.4")
    cases, _, refused = dicom_cases(find_files([tmp_path])[0])
    assert [case.reports[0].name for case in cases] == ["IM3.dcm"]
    assert {(one.path.name, one.code) for one in refused} == {
        ("IM1.dcm", "id_clash"),
        ("IM2.dcm", "id_clash"),
    }


def test_what_lies_over_a_picture_in_a_plane_of_its_own_is_drawn(tmp_path: Path) -> None:
    white, square = PIL.Image.new("L", (200, 100), 255), PIL.Image.new("L", (20, 10), 0)

    (on_light,) = open_pages(overlaid(tmp_path / "a.dcm", white, square, at=(30, 50)), LIMITS)
    (on_dark,) = open_pages(
        overlaid(tmp_path / "b.dcm", white.point(lambda _: 20), square, at=(95, 190)), LIMITS
    )

    dark = [place for place, shade in enumerate(on_light.image.convert("L").tobytes()) if shade == 0]
    assert (len(dark), divmod(dark[0], 200), divmod(dark[-1], 200)) == (200, (30, 50), (39, 69))
    assert sum(shade == 255 for shade in on_dark.image.convert("L").tobytes()) == 5 * 10


def test_the_padding_of_a_picture_takes_none_of_its_contrast(tmp_path: Path) -> None:
    held = pydicom.dcmread(captured(tmp_path / "padded.dcm", sheet()))
    shades = np.frombuffer(held.PixelData, np.uint8)[: held.Rows * held.Columns].astype(np.int16)
    shades[: held.Columns] = -32768
    held.BitsAllocated, held.BitsStored, held.HighBit, held.PixelRepresentation = 16, 16, 15, 1
    held.add_new("PixelPaddingValue", "SS", -32768)
    held.PixelData = shades.tobytes()
    held.save_as(tmp_path / "padded.dcm")

    (page,) = open_pages(tmp_path / "padded.dcm", LIMITS)

    assert np.array_equal(np.asarray(page.image.convert("L"))[1:], np.asarray(sheet().convert("L"))[1:])


@pytest.mark.parametrize("ending", ["40", "50", "59", "67", "77"])
def test_structured_notes_on_other_files_are_no_reports(ending: str, tmp_path: Path) -> None:
    path = structured(
        tmp_path / "note.dcm", [said(FINDING, "LV study")], kind=f"1.2.840.10008.5.1.4.1.1.88.{ending}"
    )

    assert code_of(path) == "no_report"
    assert header_of(path).refusal is not None


def test_another_document_than_a_pdf_is_named(tmp_path: Path) -> None:
    path = encapsulated(tmp_path / "html.dcm", b"<html>LVEF 42 %</html>")

    with pytest.raises(PageError, match="another document than a PDF"):
        open_pages(path, LIMITS)


def test_absent_findings_prior_studies_and_missing_numbers_are_said(tmp_path: Path) -> None:
    hypertension = ("D3-40300", "SRT", "Pulmonary hypertension")
    path = structured(
        tmp_path / "sr.dcm",
        [
            container(("121062", "DCM", "Prior procedure descriptions"), [measured(ECHO, 60, "%")]),
            container(("121070", "DCM", "Findings"), [measured(ECHO, 42, "%"), unmeasured(RVSP)]),
            coded(FINDING, hypertension, presence="Absent"),
        ],
    )

    lines = lines_of_report(pydicom.dcmread(path))
    reading = reading_of_ocr([read_words(page) for page in open_pages(path, LIMITS)])

    assert lines[2:] == [
        "Prior study, LVEF: 60 %", "Findings", "LVEF: 42 %", "RVSP:", "Pulmonary hypertension: absent",
    ]  # fmt: skip
    assert (reading.findings.ef_percent, reading.findings.pah.value) == (42, "none")
