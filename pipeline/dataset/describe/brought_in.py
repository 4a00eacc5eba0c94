"""What card and Croissant say of labels that came in with a table: nobody drafted or reviewed them here.

There is no agreement, no vigilance and no certificate to tell of such labels, so none is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from db.markdown import counted, plain, table, words
from pipeline.dataset.frozen import Frozen

# Why there is no certificate, as the end of “Not certified: ”.
WHY_NOT_CERTIFIED: Final = (
    "the labels came in with a table as they are, and none was read or reviewed in EchoDesk"
)

MEANINGS: Final = {
    "labels": "one record for each row of the table: what it says, and its fold",
    "pairs": "one record for each ECG photograph, with the label of its row",
}

LIMITS: Final = (
    "A label says what the table says. Where the table has it from, who read the echo, whether one or "
    "several people did, and how many of its labels are wrong, is not known here.",
    "Not stated is not absent. Leaving such rows out, or counting them as absent, changes every prevalence.",
    "Records are those that the table lists, not a random sample of any population.",
    "Rows are of one patient where the table gives one id. An id that stands for two people, or two ids for "
    "one, is seen only where a photograph, a sex or an answer contradicts it.",
    "ECG and echo may lie days apart; see days_between. The heart may have changed in between.",
    "Rows are re-keyed and dates shifted. That lowers the risk of recognising somebody; it does not remove "
    "it. Keep the data as you would keep patient records.",
)


def summary(frozen: Frozen) -> str:
    """What it is, in a few sentences."""
    counts = frozen.counts
    kind = " All of it is synthetic: the patients are invented." if frozen.is_synthetic else ""
    return (
        f"{counted(counts['rows'], 'label')} of {counted(counts['patients'], 'patient')}, brought in from a "
        "table of echocardiography findings as they are (not read or reviewed in EchoDesk), and "
        f"{counted(counts['pairs'], 'pair')} of such a label with a photograph of the patient's paper ECG. "
        f"Five patient-grouped folds are given.{kind}"
    )


def process(frozen: Frozen) -> str:
    """How the labels came in, and what was taken as what."""
    said = (
        "The labels came in with a table, row by row. **No program drafted them from a report, nobody read, "
        "corrected or reviewed them in EchoDesk, and no report page stands behind them here.** So nothing "
        "is known of agreement between readers, of how often wrong values are noticed, or of how many labels "
        "are wrong, and this card has no such figures. How the labels were made before is for whoever made "
        "the table to say.\n\n"
        "Words had to be known ones and numbers in range; rows that were not are left out or stopped the "
        "freeze. Nothing was filled in."
    )
    brought = frozen.brought
    if brought is None or not brought.taken:
        return said
    rows = [
        [f"`{one.column}`", plain(one.written) or "(empty)", words(one.taken), f"{one.rows:,}"]
        for one in brought.taken
    ]
    headings = ["column", "written", "taken as", "rows of the table"]
    return f"{said}\n\n{table(headings, rows, right=(3,))}\n\nTable: SHA-256 `{brought.table_sha256}`."


def limits(frozen: Frozen) -> Iterator[str]:
    """What holds for every such snapshot, and what of this one follows from its columns."""
    there = {column.name for column in (frozen.brought.columns if frozen.brought else ())}
    absent = [word for name, word in (("age_years", "age"), ("sex", "sex"), ("device", "device"))
              if name not in there]  # fmt: skip
    if absent:
        listed = " and ".join(filter(None, [", ".join(absent[:-1]), absent[-1]]))
        yield f"The table has no column of {listed}, so nothing can be said about balance across it."
    if not any(row["report_date"] for row in frozen.labels):
        yield "No row has a date of the echo: how far apart ECG and echo are is not known."
    yield from LIMITS


def responsible(frozen: Frozen) -> dict[str, Any]:
    """The rai: fields that speak of how labels are made."""
    return {
        "dataCollection": "A table of echocardiography findings and photographs of paper ECGs were taken in. "
        "How the findings were made is not known to EchoDesk.",
        "dataCollectionType": ["Secondary Data Analysis"],
        "dataCollectionRawData": "A table, and photographed or scanned ECGs"
        + (", all synthetic." if frozen.is_synthetic else "; they stay where they were taken in."),
        "dataCollectionMissingData": "not_stated (the table is silent) and unreadable are answers of their "
        "own, apart from absent; empty cells are explained column by column.",
        "dataAnnotationProtocol": [
            "None in EchoDesk: the labels came in as they are and were not read, drafted or reviewed here."
        ],
        "dataAnnotationPlatform": [],
        "annotationsPerItem": "",
        "annotatorDemographics": [],
        "machineAnnotationTools": [],
        "dataBiases": ["Only patients whom the table lists and who have an ECG photograph."],
    }
