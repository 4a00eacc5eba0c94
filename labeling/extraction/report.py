"""What an extraction tells while it runs and when it ends."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ExtractProgress:
    """How far an extraction is.

    Attributes:
        done, failed: items ended by this run.
        total: items there were to do when it began.
        rate_per_s: ended items a second since the reader was ready; 0 before the first.
        eta_s: seconds to go at this rate; None before the first.
        reader: name and version.
    """

    done: int
    failed: int
    total: int
    rate_per_s: float
    eta_s: float | None
    reader: str = ""

    @classmethod
    def after(cls, elapsed_s: float, *, done: int, failed: int, total: int, reader: str) -> ExtractProgress:
        """How far it is `elapsed_s` seconds after the reader was ready."""
        ended = done + failed
        rate = ended / elapsed_s if ended and elapsed_s > 0 else 0.0
        eta_s = max(0, total - ended) / rate if rate else None
        return cls(done, failed, total, rate, eta_s, reader)


@dataclass(frozen=True)
class ExtractSummary:
    """The outcome of one run.

    Attributes:
        done, failed: items ended by this run.
        already_done: cases that had their draft before.
        retried: failed items of earlier runs that were tried again.
        elapsed_s: from the start of the reader to the end, seconds.
        failures: (case id, attempts, last error) of every item that stands failed now, earlier runs' too.
    """

    reader: str
    reader_version: str
    done: int
    failed: int
    already_done: int
    retried: int
    elapsed_s: float
    failures: list[tuple[int, int, str]] = field(default_factory=list)
