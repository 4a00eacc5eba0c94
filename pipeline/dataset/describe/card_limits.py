"""What a snapshot cannot show, said plainly: the limits that hold for all of them and those of this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from db.fields.strata import EF_STRATA
from db.markdown import counted, plain
from pipeline.dataset.certificate import certificate_of
from pipeline.dataset.describe import brought_in
from pipeline.dataset.frozen import Frozen

_FEW_ROWS: Final = 30

ALWAYS: Final = (
    "A label says what the report says. Whether the report is right about the heart is not known here; "
    "echo readings differ between readers, and no second echo stands behind them.",
    "Not stated is not absent. Leaving such rows out, or counting them as absent, changes every prevalence.",
    "Pulmonary hypertension is the printed word. Laboratories grade the same pressure differently; the "
    "pressure is kept apart and no grade is derived from it unless a column says so.",
    "Age, sex, device and treatment are not recorded, so nothing can be said about balance across them. "
    "There are no ages, so none had to be grouped.",
    "Cases are those that were sent in with a report, not a random sample of any population.",
    "ECG and echo may lie days apart; see days_between. The heart may have changed in between.",
    "Rows are re-keyed and dates shifted. That lowers the risk of recognising somebody; it does not remove "
    "it. Keep the data as you would keep patient records.",
)


def known_limits(frozen: Frozen) -> str:
    """Known limits, as a list."""
    return "\n".join(f"* {plain(one)}" for one in limits(frozen))


def limits(frozen: Frozen) -> list[str]:
    """Every limit as one paragraph of plain text; those of this snapshot first."""
    return [*_of_this_one(frozen), *(brought_in.limits(frozen) if frozen.brought else ALWAYS)]


def _of_this_one(frozen: Frozen) -> Iterator[str]:
    rows = len(frozen.labels)
    if frozen.is_synthetic:
        yield (
            "Everything is synthetic. It serves to try programs; "
            "it shows nothing about patients or real reports."
        )
    made = certificate_of(frozen.quality, rows)
    if not made["is_certified"]:
        yield made["statement"]
    for check in frozen.checks:
        if check.is_overridden:
            yield f"The check {check.name} failed and was overridden: {check.sentence}."
    yield from _about_rows(frozen, rows)
    withheld = frozen.counts.get("lv_function_withheld", 0)
    if withheld:
        yield (
            f"The report's words for left ventricular function are left out of {counted(withheld, 'row')}, "
            "because they hold words that are not known to be harmless."
        )
    images = frozen.counts.get("images", 0)
    if frozen.pairs and not images:
        yield "No pictures are in the folder; the pairs say which photographs there are, not what they show."
    if frozen.left_out:
        left_out = sum(frozen.left_out.values())
        yield (
            f"{counted(left_out, 'picture')} could not be masked and checked and were left out; "
            "what is there may not be a random part."
        )
    if frozen.has_notes:
        yield "The annotators' notes are included. They are free text and may name somebody."


def _about_rows(frozen: Frozen, rows: int) -> Iterator[str]:
    small = [
        f"{name.replace('_', ' ')} {number}"
        for name in EF_STRATA
        if (number := sum(row["ef_stratum"] == name for row in frozen.labels)) < _FEW_ROWS
    ]
    if small:
        listed = ", ".join(small)
        yield f"Fewer than {_FEW_ROWS} labels in these bands, too few for figures within them: {listed}."
    if not frozen.brought:
        yield from _about_readings(frozen, rows)


def _about_readings(frozen: Frozen, rows: int) -> Iterator[str]:
    alone = sum(row["status"] == "single" for row in frozen.labels)
    if alone:
        yield f"{alone:,} of {rows:,} labels rest on one person's reading."
    shown = sum(row["arm"] == "shown" for row in frozen.labels)
    if shown:
        yield (
            f"{shown:,} of {rows:,} labels were decided with the draft in sight, "
            "which pulls people towards it."
        )
    sites = {row["site"] for row in frozen.labels}
    if len(sites) < 3:
        yield (
            f"The reports come from {counted(len(sites), 'site')}; "
            "nothing shows how other places word theirs."
        )
