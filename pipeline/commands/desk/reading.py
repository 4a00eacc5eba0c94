"""What `echodesk review` lets the desk read with: a region of a page, and all that waits in a process
of its own. `review_ui` itself knows no reader.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from db.labels import Findings
    from db.tables.cases import Image
    from db.workspace import Workspace
    from review_ui.desk.context import RegionReader, RereadAnswer
    from review_ui.desk.crops import PixelBox
    from review_ui.work.hooks import Starting


# The desk goes first where both want the processor.
_NICENESS: Final = 10


def region_reader(workspace: Workspace) -> RegionReader:
    """Reads a box on a stored page with Tesseract and the rules."""
    from db.store.images import ImageStore
    from labeling.apart.pages import stored_page
    from labeling.pages.page import PageLimits
    from review_ui.desk.context import RereadAnswer

    store = ImageStore(workspace.images)

    limits = PageLimits(page_s=workspace.page_s)

    def reread(image: Image, box: PixelBox, field: str) -> RereadAnswer:
        from labeling.readers.region import read_region

        picture = stored_page(store, image.sha256, limits)
        reading = read_region(picture, box, field, tesseract=workspace.tesseract)
        answers = {} if reading.findings is None else answers_of(reading.findings, field)
        return RereadAnswer(answers=answers, words=reading.words)

    return reread


def answers_of(findings: Findings, field: str) -> dict[str, Any]:
    """One card's answers as the page would send them.

    Args:
        field: `ef`, `rwma` or `pah`.
    """
    if field == "ef":
        return {"ef": {"text": ef_words(findings)}}
    if field == "rwma":
        answers: dict[str, Any] = {"rwma": findings.rwma.value}
        return (
            {**answers, "rwma_severity": findings.rwma_severity.value}
            if findings.rwma == "present"
            else answers
        )
    answers = {} if findings.pah == "not_stated" else {"pah": findings.pah.value}
    return answers if findings.rvsp_mmhg is None else {**answers, "rvsp": {"text": f"{findings.rvsp_mmhg:g}"}}


def ef_words(findings: Findings) -> str:
    """An ejection fraction as a person would type it: `35-40`, `>55`, `60`."""
    if findings.ef_low is not None and findings.ef_high is not None and findings.ef_low != findings.ef_high:
        return f"{findings.ef_low:g}-{findings.ef_high:g}"
    operator = findings.ef_operator.value if findings.ef_operator is not None else "="
    return f"{'' if operator == '=' else operator}{findings.ef_percent:g}"


def start_reading(workspace: Workspace, again: bool) -> Starting:
    """Start `echodesk extract` as a process of its own: it lives on when the desk is closed or killed."""
    from review_ui.work.hooks import Starting

    command = [sys.executable, "-m", "pipeline.cli", "--workspace", str(workspace.root), "extract"]
    nice = shutil.which("nice")
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*((nice, "-n", str(_NICENESS)) if nice else ()), *command, *(("--retry-failed",) if again else ())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=os.name == "posix",
    )
    return Starting(process.poll)
