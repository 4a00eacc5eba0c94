"""A planned table and its photographs -> a snapshot, by the same steps as labels that were reviewed here.

Photographs are stored upright and without metadata, compared with each other, and put out masked; they lie in
a scratch folder meanwhile, of which nothing is left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.access.patient_key import patient_key
from db.errors import EchoDeskError
from db.files.whole import scratch_folder
from db.fingerprints import pairs_alike
from db.labels import CODEBOOK_VERSION
from db.store.images import NEAR_DUPLICATE_BITS, ImageStore
from labeling.intake.report import Refused
from labeling.pages.page import PageLimits
from pipeline.dataset.checks import CHECKS, Source
from pipeline.dataset.choosing import Order, RefusedError
from pipeline.dataset.describe.brought_in import WHY_NOT_CERTIFIED
from pipeline.dataset.freezing import freeze, plan
from pipeline.dataset.frozen import CheckResult, Frozen, MaskedImage, MaskImage
from pipeline.dataset.masking.patterns import KnownValues
from pipeline.dataset.own_table.agreeing import Photographed
from pipeline.dataset.own_table.answers import as_plain
from pipeline.dataset.own_table.columns import DEVICE
from pipeline.dataset.own_table.looking import CHECK, CODE
from pipeline.dataset.own_table.planning import OwnPlan
from pipeline.dataset.own_table.reading import has_people
from pipeline.dataset.own_table.row_list import ListedRow, row_list_of, write_row_list
from pipeline.dataset.own_table.storing import looked_at, stored
from pipeline.dataset.records import Brought, Collected, Exclusion, ImageRef, LabelRow, LabelStatus, TakenAs
from pipeline.dataset.rekeying import SnapshotKey
from pipeline.dataset.snapshot import PublishSnapshot, log_head, publishing, refuse_taken_name
from pipeline.dataset.tables import OF_PERSON

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace

NO_ECG: Final = "its photograph shows no ECG"
NOT_USABLE: Final = "the row cannot be used"
SAME_AGAIN: Final = "an earlier row says the same of the same photographs"
BAD_PICTURE: Final = "its photograph cannot be read"

# (SHA-256 of a stored picture -> its file, patient key -> what papers are known to say) -> what masks them.
MakeMask = Callable[[Callable[[str], Path], Mapping[str, KnownValues]], MaskImage]


class RowsRefusedError(EchoDeskError):
    """Rows of a table that can't be taken; nothing was frozen."""

    def __init__(self, refused: Sequence[Refused]) -> None:
        super().__init__(
            f"{len(refused)} rows or files of the table can't be taken, so nothing was frozen",
            "Put them right, or freeze the others and have these counted on the card: --leave-out",
        )
        self.refused = refused


@dataclass(frozen=True)
class OwnOrder:
    """What a person asked for, beyond `Order`.

    Attributes:
        is_synthetic: the patients are invented.
        leaves_out: freeze the rows that can be taken, and count the others.
        is_probed: probe the photographs for shortcuts, for the card.
    """

    order: Order
    is_synthetic: bool = False
    leaves_out: bool = False
    is_probed: bool = False


@dataclass(frozen=True)
class Made:
    """What was frozen.

    Attributes:
        refused: rows and files left out, where that was asked for.
        row_list: says which row of the table became which row of the snapshot; stays in the workspace.
        look_alikes: rows of two patients whose photographs look alike, and who share a fold for it.
    """

    frozen: Frozen
    refused: tuple[Refused, ...]
    row_list: Path
    look_alikes: tuple[tuple[int, int], ...] = ()


def as_printed(path_of: Callable[[str], Path], known: Mapping[str, KnownValues]) -> MaskImage:
    """Puts pictures out as they are: of invented patients alone."""
    del known

    def unchanged(image: ImageRef, row: LabelRow) -> MaskedImage:
        del row
        return MaskedImage(path_of(image.sha256).read_bytes(), image.media_type, "")

    return unchanged


def build_from_table(
    planned: OwnPlan,
    asked: OwnOrder,
    *,
    workspace: Workspace,
    database: Database,
    secret: bytes,
    workspace_key: bytes,
    make_mask: MakeMask | None,
    actor: str,
    now: datetime,
    on_progress: Callable[[int, int], None] | None = None,
    on_looking: Callable[[int, int], None] | None = None,
) -> Made:
    """Freeze a table into `workspace.snapshots`, and register the snapshot.

    Args:
        secret: what patient ids are hashed with. workspace_key: what the snapshot's names are made with.
        make_mask: None where no pictures are put out.
        on_progress, on_looking: called with rows whose photographs are stored, then with photographs that
            were looked at, and how many there are.

    Raises:
        RowsRefusedError: rows can't be taken, and leaving them out was not asked for.
        RefusedError: a check failed and was not overridden, the name was used before, or no row is left.
    """
    name = asked.order.name
    refuse_taken_name(database, workspace, name)
    if planned.refused and not asked.leaves_out:
        raise RowsRefusedError(planned.refused)
    _checked(planned, asked, asked.order, now)  # before the photographs are opened, which takes a while
    with scratch_folder(workspace.snapshots, f"{name}.photos") as scratch:
        store = ImageStore(scratch)
        limits = PageLimits(
            workspace.max_image_pixels, workspace.max_pages, workspace.pdf_dpi, workspace.page_s
        )
        pictures, refused = stored(planned.rows, store, limits, on_progress)
        seen = looked_at(
            planned.rows, pictures, store, takes_all=CHECK in asked.order.overrides, on_progress=on_looking
        )
        pictures, refused = seen.pictures, [*refused, *seen.refused]
        if refused and not (asked.leaves_out and pictures):
            raise RowsRefusedError([*planned.refused, *refused])
        rows = label_rows(planned, pictures, asked, secret, SnapshotKey(workspace_key, name))
        kept = [one for one in planned.rows if one.row.row in pictures]
        quality = _figures(rows, store.path, is_probed=asked.is_probed)
        known = _known(kept, secret)
        listed = row_list_of(workspace.snapshots, name)
        names = SnapshotKey(workspace_key, name)

        def publish(manifest: dict[str, Any], digest: str, rename: Callable[[], None]) -> None:
            write_row_list(listed, planned.table.sha256, _listed(kept, rows, names))
            theirs = {row.patient_key for row in rows}
            register: PublishSnapshot = publishing(database, actor, now, theirs)
            try:
                register(manifest, digest, rename)
            except RefusedError:
                listed.unlink(missing_ok=True)
                raise

        source = replace(_source(pictures), no_ecg=seen.blank)
        frozen = freeze(
            _collected(planned, rows, quality, now, log_head(database), refused),
            source,
            asked.order,
            folder=workspace.snapshots,
            workspace_key=workspace_key,
            mask=None if make_mask is None else make_mask(store.path, known),
            publish=publish,
        )
    return Made(frozen, (*planned.refused, *refused), listed, _look_alikes(kept, pictures, source))


def look_over_table(planned: OwnPlan, asked: OwnOrder, now: datetime) -> list[CheckResult]:
    """What the checks would say of the rows; photographs are not opened, so nothing is said of them.

    Raises:
        RefusedError: no row is left.
    """
    return _checked(planned, asked, replace(asked.order, overrides=tuple(CHECKS)), now)


def _checked(planned: OwnPlan, asked: OwnOrder, order: Order, now: datetime) -> list[CheckResult]:
    rows = label_rows(planned, None, asked, b"", SnapshotKey(b"", order.name))
    return plan(_collected(planned, rows, {}, now, ""), Source(), order, b"").checks


def label_rows(
    planned: OwnPlan,
    pictures: Mapping[int, tuple[ImageRef, ...]] | None,
    asked: OwnOrder,
    secret: bytes,
    names: SnapshotKey,
) -> list[LabelRow]:
    """The rows as a snapshot is frozen from them.

    Args:
        pictures: by the number of the row; rows without any are left out. None where none was opened.
    """
    columns = has_people(planned.table)
    devices = _numbered({one.row.device for one in planned.rows}, asked, names)
    rows = []
    for one in planned.rows:
        row = one.row
        if pictures is not None and row.row not in pictures:
            continue
        key = patient_key(row.patient_id, secret)
        person = {"age_years": row.age_years, "sex": row.sex, DEVICE: devices[row.device]}
        rows.append(
            LabelRow(
                case_id=record_number(key, one),
                patient_key=key,
                site=row.site,
                layout="",
                is_synthetic=asked.is_synthetic,
                report_date=row.report_date,
                ecg_date=row.ecg_date,
                findings=as_plain(row.findings),
                status=LabelStatus.BROUGHT_IN,
                review_id=0,
                decision="",
                reason=None,
                arm=None,
                annotator=0,
                active_s=0.0,
                decided_at=datetime(1970, 1, 1, tzinfo=UTC),
                codebook_version=CODEBOOK_VERSION,
                images=() if pictures is None else pictures[row.row],
                person={name: person[name] for name in columns},
            )
        )
    return rows


def record_number(key: str, one: Photographed) -> int:
    """A number for a row that follows from whose it is, when, and its photographs, and not from its place.

    Below 0: no record of a database has such a number, so no row of a table is ever taken for one.
    """
    days = (one.row.report_date, one.row.ecg_date)
    said = "\n".join(("row of a table", key, *map(str, days), *one.digests))
    return -1 - int(sha256(said.encode()).hexdigest()[:15], 16)


def _numbered(devices: set[str], asked: OwnOrder, names: SnapshotKey) -> dict[str, str | None]:
    """What stands for each device: its name, or a number in an order that says nothing."""
    told = sorted(devices - {""}, key=lambda device: names.order("device", device))
    if asked.order.with_site_names:
        return {"": None} | {device: device for device in told}
    return {"": None} | {device: f"device {place}" for place, device in enumerate(told, start=1)}


def _figures(rows: Sequence[LabelRow], path_of: Callable[[str], Path], *, is_probed: bool) -> dict[str, Any]:
    quality: dict[str, Any] = {"certificate": {"is_certified": False, "reason": WHY_NOT_CERTIFIED}}
    if is_probed:
        from pipeline.dataset.probe.shortcuts import shortcut_figures

        shortcuts = shortcut_figures(rows, path_of)
        # With too few pictures no feature was tried, and the card says so.
        quality |= {"shortcuts": shortcuts} if shortcuts.get("families") else {}
    return quality


def _collected(
    planned: OwnPlan,
    rows: Sequence[LabelRow],
    quality: Mapping[str, Any],
    now: datetime,
    head: str,
    refused: Sequence[Refused] = (),
) -> Collected:
    table = planned.table
    bare = sum(one.code == CODE for one in refused)
    columns = [column for column in OF_PERSON if column.name in has_people(table)]
    taken = [TakenAs(*said, count) for said, count in sorted(table.taken.items())]
    return Collected(
        rows=sorted(rows, key=lambda row: row.case_id),
        registered=table.count,
        exclusions=[
            Exclusion(NOT_USABLE, planned.rows_refused),
            Exclusion(SAME_AGAIN, len(planned.copies)),
            Exclusion(BAD_PICTURE, len(planned.rows) - len(rows) - bare),
            *([Exclusion(NO_ECG, bare)] if bare else []),
        ],
        quality=quality,
        # The day alone: the data themselves do not depend on the clock.
        as_of=datetime(now.year, now.month, now.day, tzinfo=UTC),
        head=head,
        codebook_version=CODEBOOK_VERSION,
        brought=Brought(table.sha256, columns, taken),
    )


def _source(pictures: Mapping[int, tuple[ImageRef, ...]]) -> Source:
    """Which photographs look alike."""
    distinct = {one.sha256: one.perceptual_hash for shown in pictures.values() for one in shown}
    names = sorted(distinct)
    alike = pairs_alike([distinct[name] for name in names], NEAR_DUPLICATE_BITS)
    return Source(alike=[(names[one], names[other]) for one, other in alike])


def _look_alikes(
    kept: Sequence[Photographed], pictures: Mapping[int, tuple[ImageRef, ...]], source: Source
) -> tuple[tuple[int, int], ...]:
    of = {shown.sha256: one for one in kept for shown in pictures[one.row.row]}
    found = {
        (min(rows), max(rows))
        for one, other in source.alike
        if of[one].patient != of[other].patient
        for rows in [(of[one].row.row, of[other].row.row)]
    }
    return tuple(sorted(found))


def _known(rows: Sequence[Photographed], secret: bytes) -> dict[str, KnownValues]:
    """What the table says of each patient that a photograph may print: names and the id."""
    found: dict[str, KnownValues] = {}
    for one in rows:
        key = patient_key(one.row.patient_id, secret)
        names = found.get(key, KnownValues()).names
        found[key] = KnownValues((*names, *one.row.people), (one.row.patient_id,))
    return found


def _listed(kept: Sequence[Photographed], rows: Sequence[LabelRow], names: SnapshotKey) -> list[ListedRow]:
    return [
        ListedRow(
            row_id=names.row_id(row.case_id),
            row=one.row.row,
            photos=";".join(file.name for file in one.files),
            record=row.case_id,
            patient_key=row.patient_key,
        )
        for one, row in zip(kept, rows, strict=True)
    ]
