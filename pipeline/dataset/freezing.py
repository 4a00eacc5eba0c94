"""Choose, check, divide and write: from labels read out of the database to a write-once folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from db.files.code_version import code_version
from db.files.leftovers import remove_leftovers
from db.files.manifest import MANIFEST_NAME, FileHash, content_sha256, manifest_bytes, sha256_of
from db.files.whole import Write, new_folder, write_file
from db.tabular import csv_bytes, jsonl_bytes, parquet_bytes
from pipeline.dataset.certificate import certificate_of
from pipeline.dataset.checks import Checked, Source, run_checks, stopping
from pipeline.dataset.choosing import Order, RefusedError, choose, chosen_by, count_undecided
from pipeline.dataset.frozen import CheckResult, Describe, Frozen, MaskImage, ReadsAhead
from pipeline.dataset.records import Collected, LabelRow
from pipeline.dataset.rekeying import SnapshotKey
from pipeline.dataset.rows import Rekeyed, label_row, lineage_row, pair_rows, rekey
from pipeline.dataset.tables import PAIR_COLUMNS, label_columns

FORMAT: Final = "echodesk-snapshot/1"
_ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png"}


def descriptions() -> list[tuple[str, Describe]]:
    """The files that describe a snapshot, in the order they are written: path and what makes its bytes.

    Each is called with the `Frozen` snapshot after `data/` and `images/` are written.
    """
    from pipeline.dataset.describe.files import DESCRIPTIONS

    return list(DESCRIPTIONS)


@dataclass
class _Plan:
    """A snapshot that passed its checks, before anything is written."""

    order: Order
    key: SnapshotKey
    collected: Collected
    rows: Sequence[LabelRow]
    names: Rekeyed
    checks: list[CheckResult]
    left_out: Counter[str] = field(default_factory=Counter)
    paths: dict[tuple[int, str, int], str] = field(default_factory=dict)
    files: dict[str, FileHash] = field(default_factory=dict)


def plan(collected: Collected, source: Source, order: Order, workspace_key: bytes) -> _Plan:
    """Choose the rows, name them, divide them, check them; writes nothing.

    Raises:
        RefusedError: real and synthetic rows together, no rows, or a check that failed and was not
            overridden.
    """
    undecided = count_undecided(choose(collected, where=order.where, require=order.require))
    chosen = chosen_by(order, collected)
    if not chosen.rows:
        steps = "; ".join(f"{one.reason}: {one.cases}" for one in chosen.exclusions if one.cases)
        raise RefusedError("no record is left to freeze", steps or "Review some first: echodesk review")
    if len({row.is_synthetic for row in chosen.rows}) > 1:
        raise RefusedError(
            "real and synthetic records never share a snapshot",
            "Choose one kind: --where 'is_synthetic = false'.",
        )
    key = SnapshotKey(workspace_key, order.name)
    names = rekey(chosen.rows, source.alike, key, with_site_names=order.with_site_names)
    checks = run_checks(
        Checked(
            chosen.rows,
            undecided,
            names.folds,
            source,
            chosen.quality,
            order.max_days,
            is_brought_in=chosen.brought is not None,
        ),
        overrides=order.overrides,
    )
    failed = stopping(checks)
    if failed:
        raise RefusedError(
            f"{failed[0].name}: {failed[0].sentence}"
            + (f", and {len(failed) - 1} more" if failed[1:] else ""),
            "Put it right, or freeze all the same: " + " ".join(f"--override {one.name}" for one in failed),
            failed,
        )
    rows = sorted(chosen.rows, key=lambda row: names.row_ids[row.case_id])
    return _Plan(order, key, chosen, rows, names, checks)


def freeze(
    collected: Collected,
    source: Source,
    order: Order,
    *,
    folder: Path,
    workspace_key: bytes,
    mask: MaskImage | None = None,
    publish: Callable[[dict[str, Any], str, Callable[[], None]], None] | None = None,
    write: Write = write_file,
    describe: Sequence[tuple[str, Describe]] | None = None,
) -> Frozen:
    """Make one snapshot: whole, or nothing at all.

    Args:
        folder: where snapshots are kept; the snapshot becomes `folder / order.name`.
        workspace_key: what names are made with.
        mask: for pictures, where they are put out.
        publish: called with the manifest's values, its hash, and the renaming that makes the snapshot
            visible.
        write: puts one file on the disk.
        describe: the describing files. Default: `descriptions()`.

    Raises:
        RefusedError: see `plan`; also where the name is taken or the disk is full.
    """
    made = plan(collected, source, order, workspace_key)
    manifest: dict[str, Any] = {}
    digest = ""

    def visible(rename: Callable[[], None]) -> None:
        if publish is None:
            rename()
        else:
            publish(manifest, digest, rename)

    remove_leftovers([folder])  # a killed freeze may have had another name
    with _refusals(folder, order.name), new_folder(folder / order.name, publish=visible) as partial:

        def put(name: str, data: bytes) -> None:
            write(partial / name, data)
            made.files[name] = FileHash(sha256_of(data), len(data))

        _put_images(made, mask, put)
        frozen = _put_tables(made, put)
        for name, describing in descriptions() if describe is None else describe:
            put(name, describing(frozen))
        manifest = _manifest(made, frozen)
        data = manifest_bytes(manifest, made.files)
        digest = sha256_of(data)
        write(partial / MANIFEST_NAME, data)
    return frozen


@contextmanager
def _refusals(folder: Path, name: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise RefusedError(
            f"there is already a snapshot {name}, or another program is making it",
            "A snapshot is never changed: choose another name.",
        ) from None
    except OSError as error:
        raise RefusedError(
            f"the snapshot could not be written ({error.strerror or type(error).__name__}); nothing of it "
            "was kept",
            f"Check that {folder} may be written to and that the disk has room, then run the same command "
            "again.",
        ) from error


def _put_images(made: _Plan, mask: MaskImage | None, put: Callable[[str, bytes], None]) -> None:
    """Only pictures whose masking was checked; the others are counted by reason."""
    if mask is None or not made.order.with_images:
        return
    pictures = [(image, row) for row in made.rows for image in row.images]
    if isinstance(mask, ReadsAhead):
        mask.read_ahead(pictures)
    for image, row in pictures:
        masked = mask(image, row)
        if masked.data is None:
            made.left_out[masked.reason or "not masked"] += 1
            continue
        row_id = made.names.row_ids[row.case_id]
        name = f"images/{row_id}-{image.role}-{image.page}.{_ENDINGS[masked.media_type]}"
        put(name, masked.data)
        made.paths[row.case_id, image.role, image.page] = name


def _put_tables(made: _Plan, put: Callable[[str, bytes], None]) -> Frozen:
    has_notes = made.order.with_notes
    columns = label_columns(has_notes=has_notes, brought=made.collected.brought)
    named = [column.name for column in columns]
    told = [label_row(row, made.names, made.key, has_notes=has_notes) for row in made.rows]
    labels = [{name: label[name] for name in named} for label in told]
    both = list(zip(made.rows, labels, strict=True))
    pairs = [pair for row, label in both for pair in pair_rows(row, label, made.key, made.paths)]
    lineage = [lineage_row(row, label, made.key, made.paths) for row, label in both]
    for name, rows, of in (("labels", labels, columns), ("pairs", pairs, PAIR_COLUMNS)):
        lines = jsonl_bytes(rows, of)
        put(f"data/{name}.parquet", parquet_bytes(lines, of))
        put(f"data/{name}.csv", csv_bytes(rows, of))
        put(f"data/{name}.jsonl", lines)
    put("data/lineage.jsonl", jsonl_bytes(lineage))
    return _frozen(made, labels, pairs, lineage)


def _frozen(
    made: _Plan, labels: list[dict[str, Any]], pairs: list[dict[str, Any]], lineage: list[dict[str, Any]]
) -> Frozen:
    collected = made.collected
    return Frozen(
        name=made.order.name,
        content_sha256=content_sha256(made.files),
        is_synthetic=made.rows[0].is_synthetic,
        labels=labels,
        pairs=pairs,
        lineage=lineage,
        registered=collected.registered,
        exclusions=collected.exclusions,
        quality=collected.quality,
        checks=made.checks,
        arguments=_arguments(made),
        counts=_counts(made, labels, pairs),
        as_of=collected.as_of,
        head=collected.head,
        codebook_version=collected.codebook_version,
        code_version=code_version("pipeline/dataset", "db/fields", "db/files", "db/tabular.py"),
        files={name: (file.sha256, file.bytes) for name, file in sorted(made.files.items())},
        left_out=dict(sorted(made.left_out.items())),
        has_notes=made.order.with_notes,
        brought=collected.brought,
    )


def _arguments(made: _Plan) -> dict[str, Any]:
    order = made.order
    where = None
    if order.where is not None:
        # Sites may be named in a filter that no chosen row is of.
        where = order.where.text if order.with_site_names else order.where.rewritten(made.names.sites)
    return {
        "where": where,
        "require": order.require.value,
        "overrides": sorted(order.overrides),
        "max_days": order.max_days,
        "notes": order.with_notes,
        "site_names": order.with_site_names,
        "images": order.images_said if order.with_images else "none",
        **({"licence": order.licence} if order.licence else {}),
    }


def _counts(made: _Plan, labels: list[dict[str, Any]], pairs: list[dict[str, Any]]) -> dict[str, Any]:
    def by(name: str) -> dict[str, int]:
        return {str(value): rows for value, rows in sorted(Counter(label[name] for label in labels).items())}

    withheld = sum(
        row.findings["lv_function"] is not None and label["lv_function"] is None
        for row, label in zip(made.rows, labels, strict=True)
    )
    return {
        "rows": len(labels),
        "patients": len({label["patient_id"] for label in labels}),
        "groups": len({label["group_id"] for label in labels}),
        "pairs": len(pairs),
        "folds": by("fold"),
        "ef_stratum": by("ef_stratum"),
        "rwma": by("rwma"),
        "pah": by("pah"),
        "status": by("status"),
        "sites": by("site"),
        "images": len(made.paths),
        "images_left_out": dict(sorted(made.left_out.items())),
        "lv_function_withheld": withheld,
    }


def _manifest(made: _Plan, frozen: Frozen) -> dict[str, Any]:
    brought = made.collected.brought
    # Behind a table that was brought in there is no decision of anybody here.
    reviews = [] if brought else sorted(row.review_id for row in made.rows)
    return {
        "format": FORMAT,
        "name": frozen.name,
        "content_sha256": frozen.content_sha256,
        "is_synthetic": frozen.is_synthetic,
        "codebook_version": frozen.codebook_version,
        "code_version": frozen.code_version,
        "as_of": frozen.as_of.isoformat(),
        "event_log_head": frozen.head,
        "arguments": dict(frozen.arguments),
        "registered": frozen.registered,
        "exclusions": [asdict(one) for one in frozen.exclusions],
        "counts": dict(frozen.counts),
        "certificate": certificate_of(frozen.quality, len(frozen.labels)),
        "checks": [asdict(one) for one in frozen.checks],
        "overrides": frozen.overrides,
        "parents": {"reviews": len(reviews), "reviews_sha256": parents_sha256(reviews)},
        **({"brought_in": {"table_sha256": brought.table_sha256}} if brought else {}),
        "key_mark": made.key.mark,
    }


def parents_sha256(review_ids: Sequence[int]) -> str:
    """One hash for the decisions a snapshot was made of."""
    return sha256_of("\n".join(map(str, sorted(review_ids))).encode())
