"""Intake: files on disk -> registered cases with their pictures in the store.

A case comes in whole or not at all: its pictures are stored first (by content, so doing it again changes
nothing), then one transaction registers it. A run that is killed leaves at most stored pictures without a
case, and the next run uses them. One page is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from db.access.own_ids import OwnIds
from db.access.patient_key import load_or_create_secret, load_secret, patient_key
from db.cases import (
    find_case,
    flag_near_duplicate,
    images_of_original,
    near_duplicates,
    patient_keys,
    register_case,
    report_identity,
    site_names,
)
from db.consent.patients import is_withdrawn, withdrawn_patients
from db.errors import EchoDeskError
from db.events import lock_chain
from db.files.manifest import hash_file
from db.progress import progress
from db.store.engine import Database
from db.store.images import NEAR_DUPLICATE_BITS, ImageStore, StoredImage, hamming_bits
from db.store.key_mark import check_key, mark_database
from db.tables.cases import Image
from db.workspace import Workspace
from labeling.apart.pages import EncodedPage, encoded_pages
from labeling.intake.foreseen import reasons
from labeling.intake.foreseen.workspaces import limits_of
from labeling.intake.patient_ids import LEAVE_OUT
from labeling.intake.plan import PlannedCase
from labeling.intake.planning import TypedPage, notes_of_names, plan_intake
from labeling.intake.report import WITHDRAWN_CODE, IntakeReport, Refused, write_refusals
from labeling.intake.sites import SiteNames
from labeling.pages.page import PageError, PageLimits

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True)
class IntakeProgress:
    """How far an intake is: cases looked at out of `total`, and what became of them so far."""

    done: int
    total: int
    registered: int
    duplicates: int
    refused: int


def intake(
    paths: Sequence[Path],
    *,
    manifest: Path | None = None,
    typed: Sequence[TypedPage] = (),
    site: str = "",
    is_synthetic: bool = False,
    workspace: Workspace,
    database: Database,
    now: datetime,
    keep_ids: bool = False,
    on_progress: Callable[[IntakeProgress], None] | None = None,
) -> IntakeReport:
    """Register every readable case under the paths; name every file that can't be taken.

    Without a manifest the files are paired by their names (`labeling/intake/pairing.py` has the rule). A
    manifest's rows may name their own `site`; `site` is for the others. `typed` says whose the files are
    whose names do not say it.

    Raises:
        EchoDeskError: the manifest as a whole is unusable, the patient key file is missing or open to others,
            or the workspace can't be written. A bad file never raises.
    """
    with database.read() as session:
        known, sites = patient_keys(session), SiteNames(site_names(session))
        withdrawn = withdrawn_patients(workspace, session)
    site = sites.of(site)
    plan = plan_intake(paths, manifest, workspace, now, sites, typed, withdrawn, known)
    cases, refused = plan.cases, plan.refused
    registration = _Registration(
        database=database,
        store=ImageStore(workspace.images),
        limits=limits_of(workspace),
        secret=patient_secret(workspace, database) if cases else b"",
        site=site,
        is_synthetic=is_synthetic,
        now=now,
        refused=refused,
        known=known,
        known_before=frozenset(known),
        unclear=frozenset((*plan.by_device, *plan.speaking)),
        own_ids=OwnIds(workspace) if keep_ids else None,
    )
    if cases:
        with database.write() as session:
            mark_database(session, registration.secret)
    for done, case in enumerate(cases, start=1):
        registration.take(case)
        if on_progress:
            on_progress(
                IntakeProgress(
                    done, len(cases), registration.registered, len(registration.duplicates), len(refused)
                )
            )
    return IntakeReport(
        registered=registration.registered,
        duplicates=len(registration.duplicates),
        near_duplicates=registration.near_duplicates,
        refused=refused,
        report_file=write_refusals(refused, workspace.reports, now),
        duplicate_files=registration.duplicates,
        not_listed=plan.not_listed,
        copies=[path for case in cases for path in case.copies],
        notes=[*plan.notes, *notes_of_names(plan)],
    )


def patient_secret(workspace: Workspace, database: Database) -> bytes:
    """The secret that patient ids are hashed with.

    A new one is made only while there are no patients hashed under a lost one, and nobody on the list of
    those who withdrew, whom another key would not find.

    Raises:
        EchoDeskError: it is lost, another one, or others than its owner may read it.
    """
    with database.read() as session:
        is_hashed = progress(session).cases > 0 or bool(withdrawn_patients(workspace, session))
        if workspace.patient_key_file.exists() or is_hashed:
            secret = load_secret(workspace.patient_key_file)
            check_key(session, secret, workspace)
            return secret
    return load_or_create_secret(workspace.patient_key_file)


@dataclass
class _Registration:
    """Takes in one case after another and keeps the counts."""

    database: Database
    store: ImageStore
    limits: PageLimits
    secret: bytes
    site: str
    is_synthetic: bool
    now: datetime
    refused: list[Refused]
    known: set[str]
    known_before: frozenset[str]
    unclear: frozenset[Path]
    own_ids: OwnIds | None = None
    registered: int = 0
    near_duplicates: int = 0
    duplicates: list[Path] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)

    def take(self, case: PlannedCase) -> None:
        """Register one case, or name why not."""
        if refused := reasons.of_its_id(case, self.secret, self.known):
            self.refused.extend(refused)
            return
        reports, bad_reports = self._store_files(case.reports, case.row)
        if bad_reports:
            self.refused.extend(reasons.of_its_pages(case, bad_reports))
            return
        if self._may_be_another(case, reports):
            self.refused.extend(reasons.may_be_another(case))
            return
        ecgs, bad_ecgs = self._store_files(case.ecgs, case.row)
        if not self._register(case, reports, ecgs):
            self.take(case)  # its pictures are gone again, with the record of another patient who withdrew
            return
        self.refused.extend(bad_ecgs)

    def _register(
        self, case: PlannedCase, reports: Sequence[StoredImage], ecgs: Sequence[StoredImage]
    ) -> bool:
        """Register a case, or name why not; False where a picture has to be stored once more."""
        key = patient_key(case.patient_id, self.secret)
        with self.database.write() as session:
            # Before it is looked up: consent is withdrawn under the same lock.
            lock_chain(session)
            if is_withdrawn(session, patient_key=key):
                self._forget(session, [*reports, *ecgs])
                reason = "this patient withdrew their consent"
                self.refused.extend(
                    Refused(path, WITHDRAWN_CODE, reason, LEAVE_OUT, case.row)
                    for path in (*case.reports, *case.ecgs)
                )
                return True
            if not all(self.store.path(image.sha256).exists() for image in (*reports, *ecgs)):
                return False
            stored, is_new = register_case(
                session,
                patient_key=key,
                site=case.site or self.site,
                layout=case.layout,
                is_synthetic=self.is_synthetic,
                report_images=reports,
                ecg_images=ecgs,
                report_date=case.report_date,
                ecg_date=case.ecg_date,
                now=self.now,
            )
            if is_new:
                pairs = self._flag_look_alikes(session, [*reports, *ecgs])
            if self.own_ids is not None and stored.patient_key == key:
                # Under the lock: whoever withdraws now comes after it, and finds the id.
                self.own_ids.keep(key, case.patient_id)
        if is_new:
            self.known.add(key)
            self.registered += 1
            self.files[report_identity(reports)] = case.reports[0]
            self.near_duplicates += pairs
        elif stored.patient_key == key:
            self.duplicates.append(case.reports[0])
        else:
            file = self.files.get(report_identity(reports))
            self.refused.extend(reasons.of_another_patient(case, file))
        return True

    def _forget(self, session: Session, images: Sequence[StoredImage]) -> None:
        """Delete pictures of a patient who withdrew while they were stored, unless a record has them."""
        for image in images:
            if session.get(Image, image.sha256) is None:
                self.store.remove(image.sha256)

    def _may_be_another(self, case: PlannedCase, reports: Sequence[StoredImage]) -> bool:
        """Whether a new report would join an earlier patient by a mere name: IMG_0001, or a person's."""
        if (
            case.reports[0] not in self.unclear
            or patient_key(case.patient_id, self.secret) not in self.known_before
        ):
            return False
        with self.database.read() as session:
            return find_case(session, report_sha256=report_identity(reports)) is None

    def _flag_look_alikes(self, session: Session, images: Sequence[StoredImage]) -> int:
        own = {image.sha256 for image in images}
        flagged = 0
        for image in images:
            for other in near_duplicates(
                session, perceptual_hash=image.perceptual_hash, max_bits=NEAR_DUPLICATE_BITS
            ):
                if other.sha256 not in own:
                    flagged += flag_near_duplicate(
                        session,
                        image_a=image.sha256,
                        image_b=other.sha256,
                        distance_bits=hamming_bits(image.perceptual_hash, other.perceptual_hash),
                    )
        return flagged

    def _store_files(self, paths: Sequence[Path], row: int | None) -> tuple[list[StoredImage], list[Refused]]:
        """Store the pages of all files that can be read, and name all that can't."""
        images: list[StoredImage] = []
        refused: list[Refused] = []
        for path in paths:
            try:
                images.extend(self._store_file(path))
            except PageError as error:
                refused.append(reasons.unreadable(path, error, row))
        return images, refused

    def _store_file(self, path: Path) -> list[StoredImage]:
        original = _file_sha256(path)
        with self.database.read() as session:
            known = images_of_original(session, original_sha256=original)
        if known and all(self.store.verify(image.sha256) for image in known):
            return [_as_stored(image, original, page) for page, image in enumerate(known, start=1)]
        return [self._store_page_whole(page, original, path) for page in encoded_pages(path, self.limits)]

    def _store_page_whole(self, page: EncodedPage, original: str, path: Path) -> StoredImage:
        """The page's picture, and beside it what its file says is printed there."""
        stored = self._store_page(page, original, path)
        if page.layer is not None:
            self.store.put_words(stored.sha256, page.layer.as_bytes())
        return stored

    def _store_page(self, page: EncodedPage, original: str, path: Path) -> StoredImage:
        stored = self._keep(page, original)
        twin = self._same_pixels_otherwise_encoded(stored)
        if twin is None:
            return stored
        # The same pixels are in the store as the other kind of file. Encode these the same way: an equal
        # hash then proves that they are the same.
        is_lossy = twin.media_type == "image/jpeg"
        (again,) = encoded_pages(path, self.limits, page=page.number, is_lossy=is_lossy)
        recoded = self._keep(again, original)
        return recoded if recoded.sha256 == twin.sha256 else stored

    def _keep(self, page: EncodedPage, original: str) -> StoredImage:
        try:
            return self.store.keep(page.encoded, original_sha256=original, page=page.number)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise EchoDeskError(
                f"a picture can't be stored in {self.store.root} ({reason})",
                "Make room or check the permissions, then run the intake again: it goes on where it stopped.",
            ) from error

    def _same_pixels_otherwise_encoded(self, stored: StoredImage) -> Image | None:
        size = (stored.width_px, stored.height_px)
        with self.database.read() as session:
            alike = near_duplicates(session, perceptual_hash=stored.perceptual_hash, max_bits=0)
        return next(
            (
                image
                for image in alike
                if image.media_type != stored.media_type and (image.width_px, image.height_px) == size
            ),
            None,
        )


def _file_sha256(path: Path) -> str:
    try:
        if not path.is_file():
            # Let the page opener say what it is instead; a pipe must not be read.
            return ""
        return hash_file(path).sha256
    except OSError as error:
        reason = f"the file can't be read ({error.strerror or type(error).__name__})"
        raise PageError(
            "unreadable", reason, "Check that you may read it and that the disk is well."
        ) from None


def _as_stored(image: Image, original: str, page: int) -> StoredImage:
    return StoredImage(
        sha256=image.sha256,
        original_sha256=original,
        page=page,
        width_px=image.width_px,
        height_px=image.height_px,
        byte_count=image.byte_count,
        media_type=image.media_type,
        perceptual_hash=image.perceptual_hash,
    )
