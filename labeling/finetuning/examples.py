"""Reviewed records -> training examples: the pages of a report and the answer a person stands behind.

Records whose last word is a flag or a skip are left out, and so is everything nobody has decided. What a
person called unreadable stays unreadable: saying so is an answer, too. Nothing here writes report text to a
log or an error.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from db.errors import EchoDeskError
from db.fields.names import FIELDS, PAH_DERIVED
from db.labels import Findings, Rwma
from labeling.finetuning.quotes import Quotes, corrected_fields, printed_range, quotes_of
from labeling.readers.answer_schema import QUOTE_KEYS
from labeling.readers.parse import AnswerError, answer_text, parse_answer

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.label_view import CurrentLabel
    from db.store.engine import Database
    from db.store.images import ImageStore
    from db.tables.drafts import Draft
    from labeling.pages.page import Page
    from labeling.readers.base import Reading

    ReadAgain = Callable[[Sequence[Page]], Reading]


@dataclass(frozen=True)
class TrainingExample:
    """One reviewed report.

    Attributes:
        patient_key: keyed hash of the patient.
        images: SHA-256 of the stored page images, in order.
        findings: what the person decided.
        answer: the text the model should print; report text, so it belongs in memory and nowhere else.
        untaught: character spans of `answer` that nobody vouches for (a quote that was not found, walls the
            person was not asked about). They are part of the text and left out of the loss.
        corrected: fields the person changed.
        quote_origin: field -> where its quote came from, see `labeling/finetuning/quotes.py`.
        codebook_version: of the vocabulary the person decided by.
    """

    case_id: int
    review_id: int
    patient_key: str
    images: tuple[str, ...]
    findings: Findings
    answer: str
    untaught: tuple[tuple[int, int], ...] = ()
    corrected: tuple[str, ...] = ()
    quote_origin: Mapping[str, str] = field(default_factory=dict)
    is_synthetic: bool = False
    codebook_version: str = ""


@dataclass(frozen=True)
class ReviewedSet:
    """All examples of a workspace, by review number, and what was left out: reason -> how many records."""

    examples: tuple[TrainingExample, ...]
    left_out: Mapping[str, int]
    is_synthetic: bool

    @property
    def data_sha256(self) -> str:
        """Hash over review numbers and content: equal exactly when the training data are."""
        digest = hashlib.sha256()
        for example in self.examples:
            row = [example.review_id, example.images, example.answer, example.untaught]
            digest.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        return digest.hexdigest()


def reviewed_examples(
    database: Database,
    store: ImageStore,
    *,
    read_again: ReadAgain | None = None,
    only_synthetic: bool | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> ReviewedSet:
    """Every decided record as an example; reports are read only for quotes that no draft can supply.

    Args:
        read_again: the rules on the page's words; None leaves such quotes unknown.
        only_synthetic: True or False takes one kind of record; None takes all, which must then be of one
            kind.
        on_progress: called with (records done, records in all).

    Raises:
        EchoDeskError: real and made-up records would mix, or a stored page is missing or damaged.
    """
    with database.read() as session:
        labels, left_out = _decided(session)
    kept = [label for label in labels if only_synthetic is None or label.is_synthetic is only_synthetic]
    left_out["of the other kind"] += len(labels) - len(kept)
    _refuse_mixture(kept)
    examples = []
    for number, label in enumerate(sorted(kept, key=lambda label: label.review_id), start=1):
        example = _example(database, store, label, read_again)
        if example is None:
            left_out["contradicts itself"] += 1
        else:
            examples.append(example)
        if on_progress is not None:
            on_progress(number, len(kept))
    return ReviewedSet(
        tuple(examples),
        {name: n for name, n in left_out.items() if n},
        any(label.is_synthetic for label in kept),
    )


def open_pages_of(store: ImageStore, example: TrainingExample) -> list[Page]:
    """The page images of an example, as every reader gets them.

    Raises:
        EchoDeskError: one is missing or damaged.
    """
    from labeling.apart.pages import stored_page
    from labeling.pages.page import Page

    try:
        return [
            Page(number, stored_page(store, sha256)) for number, sha256 in enumerate(example.images, start=1)
        ]
    except Exception as error:  # noqa: BLE001 - a damaged file makes a decoder raise anything at all
        raise EchoDeskError(
            f"a stored page of case {example.case_id} is missing or damaged ({type(error).__name__})",
            "Take its file in again: echodesk intake FILE.",
        ) from None


def _decided(session: Session) -> tuple[list[CurrentLabel], Counter[str]]:
    """Labels whose case was not flagged or skipped afterwards, and how many cases were left out and why."""
    from sqlmodel import col, func, select

    from db.decisions import Decision
    from db.label_view import current_labels
    from db.tables.cases import Case
    from db.tables.reviews import Review

    newest = select(func.max(col(Review.id))).group_by(col(Review.case_id))
    open_again = set(
        session.exec(
            select(Review.case_id).where(
                col(Review.id).in_(newest),
                col(Review.decision).in_([Decision.FLAG.value, Decision.SKIP.value]),
            )
        )
    )
    cases = session.exec(select(func.count()).select_from(Case)).one()
    labels = [label for label in current_labels(session) if label.case_id not in open_again]
    return labels, Counter(
        {"flagged or skipped": len(open_again), "not decided": cases - len(labels) - len(open_again)}
    )


def _refuse_mixture(labels: Sequence[CurrentLabel]) -> None:
    kinds = Counter(label.is_synthetic for label in labels)
    if len(kinds) > 1:
        raise EchoDeskError(
            f"the reviewed records mix {kinds[False]} real and {kinds[True]} made-up ones",
            "A model is taught from one kind at a time: add --only real or --only synthetic.",
        )


def _example(
    database: Database, store: ImageStore, label: CurrentLabel, read_again: ReadAgain | None
) -> TrainingExample | None:
    """The example of one label; None when its values can't stand in one answer together."""
    from db.cases import case_images
    from db.decisions import ImageRole

    with database.read() as session:
        shown, others = _drafts(session, label)
        images = tuple(
            image.sha256 for image in case_images(session, case_id=label.case_id, role=ImageRole.REPORT)
        )
    bare = TrainingExample(
        label.case_id, label.review_id, label.patient_key, images, label.findings, answer=""
    )

    def read() -> Reading | None:
        return read_again(open_pages_of(store, bare)) if read_again is not None else None

    quotes = quotes_of(label.findings, shown=shown, others=others, read_again=read)
    printed = printed_range(quotes.words.get("rvsp_mmhg"), label.findings.rvsp_mmhg)
    answer = answer_text(label.findings, quotes.words, {"rvsp_mmhg": printed} if printed else None)
    if not says(answer, label.findings):
        return None
    return TrainingExample(
        case_id=label.case_id,
        review_id=label.review_id,
        patient_key=label.patient_key,
        images=images,
        findings=label.findings,
        answer=answer,
        untaught=_untaught(answer, quotes, label.findings, shown),
        corrected=corrected_fields(label.findings, shown),
        quote_origin=quotes.origin,
        is_synthetic=label.is_synthetic,
        codebook_version=label.codebook_version,
    )


def _drafts(session: Session, label: CurrentLabel) -> tuple[Draft | None, list[Draft]]:
    """The draft that was shown, and the others: readings of recognised words first, then the newest."""
    from sqlmodel import select

    from db.tables.drafts import Draft

    drafts = session.exec(select(Draft).where(Draft.case_id == label.case_id)).all()
    for draft in drafts:
        session.expunge(draft)
    shown = next((draft for draft in drafts if draft.id == label.draft_id), None)
    others = [draft for draft in drafts if draft is not shown]
    return shown, sorted(others, key=lambda draft: (draft.reader != "rules", -(draft.id or 0)))


def says(answer: str, findings: Findings) -> bool:
    """Whether an answer, read strictly, gives these values back; the words about LV function don't count."""
    try:
        parsed = parse_answer(answer)
    except AnswerError:
        return False
    apart = dict.fromkeys(("lv_function", *PAH_DERIVED))
    given, wanted = (one.model_copy(update=apart) for one in (parsed.findings, findings))
    return not parsed.problems and given == wanted


def _untaught(
    answer: str, quotes: Quotes, findings: Findings, shown: Draft | None
) -> tuple[tuple[int, int], ...]:
    keys = [QUOTE_KEYS[name] for name in FIELDS if name in quotes.unknown]
    # Who corrects "absent" to "present" is asked for the grade and not for the walls.
    was_present = shown is not None and shown.rwma == Rwma.PRESENT.value
    if findings.rwma is Rwma.PRESENT and not findings.rwma_walls and not was_present:
        keys.append("rwma_walls")
    return tuple(sorted(_value_span(answer, key) for key in keys))


def _value_span(answer: str, key: str) -> tuple[int, int]:
    """Where the value of one key stands in an answer of our own making."""
    start = answer.index(f'"{key}":') + len(key) + 3
    _, end = json.JSONDecoder().raw_decode(answer, start)
    return start, end


def counts_of(examples: Sequence[TrainingExample]) -> dict[str, dict[str, Any]]:
    """Field -> how many records say what, how many were corrected, and where the quotes came from."""
    counts: dict[str, dict[str, Any]] = {}
    for name in FIELDS:
        origins = Counter(example.quote_origin.get(name, "none needed") for example in examples)
        counts[name] = {
            "values": dict(
                sorted(Counter(_value_kind(example.findings, name) for example in examples).items())
            ),
            "corrected": sum(name in example.corrected for example in examples),
            "quotes": dict(sorted(origins.items())),
        }
    return counts


def _value_kind(findings: Findings, name: str) -> str:
    if name == "ef_percent":
        return findings.ef_state.value
    if name == "rvsp_mmhg":
        return "stated" if findings.rvsp_mmhg is not None else "not_stated"
    return str(getattr(findings, name).value)
