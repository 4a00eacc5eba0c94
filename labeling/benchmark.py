"""Run a reader over a folder of reports with known answers (`gold.csv`) and score it.

The folder holds `gold.csv`, optionally `gold_accept.csv`, `text/NNN.txt` and `images/<condition>/NNN_pK.jpg`; the
page images of one text are one report. `docs/benchmark.md` says what the columns mean.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from db.errors import EchoDeskError
from db.labels import EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from labeling.readers.base import Reading
from labeling.readers.rules import RulesReader
from labeling.scoring import Gold, Scores, score

InputKind = Literal["text", "clean", "phone", "harsh"]

_RWMA = {"yes": Rwma.PRESENT, "no": Rwma.ABSENT, "not_stated": Rwma.NOT_STATED}
_NEEDED = (
    "file",
    "report_type",
    "ef_value",
    "ef_operator",
    "rwma_present",
    "rwma_severity",
    "pah",
    "rvsp_mmhg",
    "notes",
)


@dataclass(frozen=True)
class BenchmarkResult:
    """Scores over everything, over real and made-up reports apart, and by stratum."""

    input_kind: str
    overall: Scores
    real: Scores
    synthetic: Scores
    by_stratum: dict[str, Scores]
    quotes_not_in_text: int


def load_gold(folder: Path) -> list[Gold]:
    """The truth of a benchmark folder, one entry a report, in file order.

    Raises:
        EchoDeskError: `gold.csv` is missing, lacks a column, or holds a value the vocabulary does not know.
    """
    path = folder / "gold.csv"
    if not path.is_file():
        raise EchoDeskError(f"{path} is missing", "Give the folder that holds gold.csv and text/ or images/.")
    with path.open(newline="", encoding="utf-8-sig") as handle:
        rows = list(csv.DictReader(handle))
    missing = [name for name in _NEEDED if rows and name not in rows[0]]
    if missing or not rows:
        raise EchoDeskError(
            f"{path} lacks {', '.join(missing) or 'rows'}", f"It needs the columns {', '.join(_NEEDED)}."
        )
    accept = _load_accept(folder / "gold_accept.csv")
    gold = []
    for number, row in enumerate(rows, start=2):
        try:
            gold.append(_gold(row, accept.get(row["file"], {})))
        except (ValueError, KeyError) as error:
            raise EchoDeskError(f"{path}, line {number}: {error}", "Correct that line.") from error
    return gold


def run_benchmark(
    folder: Path,
    *,
    input_kind: InputKind,
    workers: int = 2,
    tesseract: str = "tesseract",
    on_progress: Callable[[int, int], None] | None = None,
) -> BenchmarkResult:
    """Read every report of the folder in one form and score it; reports without that form are an error by name."""
    gold = load_gold(folder)
    jobs = [(item.name, _sources(folder, item.name, input_kind)) for item in gold]
    absent = [name for name, sources in jobs if not sources]
    if absent:
        raise EchoDeskError(
            f"{absent[0]} has no {input_kind} input in {folder} ({len(absent)} such)",
            "Check the folder's images/ and text/.",
        )
    readings = _read_all(
        [sources for _, sources in jobs],
        workers=1 if input_kind == "text" else workers,
        tesseract=tesseract,
        on_progress=on_progress,
    )
    pairs = list(zip(gold, readings, strict=True))
    strata = sorted({item.stratum for item in gold})
    return BenchmarkResult(
        input_kind=input_kind,
        overall=score(pairs),
        real=score([pair for pair in pairs if not pair[0].is_synthetic]),
        synthetic=score([pair for pair in pairs if pair[0].is_synthetic]),
        by_stratum={name: score([pair for pair in pairs if pair[0].stratum == name]) for name in strata},
        quotes_not_in_text=_quotes_not_in_text(folder, pairs) if input_kind == "text" else 0,
    )  # fmt: skip


def _read_all(
    jobs: Sequence[Sequence[Path]],
    *,
    workers: int,
    tesseract: str,
    on_progress: Callable[[int, int], None] | None,
) -> list[Reading]:
    readings: list[Reading] = []
    if workers <= 1:
        for job in jobs:
            readings.append(_read_one(job, tesseract))
            if on_progress:
                on_progress(len(readings), len(jobs))
        return readings
    with ProcessPoolExecutor(max_workers=workers, initializer=_one_thread_each) as pool:
        for reading in pool.map(_read_one, jobs, [tesseract] * len(jobs)):
            readings.append(reading)
            if on_progress:
                on_progress(len(readings), len(jobs))
    return readings


def _one_thread_each() -> None:
    """Several workers share the cores; Tesseract's own threads would only fight over them."""
    import os

    os.environ["OMP_THREAD_LIMIT"] = "1"


def _read_one(sources: Sequence[Path], tesseract: str) -> Reading:
    from labeling.pages import Page, PageLimits, open_pages

    reader = RulesReader(tesseract=tesseract)
    if sources[0].suffix == ".txt":
        return reader.read_text(sources[0].read_text(encoding="utf-8"))
    limits = PageLimits()
    images = [page.image for source in sources for page in open_pages(source, limits)]
    return reader.read_pages([Page(number=index, image=image) for index, image in enumerate(images, start=1)])


def _sources(folder: Path, name: str, input_kind: InputKind) -> list[Path]:
    if input_kind == "text":
        path = folder / "text" / name
        return [path] if path.is_file() else []
    stem = Path(name).stem
    found = (folder / "images" / input_kind).glob(f"{stem}_p*.*")
    return sorted(found, key=lambda path: int(path.stem.rsplit("_p", 1)[1]))


def _gold(row: dict[str, str], accept: dict[str, set[str]]) -> Gold:
    ef = float(row["ef_value"]) if row["ef_value"] else None
    findings = Findings(
        ef_percent=ef,
        ef_operator=EfOperator(row["ef_operator"] or "=") if ef is not None else None,
        ef_state=EfState.STATED if ef is not None else EfState.NOT_STATED,
        rwma=_RWMA[row["rwma_present"]],
        rwma_severity=RwmaSeverity(row["rwma_severity"]),
        pah=Pah(row["pah"]),
        rvsp_mmhg=float(row["rvsp_mmhg"]) if row["rvsp_mmhg"] else None,
    )
    notes = row["notes"]
    return Gold(
        name=row["file"],
        findings=findings,
        accept=accept,
        stratum=row["report_type"],
        is_synthetic="[SYNTHETIC]" in notes or "[TEMPLATE]" in notes,
        is_global_only="[GLOBAL_ONLY]" in notes,
        is_number_only="[NUMERIC_ONLY_PAP]" in notes,
    )


_ACCEPT_FIELD = {"ef_value": "ef_percent", "rwma_present": "rwma"}


def _load_accept(path: Path) -> dict[str, dict[str, set[str]]]:
    accept: dict[str, dict[str, set[str]]] = {}
    if not path.is_file():
        return accept
    with path.open(newline="", encoding="utf-8-sig") as handle:
        for row in csv.DictReader(handle):
            name = _ACCEPT_FIELD.get(row["field"], row["field"])
            value = row["also_accept"]
            value = str(_RWMA[value]) if name == "rwma" else value
            accept.setdefault(row["file"], {}).setdefault(name, set()).add(value)
    return accept


def _quotes_not_in_text(folder: Path, pairs: Iterable[tuple[Gold, Reading]]) -> int:
    """Evidence quotes that are not verbatim in their text, white space aside; should be none."""
    missing = 0
    for gold, reading in pairs:
        text = " ".join((folder / "text" / gold.name).read_text(encoding="utf-8").split())
        missing += sum(item.quote not in text for item in reading.evidence.values())
    return missing
