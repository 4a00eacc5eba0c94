"""How the pictures of a snapshot are masked: OCR words and the workspace's keys, handed to the dataset package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.errors import EchoDeskError

if TYPE_CHECKING:
    from db.workspace import Workspace
    from pipeline.dataset.frozen import MaskImage


def picture_mask(workspace: Workspace) -> MaskImage:
    """What turns a stored picture into masked bytes, or says why not.

    Raises:
        EchoDeskError: pictures cannot be masked here.
    """
    raise EchoDeskError(
        f"pictures of {workspace.root.name} cannot be masked by this version", "Leave out --images masked."
    )
