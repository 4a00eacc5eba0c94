"""The speed bench counts what it says it counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from pdf_building import printed_pdf
from report_drawing import letter, page

from labeling.benchmark.speed import BenchResult, BothResult, bench_extraction
from labeling.benchmark.speed_layer import bench_layer
from labeling.words import rapid_ocr, tesseract
from labeling.words.read_page import OcrPage


def test_ratios_follow_from_the_times() -> None:
    result = BenchResult(
        pages=20, workers=2, ours_s=10.0, plain_s=40.0, plain_one_thread_s=20.0, ocr_s=16.0, own_s=0.8
    )

    assert result.pages_per_s == 2.0
    assert (result.ratio, result.ratio_one_thread) == (4.0, 2.0)
    assert result.own_share == pytest.approx(0.05)
    assert result.both is None
    both = BothResult(now_s=10.0, before_s=14.0, engines_s=18.0, own_s=1.8, differing=0)
    assert both.ratio == pytest.approx(1.4)
    assert both.own_share == pytest.approx(0.1)


@pytest.mark.parametrize("workers", [0, 2])
def test_nothing_to_measure_is_refused(workers: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        bench_extraction([page(letter())] if workers == 0 else [], workers=workers)


@pytest.mark.slow
@pytest.mark.tesseract
def test_a_bench_reads_pages_and_files_and_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.png"
    letter().save(path)

    result = bench_extraction([page(letter()), path], workers=1)

    assert (result.pages, result.workers) == (2, 1)
    assert result.ours_s > 0 and result.plain_s > 0 and result.plain_one_thread_s > 0
    assert 0 < result.ocr_s < result.ours_s
    assert 0 < result.own_share < 2
    assert result.both is None or result.both.differing == 0
    assert result.both is None or result.both.now_s > 0 < result.both.engines_s
    assert capfd.readouterr() == ("", "")


def test_a_bench_of_text_layers_times_those_that_hold_and_counts_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tesseract, "read_words", lambda page, **_: OcrPage(page.number, ()))
    monkeypatch.setattr(rapid_ocr, "read_words", lambda page, first, **_: first)
    scan = printed_pdf(tmp_path / "scan.pdf", is_invisible=True, scan=letter().resize((310, 439)))
    page(letter()).image.save(tmp_path / "page.png")

    result = bench_layer([printed_pdf(tmp_path / "report.pdf"), scan, tmp_path / "page.png"])

    assert (result.files, result.pages, result.refused, result.differing) == (1, 1, 1, 1)
    assert result.ratio == result.pictures_s / result.layer_s
