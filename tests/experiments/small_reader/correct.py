"""Review every draft of a workspace as a careful person would: accept what is right, correct what is wrong.

echodesk --workspace W intake COHORT --manifest COHORT/manifest.csv --synthetic
echodesk --workspace W extract --reader qwen2vl --model DIR
python tests/experiments/small_reader/correct.py W COHORT
echodesk --workspace W finetune --from-reviews --model DIR --out ADAPTER
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[3])]
from sqlmodel import select  # noqa: E402

from db.cases import case_images  # noqa: E402
from db.decisions import Decision, ImageRole  # noqa: E402
from db.fields.names import FIELDS  # noqa: E402
from db.labels import Findings  # noqa: E402
from db.queue.leases import take_lease  # noqa: E402
from db.reviews import record_decision  # noqa: E402
from db.store.engine import open_database  # noqa: E402
from db.tables.cases import Case  # noqa: E402
from db.tables.drafts import Draft  # noqa: E402
from db.users import ensure_local_user  # noqa: E402
from db.workspace import Workspace  # noqa: E402


def truth_by_picture(cohort: Path) -> dict[str, Findings]:
    """Hash of a report's picture file -> what it says."""
    truth = {}
    for line in (cohort / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        (name,) = record["reports"]
        truth[hashlib.sha256((cohort / name).read_bytes()).hexdigest()] = Findings(**record["findings"])
    return truth


def review_all(workspace: Workspace, cohort: Path) -> dict[str, int]:
    """Decide every case that has a draft; gives how many were accepted and corrected, and fields
    corrected.
    """
    truth = truth_by_picture(cohort)
    counts = {"accepted": 0, "corrected": 0, **dict.fromkeys(FIELDS, 0)}
    database = open_database(workspace)
    with database.write() as session:
        now = datetime.now(UTC)
        annotator = int(ensure_local_user(session, now=now).id or 0)
        for case in session.exec(select(Case)).all():
            case_id = int(case.id or 0)
            (image,) = case_images(session, case_id=case_id, role=ImageRole.REPORT)
            right = truth[image.original_sha256]
            draft = session.exec(
                select(Draft).where(Draft.case_id == case_id).order_by(Draft.id.desc())
            ).first()  # type: ignore[union-attr]
            said = draft.to_findings() if draft else None
            # Words about LV function are no field of their own: nobody retypes them.
            right = right.model_copy(update={"lv_function": said.lv_function if said else None})
            take_lease(session, case_id=case_id, annotator_id=annotator, now=now, lease_s=60)
            record_decision(
                session, case_id=case_id, draft_id=draft.id if draft else None, annotator_id=annotator,
                decision=Decision.ACCEPT if said == right else Decision.CORRECT, findings=right, note="",
                active_s=5.0, now=now,
                request_id=hashlib.sha256(f"{case_id} {image.sha256}".encode()).hexdigest()[:32],
            )  # fmt: skip
            counts["accepted" if said == right else "corrected"] += 1
            for field in FIELDS:
                counts[field] += said is None or getattr(said, field) != getattr(right, field)
    database.close()
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workspace", type=Path)
    parser.add_argument("cohort", type=Path)
    arguments = parser.parse_args()
    counts = review_all(Workspace(workspace=arguments.workspace), arguments.cohort)
    sys.stdout.write(json.dumps(counts) + "\n")


if __name__ == "__main__":
    main()
