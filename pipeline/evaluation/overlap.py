"""Who and what is in two snapshots: told in counts alone, and refused before an external validation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from db.errors import EchoDeskError
from db.files.manifest import hash_file
from pipeline.dataset.opened import OpenedSnapshot
from pipeline.dataset.rekeying import SnapshotKey

# (patient ids of one snapshot, patient ids of the other) -> people who are in both.
CountPeople = Callable[[Iterable[str], Iterable[str]], int]


@dataclass(frozen=True)
class Overlap:
    """How much of a snapshot the run has seen: counts alone.

    Attributes:
        patients: of the new snapshot that are in the run's, too; None where names can't be compared, because
            each snapshot names its patients anew.
        pictures: files of the new snapshot that are byte for byte in the run's.
    """

    patients: int | None
    pictures: int


def keys_of_both(
    workspace_key: bytes, one: OpenedSnapshot, other: OpenedSnapshot
) -> tuple[SnapshotKey, SnapshotKey] | None:
    """The keys of two snapshots; None where not both were frozen with this workspace's key."""
    keys = (SnapshotKey(workspace_key, one.name), SnapshotKey(workspace_key, other.name))
    are_ours = all(key.mark == of.key_mark for key, of in zip(keys, (one, other), strict=True))
    return keys if are_ours else None


def people_in_both(patient_keys: Iterable[str], one: SnapshotKey, other: SnapshotKey) -> CountPeople:
    """What counts the people of two snapshots of one workspace that are the same.

    Args:
        patient_keys: of the workspace's cases, and of tables that were brought in. Only who has its key can
            compare names.
    """
    names = {one.patient_id(key): other.patient_id(key) for key in set(patient_keys)}

    def count(ids: Iterable[str], others: Iterable[str]) -> int:
        return len({names[name] for name in set(ids) if name in names} & set(others))

    return count


def are_all_known(patient_keys: Iterable[str], key: SnapshotKey, snapshot: OpenedSnapshot) -> bool:
    """Whether every patient of a snapshot is among these; of others nobody could tell where else they are.

    Those that people reviewed are: a workspace keeps its cases. A table's are while its list is there.
    """
    if not snapshot.is_brought_in:
        return True
    known = {key.patient_id(one) for one in set(patient_keys)}
    return all(pair.patient_id in known for pair in snapshot.pairs)


def overlap_of(
    trained: OpenedSnapshot, new: OpenedSnapshot, count_people: CountPeople | None = None
) -> Overlap:
    """Who and what is in both snapshots.

    Args:
        trained: the run's. count_people: see `people_in_both`; without it patients can be compared only
            where the two snapshots have one name.
    """
    theirs, ours = ({pair.patient_id for pair in of.pairs} for of in (trained, new))
    patients: int | None = len(theirs & ours)
    if count_people is not None:
        patients = max(len(theirs & ours), count_people(theirs, ours))
    elif trained.name != new.name and not patients:
        patients = None
    seen = _hashes(trained)
    return Overlap(patients, sum(one in seen for one in _hashes(new)))


def _hashes(snapshot: OpenedSnapshot) -> set[str]:
    return {hash_file(pair.picture).sha256 for pair in snapshot.pairs if pair.picture is not None}


def refuse_overlap(found: Overlap) -> None:
    """Raises EchoDeskError where a patient or a picture is in both; tells counts alone."""
    if found.patients or found.pictures:
        raise EchoDeskError(
            f"the run has seen {found.patients or 0} patients and {found.pictures} photographs of this one",
            "Freeze a snapshot of other patients: external validation needs data that no model has seen.",
        )
