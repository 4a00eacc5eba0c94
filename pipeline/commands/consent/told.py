"""What `echodesk withdraw` says: what would go, what went, and what it cannot reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.commands.terminal import complain, counted, say, say_json, say_table

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace
    from pipeline.commands.consent.planned import Elsewhere, Planned
    from pipeline.commands.consent.taking_out import Done

_SHOWN: Final = 20
_MANY: Final = {
    "undo or redo": "undos and redos",
    "record in an audit sample": "records in audit samples",
    "place in the review queue": "places in the review queue",
    "place in the reading queue": "places in the reading queue",
    "record open at the desk": "records open at the desk",
}
OUT_OF_REACH: Final = (
    "tables and packed datasets that were exported, and what programs fetched",
    "copies of this workspace and of its backups elsewhere; keep withdrawn.txt with your newest copy, a "
    "restored database takes its list from it",
    "the folders that reports and photographs were taken in from",
    "language models taught with `finetune`",
    "a PostgreSQL server's own log and backups, and blocks that the disk freed and has not written again",
)


def say_listed(database: Database, space: Workspace, *, as_json: bool) -> None:
    """Who is on the list, by keyed hash, and whom of them this database still has."""
    from db.consent.patients import still_here, withdrawn_patients

    with database.read() as session:
        listed = withdrawn_patients(space, session)
        here = set(still_here(session, space))
    rows = [
        {
            "patient_key": key,
            "withdrawn_at": at.isoformat(timespec="seconds"),
            "is_taken_out": key not in here,
        }
        for key, at in listed.items()
    ]
    if as_json:
        say_json(rows)
    elif not rows:
        say("Nobody has withdrawn their consent.")
    else:
        cells = [
            [one["patient_key"], one["withdrawn_at"], "yes" if one["is_taken_out"] else "no"] for one in rows
        ]
        say_table(["keyed hash of the id", "withdrawn", "taken out"], cells)
    if here and not as_json:
        say(f"\n{counted(len(here), 'patient')} still in this database. Next: echodesk withdraw --noted")


def say_plan(found: Planned, *, as_json: bool) -> None:
    """What would go. Ids are not repeated."""
    pictures, shared = (sum(len(getattr(one, name)) for one in found.held) for name in ("pictures", "shared"))
    if as_json:
        say_json(
            {
                "patients": len(found.asked),
                "records": found.records,
                "would_go": {**found.counts, "picture": pictures},
                "pictures_shared": shared,
                "report_lines": found.elsewhere.report_lines,
                "unclaimed": found.elsewhere.unclaimed,
                "snapshots": [one.name for one in found.elsewhere.snapshots],
                "backups": [str(one.file) for one in found.elsewhere.backups],
            }
        )
        return
    if not found.asked:
        say("Everybody on the list has been taken out.")
        return
    numbers = ", ".join(map(str, found.records[:_SHOWN])) + (", ..." if found.records[_SHOWN:] else "")
    say(f"{counted(len(found.asked), 'patient')}; records: {numbers or 'none'}. What would go:")
    _say_counts({**found.counts, "picture": pictures}, shared)
    if found.elsewhere.report_lines:
        say(f"  {counted(found.elsewhere.report_lines, 'line')} of intake's reports of refused files")
    say_what_is_left(found.elsewhere)


def say_taken_out(done: Done) -> None:
    """What went."""
    say(f"{counted(done.patients, 'patient')} taken out. What went:")
    _say_counts({**done.counts, "picture": done.pictures}, done.shared)
    for count, noun in (
        (done.own_ids, "own id"),
        (done.report_lines, "line"),
        (done.unclaimed, "picture"),
        (done.backups, "backup"),
    ):
        if count:
            more = {"line": " of intake's reports", "picture": " that no record showed"}.get(noun, "")
            say(f"  {counted(count, noun)}{more}")
    if done.backup is not None:
        say(f"A new backup is in {done.backup}")
    if done.missing:
        complain(
            f"{counted(done.missing, 'picture')} of theirs were not in this machine's images folder: delete "
            "them where they are."
        )
    if done.trouble is None:
        say("What the rows left in the database's files was written over.")
    say("Intake refuses them from now on. The log keeps hashes and no word: echodesk audit verify")


def _say_counts(counts: dict[str, int], shared: int) -> None:
    for noun, count in counts.items():
        if count:
            say(f"  {count} {noun}" if count == 1 else f"  {count} {_MANY.get(noun, noun + 's')}")
    if shared:
        say(f"  and not {counted(shared, 'picture')} that another patient's record shows as well")


def say_what_is_left(left: Elsewhere) -> None:
    """Where else they are, and what can be done there."""
    for one in left.snapshots:
        what = (
            f"{counted(one.rows, 'row')} of theirs" if one.is_told else "may hold them: no key fits its names"
        )
        say(f"\nSnapshot {one.name}: {what}. It is never changed. Freeze one without them, then delete it:")
        say(f"  echodesk snapshot create {one.name}-2")
        say(f"  echodesk snapshot diff {one.name} {one.name}-2")
        say(f"  echodesk snapshot remove {one.name}")
        for run in one.runs:
            more = " with its evaluation" if run.name in one.evaluated else ""
            say(f"  Trained on it: {run}{more}. Train anew, then delete the folder.")
        for bundle in one.bundles:
            say(f"  In use may be: {bundle}. Pack one of the new run, put it in its place, delete this.")
    for begun in left.begun:
        say(f"\nA training that has not ended, with pictures of its snapshot: {begun}")
    if left.backups:
        say("\nBackups that hold them, or may (delete them: echodesk withdraw --delete-backups):")
        for copy in left.backups:
            say(f"  {copy.file}" + ("" if copy.is_sure else " (can't be looked into)"))
    if left.unclaimed:
        say(
            f"\n{counted(left.unclaimed, 'picture')} in the images folder that no record shows, left by a "
            "stopped intake or newer than a restored database. Delete them: echodesk withdraw --unclaimed"
        )
    say("\nOut of reach of this command; ask whoever has them:")
    for what in OUT_OF_REACH:
        say(f"  {what}")
