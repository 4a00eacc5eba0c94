"""Commands in sentences, as they have to be typed: with the workspace they are about."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

USUAL: Final = Path("workspace")
# A verb follows, and no option; the demo has a workspace of its own, and some commands name theirs already.
_COMMAND: Final = re.compile(r"\bechodesk (?=[a-z])(?!demo\b)(?!(?:(?!echodesk ).)*--workspace\b)")


def as_typed(sentence: str, folder: Path | None) -> str:
    """The sentence with `--workspace` in every command, where the folder is not the usual one."""
    if folder is None or folder == USUAL:
        return sentence
    named = f"echodesk --workspace {shlex.quote(str(folder))} "
    return _COMMAND.sub(lambda _: named, sentence)
