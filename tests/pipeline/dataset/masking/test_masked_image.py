"""One picture on its way out: it is masked and checked, or it stays here with a reason."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from masking_pages import ECG, REPORT, SeeingEngines, picture_of, visible, words_of
from PIL import Image
from snapshot_rows import label, picture

from db.access.patient_key import patient_key
from db.errors import EchoDeskError, WrongUse
from db.store.images import ImageStore
from pipeline.dataset.masking.checking import Refusal
from pipeline.dataset.masking.engines import OcrEngines
from pipeline.dataset.masking.known_values import load_known_values
from pipeline.dataset.masking.masked_image import PictureToMask, mask_picture, mask_pictures
from pipeline.dataset.masking.painting import open_upright
from pipeline.dataset.masking.patterns import KnownValues
from pipeline.dataset.masking.stored_pictures import PictureMask, evidence_on
from pipeline.dataset.masking.words import Box, PageWords, Word

WORDS = words_of(REPORT)


def report(words: tuple[Word, ...] = WORDS, evidence: tuple[Box, ...] = (), **more: object) -> PictureToMask:
    """A report page to mask."""
    return PictureToMask(picture_of(words), "report", "image/png", evidence, **more)  # type: ignore[arg-type]


def box_of(text: str) -> Box:
    """Where a word of the report stands."""
    return next(word.box for word in WORDS if word.text == text)


def test_a_page_goes_out_masked_and_says_what_was_hidden() -> None:
    masked = mask_picture(report(), SeeingEngines(WORDS, WORDS))
    assert masked.refusal is None and masked.data is not None
    left = {word.text for word in visible(WORDS, masked.data)}
    assert not left & {
        "VELMIRA",
        "TORNATHY",
        "SYN-482913",
        "21-Mar-2026",
        "Kadith",
        "72890",
        "Gantudia",
        "Sampleton",
    }
    assert {"LVEF", "60", "regional", "IMPRESSION"} <= left
    assert {"name", "id"} & set(masked.masked) and masked.conflicts == 0


def test_a_name_only_one_engine_can_read_is_masked_too() -> None:
    blind = tuple(word for word in WORDS if word.text != "TORNATHY")
    for engines in (SeeingEngines(blind, WORDS), SeeingEngines(WORDS, blind)):
        masked = mask_picture(report(), engines)
        assert masked.data is not None
        assert "TORNATHY" not in {word.text for word in visible(WORDS, masked.data)}


def test_what_the_check_still_reads_is_painted_and_checked_again() -> None:
    @dataclass
    class Late(SeeingEngines):
        def second(self, data: bytes, like: PageWords) -> PageWords:
            page = super().second(data, like)
            late = Word("SYN-777123", (600, 400, 720, 424), 0.9)
            is_painted = self.readings.count("second") > 1 and not visible((late,), data)
            shown = () if is_painted or self.readings.count("second") == 1 else (late,)
            return PageWords((*page.words, *shown), page.width_px, page.height_px)

    engines = Late(WORDS, WORDS)
    masked = mask_picture(report(), engines)
    assert masked.data is not None and engines.readings.count("second") == 3
    assert not visible((Word("SYN-777123", (600, 400, 720, 424)),), masked.data)


def test_a_page_that_cannot_be_read_stays_here() -> None:
    blurred = SeeingEngines(WORDS, WORDS, reason="too blurred")
    assert mask_picture(report(), blurred).refusal is Refusal.UNREADABLE
    empty = SeeingEngines((), ())
    assert mask_picture(report(), empty).refusal is Refusal.UNREADABLE


def test_a_page_on_which_the_engines_read_different_words_stays_here() -> None:
    others = tuple(Word(word.text[::-1] + "zq", word.box, 0.9) for word in WORDS)
    masked = mask_picture(report(), SeeingEngines(others, WORDS))
    assert masked.refusal is Refusal.ENGINES_DIFFER and masked.data is None


def test_a_page_with_something_that_will_not_go_away_stays_here() -> None:
    places = iter(range(0, 600, 30))

    @dataclass
    class Haunted(SeeingEngines):
        def second(self, data: bytes, like: PageWords) -> PageWords:
            page = super().second(data, like)
            top = float(next(places))
            return PageWords((*page.words, Word("SYN-777123", (900, top, 1020, top + 20), 0.9)), 1200, 700)

    assert mask_picture(report(), Haunted(WORDS, WORDS)).refusal is Refusal.STILL_READABLE


def test_a_file_that_is_no_picture_stays_here() -> None:
    broken = PictureToMask(b"not a picture", "report", "image/png")
    assert mask_picture(broken, SeeingEngines(WORDS, WORDS)).refusal is Refusal.UNDECODABLE


def test_a_likely_place_inside_the_evidence_keeps_the_page_here() -> None:
    masked = mask_picture(report(evidence=(box_of("Sampleton"),)), SeeingEngines(WORDS, WORDS))
    assert masked.refusal is Refusal.EVIDENCE and masked.conflicts == 1


def test_a_sure_number_inside_the_evidence_is_masked_and_reported() -> None:
    words = words_of(REPORT.replace("LVEF 60", "LVEF 60 SYN-555777"))
    inside = next(word.box for word in words if word.text == "SYN-555777")
    masked = mask_picture(report(words, evidence=(inside,)), SeeingEngines(words, words))
    assert masked.data is not None and masked.conflicts == 1
    assert "SYN-555777" not in {word.text for word in visible(words, masked.data)}


def test_evidence_stays_as_it_was() -> None:
    box = box_of("LVEF")
    data = mask_picture(report(evidence=(box,)), SeeingEngines(WORDS, WORDS)).data
    assert data is not None and "LVEF" in {word.text for word in visible(WORDS, data)}


def test_known_values_are_hidden_wherever_they_stand() -> None:
    words = words_of(REPORT.replace("palpitations", "palpitations of zoran"))
    known = mask_picture(report(words, known=KnownValues(names=("Zoran",))), SeeingEngines(words, words))
    unknown = mask_picture(report(words), SeeingEngines(words, words))
    assert known.data is not None and unknown.data is not None
    assert "zoran" not in {word.text for word in visible(words, known.data)}
    assert "zoran" in {word.text for word in visible(words, unknown.data)}


def test_an_ecg_goes_out_without_its_header() -> None:
    words = words_of(ECG)
    masked = mask_picture(PictureToMask(picture_of(words), "ecg", "image/jpeg"), SeeingEngines(words, words))
    assert masked.data is not None
    left = {word.text for word in visible(words, masked.data)}
    assert {"aVR", "V6", "25", "mm/s"} <= left and not left & {"Velmira", "SYN-482913", "HR", "Sampleton"}
    with Image.open(io.BytesIO(masked.data)) as picture:
        assert picture.format == "JPEG"


def test_an_ecg_that_lies_on_its_side_for_one_engine_only_is_read_upright() -> None:
    words = words_of(ECG)

    @dataclass
    class Misled(SeeingEngines):
        def first(self, data: bytes, role: str) -> PageWords:
            page = super().first(data, role)
            return PageWords(page.words, page.width_px, page.height_px, rotation_deg=90)

        def second(self, data: bytes, like: PageWords) -> PageWords:
            page = super().second(data, like)
            return page if like.rotation_deg == 0 else PageWords((), page.width_px, page.height_px)

    masked = mask_picture(PictureToMask(picture_of(words), "ecg", "image/png"), Misled(words, words))
    assert masked.refusal is None


def test_equal_neighbours_are_read_once_and_a_failing_engine_costs_one_picture() -> None:
    @dataclass
    class Failing(SeeingEngines):
        def lines(self, data: bytes, words: object) -> tuple[Word, ...]:
            raise ValueError("the engine broke")

    engines = Failing(WORDS, WORDS)
    ecg = PictureToMask(picture_of(WORDS), "ecg", "image/png")
    results = list(mask_pictures([report(), report(), ecg, report()], engines))
    assert [one.refusal for one in results] == [None, None, Refusal.FAILED, None]
    assert engines.readings.count("first") == 3


def test_a_missing_engine_stops_everything() -> None:
    @dataclass
    class Missing(SeeingEngines):
        def first(self, data: bytes, role: str) -> PageWords:
            raise EchoDeskError("Tesseract can't be started", "Install it.")

    with pytest.raises(EchoDeskError, match="Tesseract"):
        list(mask_pictures([report()], Missing(WORDS, WORDS)))


def test_worker_processes_give_the_same_in_the_same_order() -> None:
    pictures = [report(), PictureToMask(b"broken", "report", "image/png"), report()]
    alone = list(mask_pictures(pictures, SeeingEngines(WORDS, WORDS)))
    assert list(mask_pictures(pictures, SeeingEngines(WORDS, WORDS), workers=2)) == alone


def test_engines_travel_to_workers_without_the_words_they_have_read() -> None:
    engines = OcrEngines("my-tesseract")
    engines._kept[("first", "x")] = "Velmira Tornathy"
    travelled = pickle.dumps(engines)
    assert b"Velmira" not in travelled and pickle.loads(travelled).tesseract == "my-tesseract"  # noqa: S301


def key_of(patient_id: str) -> str:
    """The key intake gives a patient."""
    return patient_key(patient_id, b"k" * 32)


def test_known_values_come_from_a_table_by_patient(tmp_path: Path) -> None:
    table = tmp_path / "values.csv"
    table.write_text(
        "patient_id,report,patient_name,ref_doctor,phone\n"
        "P1,a.jpg,Velmira Tornathy,Dr. Basneru,98450\nP1,b.jpg,,,77\n,c.jpg,x,,\n",
        encoding="utf-8",
    )
    known = load_known_values(table, key_of)
    assert known == {key_of("P1"): KnownValues(("Velmira Tornathy", "Dr. Basneru"), ("P1", "98450", "77"))}


def test_a_table_without_ids_is_wrong_use(tmp_path: Path) -> None:
    table = tmp_path / "values.csv"
    table.write_text("name\nx\n", encoding="utf-8")
    with pytest.raises(WrongUse, match="patient_id"):
        load_known_values(table, key_of)
    with pytest.raises(WrongUse, match="can't be read"):
        load_known_values(tmp_path / "none.csv", key_of)


def test_stored_pictures_of_a_case_are_masked_in_the_order_they_were_announced(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    stored = store.put(open_upright(picture_of(WORDS)), original_sha256="0" * 64, lossy=False)
    page = replace(picture("page", "report"), sha256=stored.sha256, media_type="image/png")
    row = label(
        1, images=(page, picture("lost")), evidence={"ef": {"page": 1, "boxes": [box_of("SYN-482913")]}}
    )
    mask = PictureMask(store.path, SeeingEngines(WORDS, WORDS), {})
    mask.read_ahead([(image, row) for image in row.images])
    first, second = (mask(image, row) for image in row.images)
    assert first.data is not None and first.media_type == "image/png" and mask.conflicted == 1
    assert second.data is None and second.reason == "the picture can't be decoded"
    assert mask(page, row) == first  # asked for again, out of turn


def test_only_evidence_on_the_very_page_protects_it() -> None:
    row = label(
        1, evidence={"ef": {"page": 1, "boxes": [[1, 2, 3, 4]]}, "pah": {"page": 2, "boxes": [[5, 6, 7, 8]]}}
    )
    assert evidence_on(picture("a", "report", page=2), row) == ((5.0, 6.0, 7.0, 8.0),)
    assert evidence_on(picture("a", "ecg", page=1), row) == ()
