"""The desk as a command serves it, until Ctrl-C: all that the browser may ask for, and its links printed."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from pipeline.commands.options import at_work_in
from pipeline.commands.terminal import say

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace
    from review_ui.desk.context import MachineCheck
    from review_ui.door.exposure import Exposure

# How a desk is named to others at work in the same workspace.
DESK: Final = "the review desk"


def serve_desk(
    workspace: Workspace,
    database: Database,
    *,
    leads: Sequence[str],
    annotators: Sequence[str] = (),
    exposure: Exposure | None = None,
    port: int,
    open_browser: bool,
) -> None:
    """Serve the desk, and say so.

    Args:
        leads, annotators: who gets a link, where it is for this computer alone.
        exposure: None for this computer alone.
    """
    from pipeline.commands.datasets.desk_datasets import DeskDatasets
    from pipeline.commands.desk.reading import region_reader
    from pipeline.commands.desk.work import work_hooks
    from review_ui.door.exposure import THIS_COMPUTER
    from review_ui.server import serve

    exposure = exposure or THIS_COMPUTER
    links = [*leads, *annotators] if exposure.is_local else []
    with at_work_in(workspace, DESK) as others:
        say_company(others)
        serve(
            workspace,
            database,
            exposure=exposure,
            port=port,
            annotators=annotators,
            leads=leads,
            on_ready=announcer(links, open_browser=open_browser),
            on_new_link=lambda address: say(f"New link: {address}"),
            on_other_port=lambda taken: say(
                f"Port {taken} is in use, perhaps by another desk, so this one takes the next that is free."
            ),
            reread=region_reader(workspace),
            examine=lambda: machine_checks(workspace),
            work=work_hooks(workspace, database),
            datasets=DeskDatasets(workspace, database),
        )
    say("Stopped. Every decision is stored.")


def say_company(others: Sequence[str]) -> None:
    """Say that another desk serves the same records, which is no harm."""
    desks = [other for other in others if other.startswith(DESK)]
    if desks:
        all_work = "Both desks work" if len(desks) == 1 else "All desks work"
        say(
            f"Also at work in this workspace: {', '.join(desks)}. {all_work}; "
            "a record goes to one person at a time, whichever desk they use."
        )


def machine_checks(workspace: Workspace) -> list[MachineCheck]:
    """What `echodesk doctor` finds, for the set-up page."""
    from pipeline.doctor.examination import examine
    from pipeline.doctor.surroundings import Surroundings
    from review_ui.desk.context import MachineCheck

    found = examine(workspace, Surroundings())
    return [MachineCheck(one.grade.value, one.name, one.found, one.fix) for one in found]


def announcer(names: list[str], *, open_browser: bool) -> Callable[[str], None]:
    """Print each link with whose it is; the first may open in the browser.

    Without names, one plain address.
    """
    left = list(names)

    def on_ready(address: str) -> None:
        if not names:
            say(f"Review page, with name and password: {address}")
        name = left.pop(0) if left else ""
        whose = f" for {name}" if len(names) > 1 else ""
        if names:
            say(f"Review page{whose} (this link works once): {address}")
        if open_browser and (not names or name == names[0]):
            webbrowser.open(address)
        if not left:
            say("Ctrl-C stops it.")
        sys.stdout.flush()

    return on_ready


def has_display() -> bool:
    """Whether a browser window could be seen: a desktop session, and a person at the terminal."""
    if not sys.stdout.isatty():
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
