"""One order of leads everywhere, and the arithmetic between them."""

from __future__ import annotations

import numpy as np

from pipeline.imaging import paper_kinds
from pipeline.waveforms.leads import LEADS, twelve_leads


def test_signals_and_pages_have_the_same_order_of_leads() -> None:
    assert LEADS == paper_kinds.LEADS


def test_four_limb_leads_follow_from_two() -> None:
    rng = np.random.default_rng(0)
    one, two, chest = rng.normal(size=50), rng.normal(size=50), rng.normal(size=(6, 50))
    signal = dict(zip(LEADS, twelve_leads(one, two, chest), strict=True))
    np.testing.assert_allclose(signal["I"] + signal["III"], signal["II"])
    np.testing.assert_allclose(signal["aVR"] + signal["aVL"] + signal["aVF"], 0, atol=1e-12)
    np.testing.assert_allclose(signal["aVL"], (signal["I"] - signal["III"]) / 2)
    np.testing.assert_array_equal(signal["V6"], chest[5])
