"""The five looks of a demo report: one module each, all `print_report(report, rng) -> Sheet`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.demo.layouts import discharge_summary, fax, indian_table, two_column, typed_letter
from pipeline.demo.layouts.sheet import Sheet
from pipeline.demo.report import Report

_PRINTERS: dict[str, Callable[[Report, np.random.Generator], Sheet]] = {
    "typed_letter": typed_letter.print_report,
    "indian_table": indian_table.print_report,
    "two_column": two_column.print_report,
    "fax": fax.print_report,
    "discharge_summary": discharge_summary.print_report,
}


def print_report(report: Report, rng: np.random.Generator) -> Sheet:
    """Print a report in the layout its plan names, feet included."""
    sheet = _PRINTERS[report.plan.layout](report, rng)
    sheet.finish()
    return sheet
