"""`echodesk enqueue`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, writing
from pipeline.commands.terminal import complain, counted, say, say_json

if TYPE_CHECKING:
    from db.queue.plan import ReadingRules
    from db.workspace import Workspace


def enqueue(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV with a column case_id.", metavar="FILE")],
    twice: Annotated[
        bool, typer.Option("--second-reading", help="Have every record of the file read twice.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send records back to review, those with a low score first; labels are not touched.

    A record that waits moves up in the queue. One that has a label is read a second time, by somebody else,
    who sees neither draft nor label; one that was read twice goes to an adjudicator who has not read it. Exit
    code 1 when a record does not exist; the others are queued.
    """
    from db.decisions import Purpose
    from db.store.engine import utc_now
    from pipeline.curation.suspects_file import read_suspects, send_to_review

    suspects = list(read_suspects(file))
    chosen = chosen_workspace(ctx, workspace)
    with writing(chosen) as session:
        waiting, unknown = send_to_review(session, suspects, rules=_rules(chosen), twice=twice, clock=utc_now)
    queued, again = len(suspects) - len(unknown), waiting[Purpose.SECOND]
    to_adjudicate = waiting[Purpose.ADJUDICATION]
    if as_json:
        numbers = [one.case_id for one in unknown]
        say_json(
            {"queued": queued, "to_read_again": again, "to_adjudicate": to_adjudicate, "unknown": numbers}
        )
    else:
        say(
            f"{counted(queued, 'record')} queued: {again} for a second reading, "
            f"{to_adjudicate} for an adjudicator."
        )
    for one in unknown:
        complain(f"{file} line {one.line}: there is no record {one.case_id} with a draft")
    if unknown:
        raise typer.Exit(1)


<<<<<<< HEAD
=======
def read_suspects(file: Path) -> Iterator[Suspect]:
    """The lines of a suspects file.

    Raises:
        EchoDeskError: naming the file, the line and what is wrong with it; nothing is queued then.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if "case_id" not in (reader.fieldnames or ()):
                raise EchoDeskError(f"{file} has no column case_id", COLUMNS_HINT)
            for row in reader:
                yield _suspect(file, reader.line_num, row)
    except OSError as error:
        raise EchoDeskError(f"{file} cannot be read", "Name a CSV file, such as suspects.csv.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise EchoDeskError(f"{file} is not a CSV file in UTF-8", COLUMNS_HINT) from error


def _suspect(file: Path, line: int, row: dict[str, str | None]) -> Suspect:
    def number(name: str, lowest: float, highest: float) -> float | None:
        written = (row.get(name) or "").strip()
        if not written:
            return None
        try:
            value = float(written)
        except ValueError:
            value = float("nan")
        if not lowest <= value <= highest:
            wanted = f"{name} is a number from {lowest:g} to {highest:g}"
            raise EchoDeskError(f"{file} line {line}: {wanted}, not {written[:40]!r}", COLUMNS_HINT)
        return value

    case_id, score, priority = number("case_id", 1, 2**31), number("score", 0, 1), number("priority", 0, 1e6)
    if case_id is None or case_id != int(case_id):
        raise EchoDeskError(f"{file} line {line} names no record", COLUMNS_HINT)
    points = priority if priority is not None else MOST_POINTS * (1 - score if score is not None else 1)
    return Suspect(line, int(case_id), points, (row.get("reason") or "").strip()[:REASON_MAX_CHARACTERS])


def _enqueue(
    session: Session, suspects: list[Suspect], rules: ReadingRules, *, twice: bool
) -> tuple[Counter[Purpose], list[Suspect]]:
    """How many labels wait for what, and which records do not exist."""
    from db.cases import set_priority
    from db.decisions import Purpose
    from db.drafts import latest_draft
    from db.label_view import current_label
    from db.queue.items import refresh_case
    from db.queue.second_people import choose_second
    from db.queue.sending_back import send_back
    from db.store.engine import utc_now

    waiting: Counter[Purpose] = Counter()
    unknown = []
    for one in suspects:
        if latest_draft(session, case_id=one.case_id) is None:
            unknown.append(one)
            continue
        now = utc_now()
        reason = one.reason or "suspects"
        set_priority(
            session, case_id=one.case_id, priority=one.priority, reason=reason, actor="enqueue", now=now
        )
        if current_label(session, case_id=one.case_id) is not None:
            waiting[send_back(session, case_id=one.case_id, rules=rules, actor="enqueue", now=now)] += 1
        elif twice:
            choose_second(session, case_id=one.case_id, chosen_by="list", actor="enqueue", now=now)
            refresh_case(session, case_id=one.case_id, rules=rules)
            waiting[Purpose.SECOND] += 1
    return waiting, unknown


>>>>>>> 70ea38a (One rule for the label, one bound for an audit sample, one for what goes along with an answer)
def _rules(workspace: Workspace) -> ReadingRules:
    from db.queue.plan import ReadingRules

    return ReadingRules(ef_tolerance_points=workspace.ef_tolerance_points)
