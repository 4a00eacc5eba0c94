"""The rows: SQLModel tables, one module a noun. Ranges and closed lists are CHECK constraints.

No code can store what the vocabulary forbids. Drafts, reviews, extraction attempts and events are
append-only: triggers in the migrations refuse UPDATE and DELETE. The current label of a case is never stored;
it is the view `label` (see `db/reviews.py`). Times are UTC. Row models only: input is validated by
`db/labels.py` before it gets here.
"""

# A foreign key is found by the table's name, so whoever uses one table needs all of them known.
from db.tables import audits, cases, consent, drafts, events, people, practice, queue, reviews, snapshots

__all__ = [
    "audits",
    "cases",
    "consent",
    "drafts",
    "events",
    "people",
    "practice",
    "queue",
    "reviews",
    "snapshots",
]
