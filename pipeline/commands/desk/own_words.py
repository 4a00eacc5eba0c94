"""Errors of what lies at the desk for a moment, in the words of the person who put it there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from review_ui.work.hooks import Chosen


@contextmanager
def in_its_words(chosen: Chosen) -> Iterator[None]:
    """Errors that name a file name it as the person did, and not where it lies for the moment."""
    from db.errors import EchoDeskError

    try:
        yield
    except EchoDeskError as error:
        inside = f"{chosen.folder}{os.sep}"
        raise EchoDeskError(error.message.replace(inside, ""), error.hint.replace(inside, "")) from error
