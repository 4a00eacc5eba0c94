"""What `echodesk evaluate --on` asks, and what tells whether it has seen somebody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import EchoDeskError
from pipeline.commands.options import has_database, reading
from pipeline.commands.terminal import complain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from db.workspace import Workspace
    from pipeline.dataset.opened import OpenedSnapshot
    from pipeline.evaluation.asking import Models
    from pipeline.evaluation.overlap import CountPeople
    from pipeline.training.run_folder import Run


def bundle_models(place: Path | None, run: Run) -> Models | None:
    """The networks of a bundle, as it asks them; None where no bundle is named.

    It is held to its golden photograph first.

    Raises:
        EchoDeskError: it is no bundle, answers otherwise than where it was made, or is of another run.
    """
    if place is None:
        return None
    from db.files.manifest import MANIFEST_NAME, hash_file
    from pipeline.evaluation.asking import Models
    from pipeline.serving.screen import Photographs

    loaded = Photographs.load(place)
    about = loaded.bundle.about
    if about.run_sha256 != hash_file(run.folder / MANIFEST_NAME).sha256:
        raise EchoDeskError(
            f"bundle {loaded.bundle.id} was made of another run than {run.name}: {about.run}",
            "Name that run: only its snapshot can say what the bundle has seen.",
        )

    def ask(pictures: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        found = loaded.runtime.ask(pictures)
        return found.ef_percent.T, found.rwma.T

    return Models(f"bundle {loaded.bundle.id}", len(about.models), ask)


def people_counter(space: Workspace, trained: OpenedSnapshot, new: OpenedSnapshot) -> CountPeople | None:
    """What counts the people of both snapshots; None, and a word, where this workspace froze not both."""
    if has_database(space):
        from db.access.desk_key import load_or_create_desk_key
        from db.snapshots import patient_keys
        from pipeline.dataset.own_table.row_list import listed_rows
        from pipeline.evaluation.overlap import are_all_known, keys_of_both, people_in_both

        keys = keys_of_both(load_or_create_desk_key(space), trained, new)
        if keys is not None:
            listed = [row.patient_key for _, row in listed_rows(space.snapshots)]
            with reading(space) as session:
                people = [*patient_keys(session), *listed]
            if all(are_all_known(people, *one) for one in zip(keys, (trained, new), strict=True)):
                return people_in_both(people, *keys)
    if trained.name != new.name:
        complain(
            f"patients of {trained.name} and {new.name} cannot be compared here, photographs can: "
            "only the workspace that froze both (of tables, with their lists NAME.rows.csv) knows their "
            "names in both"
        )
    return None
