"""The truth of a benchmark folder: `gold.csv` with texts and page images, or a demo cohort's `truth.jsonl`.

A folder with `gold.csv` also holds, optionally, `gold_accept.csv`, and `text/NNN.txt` and
`images/<condition>/NNN_pK.jpg`; the page images of one text are one report. A cohort's `truth.jsonl` names
its page images itself and says under which condition each report was captured. `docs/benchmark.md` has the
columns.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from db.errors import EchoDeskError
from db.labels import EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from labeling.benchmark.scoring import Gold

InputKind = Literal["text", "clean", "phone", "harsh", "pages"]

GOLD_FILE = "gold.csv"
TRUTH_FILE = "truth.jsonl"

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
class GoldReport:
    """One report to read: its truth, and its page images in order or its text."""

    gold: Gold
    pages: tuple[Path, ...] = ()
    text: str | None = None


def gold_reports(folder: Path, input_kind: InputKind, *, is_read_elsewhere: bool = False) -> list[GoldReport]:
    """The reports of a folder in one form, with their truth, in the order of its table.

    Of a demo cohort `clean`, `phone` and `harsh` are the reports captured that way, `pages` all of them.

    Args:
        is_read_elsewhere: only the truth is needed; a report's text or pictures may be missing here.

    Raises:
        EchoDeskError: there is no table, a line of it makes no sense, or a report isn't there in this form.
    """
    if not is_cohort(folder):
        return _reports_of_table(folder, input_kind, is_read_elsewhere)
    lines = _truth_lines(folder)
    found = [
        report for line in lines if (report := _cohort_report(folder, line, input_kind, is_read_elsewhere))
    ]
    if not found:
        raise EchoDeskError(
            f"no report in {folder} was captured as {input_kind}", "Use --input pages for all of them."
        )
    return found


def is_cohort(folder: Path) -> bool:
    """Whether the truth is a demo cohort's; there the truth of a text and of its photograph can differ."""
    return not (folder / GOLD_FILE).is_file() and (folder / TRUTH_FILE).is_file()


def load_gold(folder: Path) -> list[Gold]:
    """The truth of a folder with `gold.csv`, one entry a report, in file order.

    Raises:
        EchoDeskError: `gold.csv` is missing, lacks a column, or holds a value the vocabulary does not know.
    """
    path = folder / GOLD_FILE
    if not path.is_file():
        raise EchoDeskError(
            f"{path} is missing", "Give the folder that holds gold.csv and text/ or images/, or truth.jsonl."
        )
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


def _reports_of_table(folder: Path, input_kind: InputKind, is_read_elsewhere: bool) -> list[GoldReport]:
    if input_kind == "pages":
        raise EchoDeskError(
            "--input pages is for a cohort with truth.jsonl", "Name the kind of image: clean, phone or harsh."
        )
    found = [(gold, _report_of(folder, gold, input_kind)) for gold in load_gold(folder)]
    absent = [gold.name for gold, report in found if report is None]
    if absent and not is_read_elsewhere:
        raise EchoDeskError(
            f"{absent[0]} has no {input_kind} input in {folder} ({len(absent)} such)",
            "Check the folder's images/ and text/.",
        )
    return [report or GoldReport(gold) for gold, report in found]


def _report_of(folder: Path, gold: Gold, input_kind: InputKind) -> GoldReport | None:
    if input_kind == "text":
        path = folder / "text" / gold.name
        return GoldReport(gold, text=path.read_text(encoding="utf-8")) if path.is_file() else None
    found = list((folder / "images" / input_kind).glob(f"{Path(gold.name).stem}_p*.*"))
    pages = sorted(found, key=lambda path: int(path.stem.rsplit("_p", 1)[1]))
    return GoldReport(gold, tuple(pages)) if pages else None


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


def _truth_lines(folder: Path) -> list[dict[str, Any]]:
    path = folder / TRUTH_FILE
    lines = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            lines.append(_checked(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise EchoDeskError(
                f"{path}, line {number} is not a line of a cohort's truth ({type(error).__name__})",
                "Make the cohort again with `echodesk demo`.",
            ) from None
    return lines


def _checked(line: dict[str, Any]) -> dict[str, Any]:
    """The line with its records made; raises where a key is missing or a value unknown."""
    needed = ("patient_id", "reports", "condition", "layout", "traps", "text")
    return {
        **{name: line[name] for name in needed},
        **{name: Findings.model_validate(line[name]) for name in ("findings", "printed")},
        "accept": {field: {str(value) for value in values} for field, values in line["also_accept"].items()},
    }


def _cohort_report(
    folder: Path, line: dict[str, Any], input_kind: InputKind, is_read_elsewhere: bool
) -> GoldReport | None:
    """One cohort report; None where it was captured in another way."""
    is_text = input_kind == "text"
    if not is_text and input_kind not in ("pages", line["condition"]):
        return None
    gold = Gold(
        name=line["patient_id"],
        # A photograph nobody can read has "unreadable" for its truth; its text does not.
        findings=line["printed"] if is_text else line["findings"],
        accept=line["accept"],
        stratum=line["layout"],
        is_synthetic=True,
        is_global_only="global_only_hypokinesia" in line["traps"],
        is_number_only="rvsp_only" in line["traps"],
    )
    if is_text:
        return GoldReport(gold, text=line["text"])
    pages = tuple(folder / name for name in line["reports"])
    absent = [page for page in pages if not page.is_file()]
    if (absent or not pages) and not is_read_elsewhere:
        raise EchoDeskError(
            f"{line['patient_id']} has no page image in {folder}",
            "Make the cohort again with `echodesk demo`.",
        )
    return GoldReport(gold, pages)
