"""The dataset card: README.md of a snapshot, for people first and for hubs in its head."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Final

from db.markdown import counted, plain, table
from db.measures.proportions import wilson_share
from pipeline.dataset.describe import brought_in
from pipeline.dataset.describe.card_limits import known_limits
from pipeline.dataset.describe.card_quality import (
    agreement,
    blind_arm,
    checks,
    residual_errors,
    shortcut_probe,
    vigilance,
)
from pipeline.dataset.describe.figures import percent
from pipeline.dataset.describe.table_one import fold_table, table_one
from pipeline.dataset.frozen import Frozen
from pipeline.dataset.tables import ARMS, DECISIONS, STATUSES

_SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_STATUS_WORDS: Final = {
    "single": "one person read the report",
    "double_read": "a second person read it blindly and agreed",
    "adjudicated": "readings differed, or the record was flagged or sent back, and an adjudicator decided",
    "in_conflict": "readings differ or the label was sent back, and nobody has decided",
}


def title(frozen: Frozen) -> str:
    """What the dataset is called for people."""
    return f"EchoDesk snapshot {frozen.name}"


def summary(frozen: Frozen) -> str:
    """What it is, in a few sentences; the same in card and Croissant."""
    if frozen.brought:
        return brought_in.summary(frozen)
    counts = frozen.counts
    kind = (
        " All of it is synthetic: invented patients, printed reports and drawn ECGs."
        if frozen.is_synthetic
        else ""
    )
    return (
        f"{counted(counts['rows'], 'label')} of {counted(counts['patients'], 'patient')}, read by people "
        "from photographed echocardiography reports (ejection fraction, regional wall motion, pulmonary "
        f"hypertension), and {counted(counts['pairs'], 'pair')} of such a label with a photograph of the "
        f"patient's paper ECG. Five patient-grouped folds are given.{kind}"
    )


def card_markdown(frozen: Frozen) -> bytes:
    """README.md."""
    parts = [front_matter(frozen), f"# {plain(title(frozen))}", _opening(frozen)]
    for heading, section in _SECTIONS_BROUGHT_IN if frozen.brought else _SECTIONS:
        parts.append(f"## {heading}\n\n{section(frozen)}")
    return ("\n\n".join(parts) + "\n").encode()


def front_matter(frozen: Frozen) -> str:
    """YAML for dataset hubs: names, size, tags, and the two tables as configurations."""
    rows = len(frozen.labels)
    size = next((name for most, name in _SIZES if rows < most), "1M<n<10M")
    tags = ["echocardiography", "electrocardiogram", "ejection-fraction", "medical", "croissant"]
    tags += ["synthetic"] if frozen.is_synthetic else []
    lines = [
        "---",
        f"pretty_name: {json.dumps(title(frozen))}",
        *_licence(frozen.licence),
        "size_categories:",
        f"- {size}",
        "tags:",
        *(f"- {tag}" for tag in tags),
        "configs:",
        *_config("labels", is_default=True),
        # A table without rows is no data file to the hubs' reader.
        *(_config("pairs") if frozen.pairs else ()),
        "---",
    ]
    return "\n".join(lines)


def _licence(licence: str) -> list[str]:
    """As the hubs want it: their own list has the usual ones in small letters, and `other` for the rest."""
    if not licence:
        return ["# license: none is chosen here; whoever publishes the data adds one"]
    if licence.startswith("LicenseRef-"):
        return ["license: other", f"license_name: {licence.removeprefix('LicenseRef-').lower()}"]
    return [f"license: {licence.lower()}"]


def _config(name: str, *, is_default: bool = False) -> list[str]:
    lines = [f"- config_name: {name}", f"  data_files: data/{name}.parquet"]
    return [*lines, "  default: true"] if is_default else lines


def _opening(frozen: Frozen) -> str:
    facts = [
        _when(frozen),
        ["content", f"`{frozen.content_sha256}` (SHA-256 over everything in `data/` and `images/`)"],
        ["codebook", f"version {plain(frozen.codebook_version)}"],
        ["program", f"EchoDesk {plain(frozen.code_version)}"],
        ["chosen by", _arguments(frozen)],
        *([["licence", plain(frozen.licence)]] if frozen.licence else []),
    ]
    return f"{summary(frozen)}\n\nResearch software, not a medical device.\n\n" + table(["", ""], facts)


def _when(frozen: Frozen) -> list[str]:
    if frozen.brought:
        return ["brought in", f"{frozen.as_of:%Y-%m-%d}"]
    return ["labels state", f"as of {frozen.as_of:%Y-%m-%d %H:%M} UTC, the newest entry of the event log"]


def _arguments(frozen: Frozen) -> str:
    asked = frozen.arguments
    said = [f"--where {plain(asked['where'])}" if asked.get("where") else "every label"]
    said += [] if frozen.brought else [f"founded as {plain(asked.get('require', 'accepted'))}"]
    said += [f"pictures: {plain(asked.get('images', 'none'))}"]
    said += [f"at most {asked['max_days']} days between ECG and echo"] if "max_days" in asked else []
    said += ["with notes"] if asked.get("notes") else []
    said += ["with names of sites"] if asked.get("site_names") else []
    return "; ".join(said)


def _opened(frozen: Frozen) -> str:
    pairs = (
        'pairs = datasets.load_dataset("path/to/folder", "pairs", split="train")\n' if frozen.pairs else ""
    )
    return (
        "```python\n"
        "import datasets, pandas\n\n"
        'labels = pandas.read_parquet("data/labels.parquet")\n'
        'labels = datasets.load_dataset("path/to/folder", "labels", split="train")\n'
        f"{pairs}```\n\n"
        "The hubs' reader calls the only part `train`; the folds are in the column `fold`. Columns, units, "
        "codes and missing values are in [data_dictionary.csv](data_dictionary.csv), a machine-readable "
        "description in [croissant.json](croissant.json), hashes of all files in manifest.json: `echodesk "
        "snapshot verify` recomputes them. `data/labels.*` has one row for each case, `data/pairs.*` one "
        f"for each ECG photograph, `data/lineage.jsonl` {_behind(frozen)}."
    )


def _behind(frozen: Frozen) -> str:
    if frozen.brought:
        return "the photographs of each row"
    return "the decision, the draft and the places on the page that a row comes from"


def _table_one(frozen: Frozen) -> str:
    return (
        f"{table_one(frozen.labels)}\n\n"
        f"*Not stated* means that the {'table' if frozen.brought else 'report'} is silent, *unreadable* "
        "that nobody could read it; neither means absent. Dates are shifted back by 1 to 730 days, by "
        "another number for each patient, so their span is wider than the real one; days between two dates "
        "of one patient are as they were. Intervals: shares after Wilson, means by Student's t, medians by "
        "ranks; repeated records of a patient are counted as if independent.\n\n"
        "![Ejection fractions](plots/ef_histogram.svg)"
    )


def _flow(frozen: Frozen) -> str:
    left = frozen.registered
    rows = [["rows of the table" if frozen.brought else "registered", "", f"{left:,}"]]
    for one in frozen.exclusions:
        left -= one.cases
        rows.append([plain(one.reason), f"{one.cases:,}", f"{left:,}"])
    rows.append(["**in this snapshot**", "", f"**{len(frozen.labels):,}**"])
    said = (
        f"{table(['step', 'left out', 'left'], rows, right=(1, 2))}\n\n![Flow of "
        "records](plots/exclusion_flow.svg)"
    )
    images = frozen.counts.get("images", 0)
    if frozen.left_out:
        reasons = "; ".join(
            f"{plain(reason)}: {number:,}" for reason, number in sorted(frozen.left_out.items())
        )
        return f"{said}\n\nPictures put out: {images:,}. Pictures left out: {reasons}."
    return f"{said}\n\nPictures put out: {images:,}."


def _process(frozen: Frozen) -> str:
    rows = len(frozen.labels)
    lines: list[list[str]] = []
    for column, answers in (("status", STATUSES), ("decision", DECISIONS), ("arm", ARMS)):
        values = [row[column] for row in frozen.labels]
        for answer in answers:
            count = values.count(answer)
            lines.append([_PROCESS_WORDS[answer], f"{count:,}", percent(wilson_share(count, rows))])
        if column == "arm":
            unknown = values.count(None)
            lines.append(
                [
                    "not known whether the draft was in sight",
                    f"{unknown:,}",
                    percent(wilson_share(unknown, rows)),
                ]
            )
    people = len({row["annotator"] for row in frozen.labels})
    readers = sorted({f"{row['reader']} {row['reader_version']}".strip() for row in frozen.labels} - {""})
    return (
        "A program reads each report page and drafts the record with a confidence for each field. A person "
        "then sees the page and the draft, corrects what is wrong, and stores the record. For a random "
        "part the draft stays hidden until the person has answered. Some records are read again by another "
        "person, blindly; where the two differ, an adjudicator decides. Now and then a draft is made wrong "
        "on purpose, to see whether that is noticed; answers to those never become labels.\n\n"
        f"{counted(people, 'person')} decided the {counted(rows, 'label')} of this snapshot. Drafts were "
        f"made by: {', '.join(plain(one) for one in readers) or 'nobody'}.\n\n"
        + table(["", "n", "share of labels (95 % interval)"], lines, right=(1,))
    )


_PROCESS_WORDS: Final = {
    **_STATUS_WORDS,
    "accept": "the draft stood",
    "correct": "the draft was corrected",
    "shown": "draft in sight from the start",
    "hidden": "draft hidden until answered",
}


def _folds(frozen: Frozen) -> str:
    return (
        f"{fold_table(frozen.labels)}\n\n"
        "All records of a patient, and pictures that look alike, share a fold. Folds are balanced by "
        "ejection-fraction band and wall motion together, then by each alone, then by site; the assignment "
        "follows from the rows alone. Percentages are of the rows where the answer is known.\n\n"
        "![Balance of the folds](plots/fold_balance.svg)"
    )


def _citing(frozen: Frozen) -> str:
    return (
        "See [CITATION.cff](CITATION.cff). Name the snapshot and the first twelve digits of its content: "
        f"{plain(frozen.name)}, `{frozen.content_sha256[:12]}`."
    )


Section = Callable[[Frozen], str]
_SECTIONS: Final[Sequence[tuple[str, Section]]] = (
    ("How many labels may still be wrong", residual_errors),
    ("Table 1", _table_one),
    ("Flow of records", _flow),
    ("How the labels were made", _process),
    ("Agreement of readers", agreement),
    ("Vigilance", vigilance),
    ("With and without the draft in sight", blind_arm),
    ("Folds", _folds),
    ("Checks before freezing", checks),
    ("Shortcuts in the photographs", shortcut_probe),
    ("Known limits", known_limits),
    ("Open it", _opened),
    ("Cite it", _citing),
)
# Of labels that nobody read here there is nothing to tell of readers.
_SECTIONS_BROUGHT_IN: Final[Sequence[tuple[str, Section]]] = (
    ("How many labels may still be wrong", residual_errors),
    ("How the labels came in", brought_in.process),
    ("Table 1", _table_one),
    ("Flow of records", _flow),
    ("Folds", _folds),
    ("Checks before freezing", checks),
    ("Shortcuts in the photographs", shortcut_probe),
    ("Known limits", known_limits),
    ("Open it", _opened),
    ("Cite it", _citing),
)
