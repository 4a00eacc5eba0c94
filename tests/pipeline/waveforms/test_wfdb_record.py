"""16-bit WFDB records are read as the reference library reads them, and a damaged one is noticed."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from ptbxl_folder import REAL, counts, needs_real_records, write_record

from db.errors import EchoDeskError
from pipeline.waveforms.wfdb_record import read_wfdb


@pytest.fixture
def record(tmp_path: Path) -> Path:
    write_record(tmp_path / "00001_hr", counts(1, 500), 500)
    return tmp_path / "00001_hr.hea"


def altered(header: Path, pattern: str, by: str) -> Path:
    """The header with the first match of a pattern replaced."""
    header.write_text(re.sub(pattern, by, header.read_text(), count=1))
    return header


def test_samples_become_millivolt_in_the_order_of_the_header(record: Path) -> None:
    read = read_wfdb(record)
    assert read.sampling_rate_hz == 500
    assert read.leads[3] == "aVR"
    np.testing.assert_allclose(read.signal_mv, counts(1, 500).T / 1000, rtol=1e-6)


def test_gain_baseline_and_unit_are_those_of_the_reference_library(tmp_path: Path) -> None:
    wfdb = pytest.importorskip("wfdb")
    truth = np.random.default_rng(3).normal(0, 0.5, size=(1000, 3))
    wfdb.wrsamp(
        "odd",
        fs=250,
        units=["mV", "uV", "V"],
        sig_name=["I", "II", "V1"],
        p_signal=truth * [1, 1000, 0.001],
        fmt=["16"] * 3,
        adc_gain=[200.0, 0.5, 400000.0],
        baseline=[12, -7, 0],
        write_dir=str(tmp_path),
    )
    read = read_wfdb(tmp_path / "odd.hea")
    assert read.leads == ("I", "II", "V1")
    np.testing.assert_allclose(read.signal_mv, truth.T, atol=0.003)
    theirs, _ = wfdb.rdsamp(str(tmp_path / "odd"))
    np.testing.assert_allclose(read.signal_mv, theirs.T * [[1], [0.001], [1000]], rtol=1e-5, atol=1e-7)


def test_what_was_not_measured_is_not_a_number(tmp_path: Path) -> None:
    samples = counts(2, 100)
    samples[:250, 4] = -32768
    write_record(tmp_path / "gap", samples, 100)
    gaps = np.isnan(read_wfdb(tmp_path / "gap.hea").signal_mv)
    assert gaps[4, :250].all()
    assert gaps.sum() == 250


def test_a_record_cut_short_is_refused_by_name(record: Path) -> None:
    data = record.with_suffix(".dat")
    data.write_bytes(data.read_bytes()[:-24])
    with pytest.raises(EchoDeskError, match=r"00001_hr\.dat is damaged: 59988 samples .* 60000") as found:
        read_wfdb(record)
    assert "Fetch this record anew" in found.value.hint


@pytest.mark.parametrize("place", [0, 1, 30_001, 119_998])
def test_a_single_altered_byte_is_noticed(record: Path, place: int) -> None:
    data = record.with_suffix(".dat")
    raw = bytearray(data.read_bytes())
    raw[place] ^= 1
    data.write_bytes(bytes(raw))
    with pytest.raises(EchoDeskError, match="not what its header sums up"):
        read_wfdb(record)


@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        (" 12 500 5000", " 11 500 5000"),
        (" 12 500 5000", " 12 500"),
        (" 12 500 5000", " 12 0 5000"),
        (r"\.dat 16 ", ".dat 212 "),
        (r"\.dat 16 ", ".dat 16x2 "),
        ("00001_hr.dat", "../00001_hr.dat"),
        ("00001_hr.dat", "other.dat"),
        ("/mV", "/mmHg"),
        (r"1000\.0", "0"),
        ("(?s).*", ""),
        ("(?s).*", "\N{BLACK HEART SUIT}"),
    ],
)
def test_a_header_that_says_something_else_is_refused(record: Path, pattern: str, by: str) -> None:
    altered(record, pattern, by)
    with pytest.raises(EchoDeskError, match="is damaged"):
        read_wfdb(record)


def test_missing_samples_are_refused(record: Path) -> None:
    record.with_suffix(".dat").unlink()
    with pytest.raises(EchoDeskError, match="samples cannot be read"):
        read_wfdb(record)


@needs_real_records
def test_real_records_are_what_the_reference_library_reads() -> None:
    wfdb = pytest.importorskip("wfdb")
    headers = sorted(REAL.glob("records500/*/*.hea"))[::25]
    assert len(headers) == 20
    for header in headers:
        theirs, fields = wfdb.rdsamp(str(header.with_suffix("")))
        read = read_wfdb(header)
        np.testing.assert_array_equal(read.signal_mv, theirs.T.astype(np.float32))
        assert list(read.leads) == fields["sig_name"]
