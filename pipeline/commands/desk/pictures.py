"""What a file shows, for whoever types whose it is: its first page, as a browser can show it."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from db.workspace import Workspace


def picture_hook(workspace: Workspace) -> Callable[[Path], bytes | None]:
    """Draws the first page of a file as JPEG, at arm's length; None where it cannot be opened."""
    # A page of pictures asks for all of them at once, and each opening may take the memory of a whole page.
    one_at_a_time = Lock()

    def picture(path: Path) -> bytes | None:
        from labeling.apart.pages import encoded_pages
        from labeling.pages.page import PageError, PageLimits

        limits = PageLimits(
            workspace.max_image_pixels, workspace.max_pages, workspace.pdf_dpi, workspace.page_s
        )
        with one_at_a_time:
            try:
                first = next(encoded_pages(path, limits, page=1, is_lossy=True), None)
            except PageError:
                return None
        return None if first is None else first.encoded.data

    return picture
