"""A reader of the one WFDB form that PTB-XL uses: a text header beside 16-bit samples, checked by its sums.

Source: the WFDB header specification, header(5), and signal format 16, signal(5), of PhysioNet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError

# The sample that stands for "nothing was measured here".
_NOTHING = -32768
_MILLIVOLT_PER = {"mv": 1.0, "uv": 1e-3, "v": 1e3}
_GAIN = re.compile(r"(?P<gain>[-+.\deE]+)(?:\((?P<baseline>-?\d+)\))?(?:/(?P<unit>\S+))?")
_REMEDY = "Fetch this record anew (its .hea and its .dat), or leave it out of the table."


@dataclass(frozen=True)
class WfdbRecord:
    """What one header and its samples say.

    Attributes:
        leads: names as printed in the header, one a row.
        signal_mv: shape (leads, samples), millivolt; NaN where nothing was measured.
    """

    leads: tuple[str, ...]
    signal_mv: NDArray[np.float32]
    sampling_rate_hz: float


@dataclass(frozen=True)
class _Channel:
    """One signal line of a header: sample = gain * value + baseline."""

    file: str
    gain_per_mv: float
    baseline: int
    first_sample: int
    checksum: int
    lead: str


@dataclass(frozen=True)
class _Header:
    sampling_rate_hz: float
    samples: int
    channels: tuple[_Channel, ...]


def read_wfdb(header_file: Path) -> WfdbRecord:
    """Read a record by its .hea file; the samples lie beside it.

    Raises:
        EchoDeskError: a file is missing, cut short, altered, or in another form than 16-bit samples.
    """
    header = _read_header(header_file)
    names = {channel.file for channel in header.channels}
    if len(names) != 1:
        raise _damaged(header_file, "its channels lie in several files")
    data_file = header_file.with_name(names.pop())
    try:
        raw = np.frombuffer(data_file.read_bytes(), dtype="<i2")
    except (OSError, ValueError) as error:
        raise _damaged(data_file, "its samples cannot be read") from error
    expected = header.samples * len(header.channels)
    if raw.size != expected:
        raise _damaged(data_file, f"{raw.size} samples where its header says {expected}")
    samples = raw.reshape(header.samples, len(header.channels)).T
    _check_sums(data_file, header, samples)
    return WfdbRecord(
        leads=tuple(channel.lead for channel in header.channels),
        signal_mv=_millivolt(header, samples),
        sampling_rate_hz=header.sampling_rate_hz,
    )


def _millivolt(header: _Header, samples: NDArray[Any]) -> NDArray[np.float32]:
    gains = np.array([channel.gain_per_mv for channel in header.channels])[:, None]
    baselines = np.array([channel.baseline for channel in header.channels])[:, None]
    signal = (samples - baselines.astype(np.float64)) / gains
    signal[samples == _NOTHING] = np.nan
    return np.asarray(signal, dtype=np.float32)


def _check_sums(data_file: Path, header: _Header, samples: NDArray[Any]) -> None:
    """Compare each channel with its first sample and the 16-bit sum that the header keeps of it."""
    sums = samples.astype(np.int64).sum(axis=1)
    for channel, first, total in zip(header.channels, samples[:, 0], sums, strict=True):
        if first != channel.first_sample or (int(total) - channel.checksum) % 65536:
            raise _damaged(data_file, f"channel {channel.lead} is not what its header sums up")


def _read_header(header_file: Path) -> _Header:
    try:
        text = header_file.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise _damaged(header_file, "its header cannot be read") from error
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        _, count, rate, samples = lines[0].split()[:4]
        channels = tuple(_channel(line) for line in lines[1:])
        header = _Header(float(rate.partition("/")[0]), int(samples), channels)
    except (IndexError, ValueError) as error:
        raise _damaged(header_file, "its header is not one of 16-bit samples") from error
    if len(channels) != int(count) or header.samples < 1 or not header.sampling_rate_hz > 0:
        raise _damaged(header_file, "its header contradicts itself")
    return header


def _channel(line: str) -> _Channel:
    """One signal line; ValueError where it says anything but plain 16-bit samples of a voltage."""
    file, form, gain_text, _, zero, first, checksum, _, lead = line.split(maxsplit=8)
    gain = _GAIN.fullmatch(gain_text)
    if form != "16" or gain is None or Path(file).name != file:
        raise ValueError(line)
    unit_mv = _MILLIVOLT_PER.get((gain["unit"] or "mV").lower())
    if unit_mv is None or float(gain["gain"]) <= 0:
        raise ValueError(line)
    baseline = int(zero if gain["baseline"] is None else gain["baseline"])
    return _Channel(file, float(gain["gain"]) / unit_mv, baseline, int(first), int(checksum), lead.strip())


def _damaged(file: Path, how: str) -> EchoDeskError:
    return EchoDeskError(f"{file} is damaged: {how}.", _REMEDY)
