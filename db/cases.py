"""Cases and their pictures: registered once, found again by the report they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from db.decisions import ImageRole
from db.events import append_event, lock_chain
from db.files.manifest import sha256_of
from db.queue.items import reorder_case
from db.queue.known import known_case
from db.store.images import StoredImage
from db.tables.cases import Case, CaseImage, Image, ImageOrigin, NearDuplicate
from db.tables.consent import WithdrawnCase

# Put together once: that takes many times as long as asking it.
_IMAGES = (
    select(Image)
    .join(CaseImage, col(CaseImage.image_sha256) == Image.sha256)
    .where(CaseImage.case_id == bindparam("case_id"), CaseImage.role == bindparam("role"))
    .order_by(col(CaseImage.position))
)


def report_identity(images: Sequence[StoredImage | Image]) -> str:
    """SHA-256 over the page hashes in order: what makes two reports the same report."""
    return sha256_of("\n".join(image.sha256 for image in images).encode())


def find_case(session: Session, *, report_sha256: str) -> Case | None:
    """The case with exactly this report, or None."""
    return session.exec(select(Case).where(Case.report_sha256 == report_sha256)).first()


def patient_of_report(session: Session, *, originals: Sequence[str]) -> str | None:
    """The key of the patient whose report these files are, by their SHA-256s in order; None where none is."""
    images = [image for one in originals for image in images_of_original(session, original_sha256=one)]
    case = find_case(session, report_sha256=report_identity(images)) if images else None
    return case.patient_key if case is not None else None


def get_case(session: Session, *, case_id: int) -> Case | None:
    """The case with this number, or None."""
    return session.get(Case, case_id)


def is_taken_out(session: Session, *, case_id: int) -> bool:
    """Whether there was a case with this number, and its patient withdrew their consent."""
    return session.get(Case, case_id) is None and session.get(WithdrawnCase, case_id) is not None


def patient_keys(session: Session) -> set[str]:
    """The keys of all registered patients."""
    return set(session.exec(select(Case.patient_key).distinct()))


def site_names(session: Session) -> list[str]:
    """The sites of all cases, in the order they were first seen."""
    first = select(Case.site).where(Case.site != "").group_by(col(Case.site)).order_by(func.min(Case.id))
    return list(session.exec(first))


def images_of_original(session: Session, *, original_sha256: str) -> list[Image]:
    """The stored pictures an original's bytes became, one for each of its pages, in page order.

    Two pages that look exactly alike give the same picture twice; empty when the original is new.
    """
    found = select(Image).join(ImageOrigin, col(ImageOrigin.image_sha256) == Image.sha256)
    return list(
        session.exec(
            found.where(ImageOrigin.original_sha256 == original_sha256).order_by(col(ImageOrigin.page))
        )
    )


def register_case(
    session: Session,
    *,
    patient_key: str,
    site: str,
    is_synthetic: bool,
    report_images: Sequence[StoredImage],
    ecg_images: Sequence[StoredImage],
    report_date: date | None,
    ecg_date: date | None,
    now: datetime,
    actor: str = "intake",
    layout: str = "",
) -> tuple[Case, bool]:
    """Register one patient's pictures as a case, with its event.

    A report that is already registered is not registered again; new ECG pictures of the same patient are
    added to its case.

    Args:
        patient_key: keyed hash, 64 hex characters.
        report_images, ecg_images: already in the image store, in page order.
        layout: the name of the report form, where it is known.

    Returns:
        the case, and whether it is new.

    Raises:
        ValueError: when there is no report picture.
    """
    if not report_images:
        raise ValueError("a case needs at least one report picture")
    lock_chain(session)
    identity = report_identity(report_images)
    known = find_case(session, report_sha256=identity)
    if known is not None:
        _remember_origins(session, report_images)
        if known.patient_key == patient_key:
            _add_ecgs(session, known, ecg_images, now=now, actor=actor)
        return known, False
    case = Case(
        patient_key=patient_key,
        report_sha256=identity,
        site=site,
        layout=layout,
        is_synthetic=is_synthetic,
        report_date=report_date,
        ecg_date=ecg_date,
        created_at=now,
    )
    session.add(case)
    session.flush()
    _attach(session, case, ImageRole.REPORT, report_images, first=1, now=now)
    _attach(session, case, ImageRole.ECG, ecg_images, first=1, now=now)
    _announce(session, case, report_images, ecg_images, now=now, actor=actor)
    return case, True


def _announce(
    session: Session,
    case: Case,
    reports: Sequence[StoredImage],
    ecgs: Sequence[StoredImage],
    *,
    now: datetime,
    actor: str,
) -> None:
    append_event(
        session,
        kind="case_registered",
        actor=actor,
        subject=f"case:{case.id}",
        payload={
            "patient_key": case.patient_key,
            "report_sha256": case.report_sha256,
            "is_synthetic": case.is_synthetic,
            "report_images": [image.sha256 for image in reports],
            "ecg_images": [image.sha256 for image in ecgs],
        },
        now=now,
    )


def _attach(
    session: Session,
    case: Case,
    role: ImageRole,
    images: Sequence[StoredImage],
    *,
    first: int,
    now: datetime,
) -> None:
    for image in images:
        if session.get(Image, image.sha256) is None:
            session.add(
                Image(
                    sha256=image.sha256,
                    original_sha256=image.original_sha256,
                    page=image.page,
                    width_px=image.width_px,
                    height_px=image.height_px,
                    byte_count=image.byte_count,
                    media_type=image.media_type,
                    perceptual_hash=image.perceptual_hash,
                    created_at=now,
                )
            )
            session.flush()
    _remember_origins(session, images)
    for position, image in enumerate(images, start=first):
        session.add(
            CaseImage(
                case_id=int(case.id or 0), image_sha256=image.sha256, role=role.value, position=position
            )
        )
    session.flush()


def _remember_origins(session: Session, images: Sequence[StoredImage]) -> None:
    for image in images:
        if session.get(ImageOrigin, (image.original_sha256, image.page)) is None:
            session.add(
                ImageOrigin(original_sha256=image.original_sha256, page=image.page, image_sha256=image.sha256)
            )
            session.flush()


def _add_ecgs(
    session: Session, case: Case, images: Sequence[StoredImage], *, now: datetime, actor: str
) -> None:
    present = case_images(session, case_id=int(case.id or 0), role=ImageRole.ECG)
    known = {image.sha256 for image in present}
    new = [image for image in images if image.sha256 not in known]
    if not new:
        return
    _attach(session, case, ImageRole.ECG, new, first=len(present) + 1, now=now)
    append_event(
        session,
        kind="ecg_added",
        actor=actor,
        subject=f"case:{case.id}",
        payload={"ecg_images": [image.sha256 for image in new]},
        now=now,
    )


def case_images(session: Session, *, case_id: int, role: ImageRole) -> list[Image]:
    """A case's pictures of one kind, in page order."""
    known = known_case(session, case_id)
    if known is not None and known.pages is not None and role is ImageRole.REPORT:
        return known.pages
    return list(session.exec(_IMAGES, params={"case_id": case_id, "role": role.value}))


def set_priority(
    session: Session, *, case_id: int, priority: float, reason: str, actor: str, now: datetime
) -> None:
    """Move a case forward (higher) or back in the review queue; labels are not touched.

    Args:
        reason: in words of the program. The log keeps it for good, so never words about the patient.

    Raises:
        ValueError: when there is no such case.
    """
    lock_chain(session)
    case = session.get(Case, case_id)
    if case is None:
        raise ValueError(f"there is no case {case_id}")
    case.priority = priority
    session.flush()
    append_event(
        session,
        kind="priority_set",
        actor=actor,
        subject=f"case:{case_id}",
        payload={"priority": priority, "reason": reason},
        now=now,
    )
    reorder_case(session, case_id=case_id)


def near_duplicates(session: Session, *, perceptual_hash: str, max_bits: int) -> list[Image]:
    """Stored pictures that look like this one, nearest first; a stored picture is its own neighbour.

    One pass over all hashes, about 20 ms at 10,000 pictures. A page without ink looks like nothing.

    Args:
        max_bits: greatest distance that still counts; `db.store.images.NEAR_DUPLICATE_BITS` was measured.
    """
    from db.fingerprints import distances

    if not int(perceptual_hash, 16):
        return []
    # Two long strings instead of many rows: three times as fast. One aggregate keeps both in one order.
    joined = [
        func.aggregate_strings(column, "") for column in (col(Image.sha256), col(Image.perceptual_hash))
    ]
    same_kind = func.length(Image.perceptual_hash) == len(perceptual_hash)
    names, hashes = session.execute(select(*joined).where(same_kind)).one()
    if not names:
        return []
    bits = distances(perceptual_hash, hashes)
    near = {
        names[64 * place : 64 * place + 64]: int(bits[place]) for place in (bits <= max_bits).nonzero()[0]
    }
    images = session.exec(select(Image).where(col(Image.sha256).in_(near))).all() if near else []
    return sorted(images, key=lambda image: (near[image.sha256], image.sha256))


def flag_near_duplicate(session: Session, *, image_a: str, image_b: str, distance_bits: int) -> bool:
    """Keep a pair of look-alikes for a person to judge, once, in either order.

    Returns:
        whether the pair is new; a picture is never its own duplicate.
    """
    first, second = sorted((image_a, image_b))
    if first == second or session.get(NearDuplicate, (first, second)) is not None:
        return False
    session.add(NearDuplicate(image_a=first, image_b=second, distance_bits=distance_bits))
    session.flush()
    return True
