"""A word where a dataset, or what was made of it, holds somebody who withdrew their consent since."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import EchoDeskError
from pipeline.commands.options import reading
from pipeline.commands.terminal import complain, counted

if TYPE_CHECKING:
    from db.workspace import Workspace


def warn_of_withdrawn(space: Workspace, folder: Path) -> None:
    """Complain where patients of a snapshot withdrew since; nothing where this workspace can't know."""
    from db.access.desk_key import load_or_create_desk_key
    from pipeline.curation.withdrawn import holding_of

    listed = _listed(space)
    if not listed or not (space.secret or space.desk_key_file.exists()):
        return
    found = holding_of(space, folder, listed, load_or_create_desk_key(space))
    if found is not None and found.is_told:
        complain(
            f"Note: {counted(found.patients, 'patient')} of the snapshot {found.name} withdrew their consent "
            f"since ({counted(found.rows, 'row')}). Freeze one without them: "
            f"echodesk snapshot create {found.name}-2"
        )


def warn_of_bundle(space: Workspace, place: Path) -> None:
    """The same of a bundle; one that can't be read is left to whoever opens it."""
    from pipeline.curation.withdrawn import content_of_bundle

    content = content_of_bundle(place) if space.snapshots.is_dir() else None
    if content is not None:
        warn_of_content(space, content)


def warn_of_content(space: Workspace, content_sha256: str) -> None:
    """The same of a run, by the snapshot it was made from, where that is in the workspace."""
    from pipeline.curation.withdrawn import snapshot_of

    if not _listed(space):
        return
    folder = snapshot_of(space, content_sha256)
    if folder is not None:
        warn_of_withdrawn(space, folder)


def _listed(space: Workspace) -> set[str]:
    """Who withdrew, by the list beside the key, and by a server's that several machines share."""
    from db.consent.noted import noted_withdrawals

    if space.database_url:
        from db.consent.patients import withdrawn_patients

        with suppress(EchoDeskError), reading(space) as session:  # a training needs no server
            return set(withdrawn_patients(space, session))
    return set(noted_withdrawals(space.withdrawn_file))
