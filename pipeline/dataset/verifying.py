"""Is a snapshot still what was frozen? Every byte by its hash; folds and leakage worked out anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from db.files.manifest import MANIFEST_NAME, FileHash, content_sha256, hash_folder, read_manifest, sha256_of
from db.tabular import read_jsonl
from pipeline.dataset.folds import FoldRow, assign_folds, in_two_folds

_LISTED: Final = 20


@dataclass(frozen=True)
class Soundness:
    """What looking a snapshot over found.

    Attributes:
        problems: one sentence each; empty where everything is as it was frozen.
        manifest: what the manifest says; empty where it cannot be trusted.
        manifest_sha256: of the manifest's bytes, to be compared with the register.
        looked_at: what was looked at: `files`, `rows`.
    """

    problems: Sequence[str]
    manifest: Mapping[str, Any]
    manifest_sha256: str = ""
    looked_at: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def verify_folder(folder: Path) -> Soundness:
    """Look a snapshot over by itself, without the database."""
    try:
        data = (folder / MANIFEST_NAME).read_bytes()
        manifest = read_manifest(data)
    except OSError:
        return Soundness([f"there is no {MANIFEST_NAME}"], {})
    except ValueError as error:
        return Soundness([str(error)], {})
    try:
        problems, counts = _looked_over(folder, manifest)
    except (KeyError, TypeError, ValueError) as error:
        # Nothing else vouches for the manifest itself: another program may have written it.
        return Soundness([f"{MANIFEST_NAME} or a table of it can't be understood: {error}"], {})
    return Soundness(problems, manifest, sha256_of(data), counts)


def _looked_over(folder: Path, manifest: Mapping[str, Any]) -> tuple[list[str], dict[str, int]]:
    """What is wrong, and how many files and rows there are. Raises KeyError, TypeError, ValueError."""
    files = {name: FileHash(one["sha256"], one["bytes"]) for name, one in manifest["files"].items()}
    problems = list(file_problems(folder, files))
    rows = 0
    if not problems:
        if folder.name != manifest["name"]:
            problems.append(f"the folder is called {folder.name}, the snapshot {manifest['name']}")
        labels = read_jsonl((folder / "data/labels.jsonl").read_bytes())
        lineage = read_jsonl((folder / "data/lineage.jsonl").read_bytes())
        rows = len(labels)
        problems += _content_problems(manifest, files, labels)
        problems += _fold_problems(labels)
        problems += leakage(labels, lineage)
    return problems, {"files": len(files) + 1, "rows": rows}


def file_problems(
    folder: Path, files: Mapping[str, FileHash], *, apart: Callable[[str], bool] = lambda _: False
) -> Iterable[str]:
    """Files of a folder that are missing, changed, or not in its manifest, a sentence each.

    Args:
        apart: whether what lies at the top of the folder under a name is sealed by itself.
    """
    try:
        found = hash_folder(folder)
    except OSError as error:
        yield f"a file cannot be read ({error.strerror or type(error).__name__})"
        return
    found = {name: one for name, one in found.items() if not apart(name.partition("/")[0])}
    missing, extra = sorted(set(files) - set(found)), sorted(set(found) - set(files))
    changed = sorted(name for name in set(files) & set(found) if files[name] != found[name])
    for names, what in ((missing, "is missing"), (changed, "was changed"), (extra, "does not belong there")):
        yield from (f"{name} {what}" for name in names[:_LISTED])
        if len(names) > _LISTED:
            yield f"and {len(names) - _LISTED} more files: {what}"


def _content_problems(
    manifest: Mapping[str, Any], files: Mapping[str, FileHash], labels: Sequence[Mapping[str, Any]]
) -> Iterable[str]:
    content = {name: one for name, one in files.items() if name.startswith(("data/", "images/"))}
    if content_sha256(content) != manifest["content_sha256"]:
        yield "the data do not have the hash that names them"
    counts = manifest["counts"]
    patients = len({row["patient_id"] for row in labels})
    if (len(labels), patients) != (counts["rows"], counts["patients"]):
        stated = f"{counts['rows']} of {counts['patients']}"
        yield f"there are {len(labels)} rows of {patients} patients, not {stated}"


def _fold_problems(labels: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    rows = [
        FoldRow(
            key=row["row_id"],
            group=row["group_id"],
            ef_stratum=row["ef_stratum"],
            rwma=row["rwma"],
            site=row["site"],
        )
        for row in labels
    ]
    again = assign_folds(rows)
    moved = sum(again[row["row_id"]] != row["fold"] for row in labels)
    if moved:
        yield f"{moved} rows are not in the fold that the rule gives them"


def leakage(labels: Sequence[Mapping[str, Any]], lineage: Sequence[Mapping[str, Any]]) -> list[str]:
    """Patients, groups and pictures that are in two folds, counted; one sentence for each kind.

    Pictures that merely look alike share a group where they could be kept together. Their likeness itself is
    worked out from the database only, which has the fingerprints.
    """
    fold_of = {row["row_id"]: row["fold"] for row in labels}
    pictures = [
        (image["image_id"], fold_of[row["row_id"]])
        for row in lineage
        for image in row["images"]
        if not image["is_blank"] and row["row_id"] in fold_of
    ]
    kinds = (
        ("patient", [(row["patient_id"], row["fold"]) for row in labels]),
        ("group", [(row["group_id"], row["fold"]) for row in labels]),
        ("picture", pictures),
    )
    return [
        f"{number} {what}{'' if number == 1 else 's'} in two folds"
        for what, placed in kinds
        if (number := in_two_folds(placed))
    ]
