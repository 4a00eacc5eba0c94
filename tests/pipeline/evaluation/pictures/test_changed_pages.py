"""Pages drawn anew: only what was asked for changes, and masks lie where they say."""

from __future__ import annotations

from functools import cache

import numpy as np

from pipeline.config.settings import PictureSettings
from pipeline.dataset.study.pages import Look, Shortcuts, look_of, printed
from pipeline.evaluation.pictures.pages import CutPages, DrawnPages, cut_out, erased, masked
from pipeline.imaging.capture import Condition
from pipeline.waveforms.cohort_table import invent_cohort
from pipeline.waveforms.recording import Recording

PICTURE = PictureSettings(image_size_px=128, working_px=600)


def recording(number: int) -> Recording:
    """Ten seconds of spikes."""
    rng = np.random.default_rng(number)
    signal = rng.normal(0, 0.02, size=(12, 1000))
    signal[:, 40 + 5 * number :: 80] += 1.2
    return Recording(f"r{number}", f"p{number}", signal.astype(np.float32), 100.0)


@cache
def pages() -> DrawnPages:
    """A scanned and a photographed page; papers and headers differ."""
    people = invent_cohort(2, np.random.default_rng(1))
    looks = [look_of(person, 3, Shortcuts()) for person in people]
    scan = Look("pink", ("A", "B", "Health check"), Condition.CLEAN, looks[0].chance)
    phone = Look("orange", ("A", "B", "Heart failure clinic"), Condition.PHONE, looks[1].chance)
    return DrawnPages([recording(1), recording(2)], [scan, phone], PICTURE)


def test_an_erased_page_keeps_everything_but_the_trace() -> None:
    one, look = pages().recordings[0], pages().looks[0]
    with_trace, without = printed(one, look), printed(erased(one), look)
    changed = (with_trace.image != without.image).any(axis=2)
    assert changed.any()
    assert not (changed & ~with_trace.trace).any()


def test_each_change_changes_its_own_part() -> None:
    own = pages().own(0).astype(int)
    header = np.abs(pages().changed("header", 0, 1) - own)
    assert header[:16].max() > 20
    assert header[24:].max() < 12
    waveform = np.abs(pages().with_waveform(0, 1) - own)
    assert waveform[:10].max() < 12
    assert waveform[20:110].max() > 60
    assert np.abs(pages().changed("paper", 0, 1) - own).mean() > 0.2
    np.testing.assert_array_equal(pages().changed("look", 0, 0), own)


def test_masks_lie_on_the_trace_and_beside_the_grid() -> None:
    page = masked(pages().recordings[1], pages().looks[1], PICTURE)
    paper = (page.waveform < 0.01) & (page.beside < 0.01)
    assert page.square[page.waveform > 0.4].mean() < page.square[paper].mean() - 40
    assert page.beside[:6].mean() > 0.9
    assert page.beside[40:100, 20:100].max() == 0
    assert (page.waveform * page.beside).sum() < 0.01 * page.waveform.sum()


def test_a_photograph_is_cut_into_trace_and_paper() -> None:
    images = [printed(one, pages().looks[0]).image for one in pages().recordings]
    cut = CutPages([cut_out(image, PICTURE) for image in images])
    is_ink = cut.cut[0].trace > 128
    assert 0.01 < is_ink.mean() < 0.4
    assert cut.erased(0)[is_ink].mean() > cut.own(0)[is_ink].mean() + 30
    moved = cut.with_waveform(0, 1).astype(int)
    assert np.abs(moved - cut.own(1))[cut.cut[1].trace > 128].mean() < 20
