"""What `echodesk withdraw` changes of the list alone: off it again, and on the file what the database has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.commands.consent.taking_out import ACTOR
from pipeline.commands.terminal import complain, counted, say

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace
    from pipeline.commands.consent.planned import Planned


def change_list(database: Database, space: Workspace, found: Planned, *, is_again: bool) -> None:
    """Take those who consent again off the list; or note in the file whom it lacks of the database's."""
    if is_again:
        _consent_again(database, space, found)
        return
    from db.consent.completing import complete_the_list

    with database.read() as session:
        added = complete_the_list(session, space)
    if added:
        complain(f"{counted(added, 'patient')} on the database's list alone: noted in {space.withdrawn_file}")


def _consent_again(database: Database, space: Workspace, found: Planned) -> None:
    from db.consent.patients import give_consent_again

    now = datetime.now(UTC)
    off = sum(
        give_consent_again(database, space, patient_key=one.patient_key, actor=ACTOR, now=now)
        for one in found.asked
    )
    say(f"{counted(off, 'patient')} taken off the list: intake takes their reports in again.")
    if off < len(found.asked):
        complain(f"{counted(len(found.asked) - off, 'patient')} had not been on it.")
    say("What was taken out does not come back by itself: take their reports in anew.")
