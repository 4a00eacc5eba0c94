"""A plan looked over beside what a workspace holds: by the command without opening it, at the desk within."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from db.store.glance import patient_of_report
from labeling.intake.foreseen.looking import Registered, foresee, secret_of
from labeling.pages.page import PageLimits

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace
    from labeling.intake.plan import Plan

# A browser waits for it.
_PATIENCE_S: Final = 20.0


def foresee_from_outside(
    plan: Plan, workspace: Workspace, known: Collection[str], on_progress: Callable[[int, int], None]
) -> Plan:
    """Every file opened; nothing is written, and a database on a server is not asked."""
    registered = Registered(secret_of(workspace), known, partial(patient_of_report, workspace))
    return foresee(plan, registered, limits_of(workspace), on_progress=on_progress)


def foresee_at_the_desk(plan: Plan, workspace: Workspace, database: Database, known: Collection[str]) -> Plan:
    """As many files opened as can be in 20 s; those that were are remembered."""
    from db import cases

    with database.read() as session:

        def owner_of(originals: Sequence[str]) -> str | None:
            return cases.patient_of_report(session, originals=originals)

        registered = Registered(secret_of(workspace), known, owner_of)
        return foresee(plan, registered, limits_of(workspace), most_s=_PATIENCE_S)


def limits_of(workspace: Workspace) -> PageLimits:
    """How large a file of this workspace may be."""
    return PageLimits(workspace.max_image_pixels, workspace.max_pages, workspace.pdf_dpi, workspace.page_s)
