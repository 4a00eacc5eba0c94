"""What the quality pages count: corrections, progress, the blind arm, practice records, audits, agreement."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from operator import add
from typing import Any

import pytest
from quality_rows import NOW, QualityRows
from simulated_reviews import findings_row
from sqlmodel import Session, col, select

from db.decisions import Purpose
from db.label_view import LABEL, newest_labels, newest_readings
from db.quality.agreement import pair_report, pair_reports, twice_read
from db.quality.audit import audit_reports, newest_audit
from db.quality.blind_arm import anchoring, same_as_draft
from db.quality.corrections import corrections
from db.quality.throughput import Labelled, forecast, half_seconds, labelled, time_by_arm
from db.quality.vigilance import catch_rate, practice_records
from db.tables.drafts import Draft
from db.tables.reviews import Review

PRESENT = {"rwma": "present", "rwma_severity": "mild"}


def test_a_label_that_differs_from_its_draft_counts_once_in_each_field_that_differs(
    session: Session, rows: QualityRows
) -> None:
    ana = rows.person("Ana")
    kept, changed, walls = rows.case(), rows.case({"ef_percent": 60}), rows.case(PRESENT, site="South")
    rows.review(kept, ana)
    rows.review(changed, ana, {"ef_percent": 45}, decision="correct")
    rows.review(walls, ana, decision="correct")
    rows.case()
    found = corrections(session)
    assert found.records == 3
    rates = {field: found.rate(field).value for field in ("ef", "rwma", "severity", "pah", "rvsp")}
    assert rates == pytest.approx({"ef": 1 / 3, "rwma": 1 / 3, "severity": 1 / 3, "pah": 0, "rvsp": 0})
    assert [(site, rate.n) for site, rate in found.rates_by("site", "rwma")] == [("North", 2), ("South", 1)]
    answers, counts = found.confusion("ef")
    assert answers == ["mildly_reduced", "normal"]
    assert counts == [[0, 0], [1, 2]]
    assert found.confusion("rwma") == (["present", "absent"], [[0, 1], [0, 2]])


def test_only_labels_in_force_are_compared(session: Session, rows: QualityRows) -> None:
    ana = rows.person("Ana")
    case = rows.case()
    rows.review(case, ana)
    wrong = rows.review(case, ana, {"pah": "severe"}, decision="correct")
    rows.review(case, ana, {"pah": "mild"}, purpose="second")
    rows.undo(wrong, ana)
    assert corrections(session).rate("pah").value == 0
    rows.undo(wrong, ana, "redo")
    assert corrections(session).rate("pah").value == 1


def test_corrections_are_those_of_comparing_row_by_row(simulated: Session) -> None:
    pairs = simulated.execute(
        select(Draft, LABEL.c.ef_percent, LABEL.c.rwma, LABEL.c.pah).join(
            LABEL, LABEL.c.draft_id == col(Draft.id)
        )
    ).all()
    found = corrections(simulated)
    assert found.records == len(pairs) == 200
    assert found.rate("ef").value == sum(draft.ef_percent != ef for draft, ef, _, _ in pairs) / 200
    assert found.rate("rwma").value == sum(draft.rwma != rwma for draft, _, rwma, _ in pairs) / 200
    assert found.rate("pah").value == sum(draft.pah != pah for draft, _, _, pah in pairs) / 200
    assert sum(rate.n for _, rate in found.rates_by("layout", "ef")) == 200


def test_progress_counts_labels_by_day_and_by_ef(session: Session, rows: QualityRows) -> None:
    ana = rows.person("Ana")
    first, second, third, _waiting = (rows.case() for _ in range(4))
    rows.review(first, ana, {"ef_percent": 57.5}, created_at=NOW - timedelta(days=1))
    rows.review(second, ana, {"ef_percent": 30})
    rows.review(third, ana, {"ef_percent": None, "ef_operator": None, "ef_state": "not_stated"})
    work = labelled(session)
    assert work.by_day == {date(2026, 3, 13): 1, date(2026, 3, 14): 2}
    assert work.by_ef == {30: 1, 55: 1}
    assert (work.done, work.total, work.left) == (3, 4, 1)


def test_a_forecast_needs_three_full_days() -> None:
    work = Labelled(total=100, by_day={date(2026, 3, 12): 10, date(2026, 3, 13): 10}, by_ef={})
    ahead = forecast(work, today=date(2026, 3, 14))
    assert not ahead.pace.is_known
    assert ahead.likely is None


def test_a_forecast_carries_the_pace_on_and_counts_idle_days() -> None:
    days = {date(2026, 3, 10): 12, date(2026, 3, 11): 8, date(2026, 3, 13): 10, date(2026, 3, 14): 99}
    work = Labelled(total=189, by_day=days, by_ef={})
    ahead = forecast(work, today=date(2026, 3, 14))
    assert ahead.pace.value == pytest.approx(30 / 4)
    assert ahead.likely == date(2026, 3, 14) + timedelta(days=8)
    assert ahead.earliest is not None
    assert ahead.earliest < ahead.likely
    assert ahead.latest is None


def test_times_are_medians_by_arm_of_first_readings(session: Session, rows: QualityRows) -> None:
    ana = rows.person("Ana")
    for seconds in (4.0, 6.0, 8.2):
        rows.review(rows.case(), ana, active_s=seconds)
    rows.review(rows.case(), ana, arm="hidden", active_s=20.0)
    rows.review(rows.case(), ana, purpose="audit", arm="hidden", active_s=99.0)
    rows.review(rows.case(), ana, decision="skip", active_s=77.0)
    spent = time_by_arm(half_seconds(session))
    assert {arm: (of_arm.median_s.value, of_arm.median_s.n) for arm, of_arm in spent.items()} == {
        "shown": (6.0, 3),
        "hidden": (20.0, 1),
    }


def test_the_pull_of_the_draft_is_shown_minus_hidden_by_what_was_entered(
    session: Session, rows: QualityRows
) -> None:
    ana = rows.person("Ana")
    for number in range(10):
        follows = number < 8
        rows.review(rows.case(PRESENT), ana, PRESENT if follows else None)
    for number in range(10):
        entered = findings_row(**(PRESENT if number < 5 else {}))
        # What was stored after the draft was shown says nothing here.
        rows.review(rows.case(PRESENT), ana, PRESENT, arm="hidden", entered=entered)
    effects = {one.field: one for one in anchoring(same_as_draft(session))}
    assert effects["rwma"].shown.value == 0.8
    assert effects["rwma"].hidden.value == 0.5
    assert effects["rwma"].effect.value == pytest.approx(0.3)
    assert effects["rwma"].effect.low == pytest.approx(-0.1067, abs=1e-4)
    assert effects["ef"].effect.value == 0


def test_a_practice_value_that_turned_out_right_is_void(session: Session, rows: QualityRows) -> None:
    ana, ben = rows.person("Ana"), rows.person("Ben")
    for is_caught in (True, True, False):
        case = rows.case()
        rows.practice(case, ana, PRESENT, "rwma", is_caught=is_caught)
        rows.review(case, ana)
    truly_present = rows.case()
    rows.practice(truly_present, ana, PRESENT, "rwma", is_caught=False)
    rows.review(truly_present, ana, PRESENT, decision="correct")
    rows.practice(rows.case(), ben, {"ef_percent": 30}, "ef_percent", is_caught=True)
    own = catch_rate(practice_records(session, annotator_id=ana))
    assert (own.rate.value, own.rate.n, own.void) == (pytest.approx(2 / 3), 3, 1)
    pooled = catch_rate(practice_records(session))
    assert (pooled.rate.n, pooled.by_field["ef_percent"].n) == (4, 1)


def audited(rows: QualityRows, count: int) -> tuple[list[int], int]:
    """Labelled cases, drawn as one sample of a population ten times as large."""
    ana = rows.person("Ana")
    cases = [rows.case() for _ in range(count)]
    labels = {case: rows.review(case, ana) for case in cases}
    return cases, rows.sample(labels, population=count * 10)


def test_a_blind_rereading_that_differs_is_an_error(session: Session, rows: QualityRows) -> None:
    cases, sample = audited(rows, 5)
    ben = rows.person("Ben")
    rows.review(cases[0], ben, {"ef_percent": 63}, purpose="audit", sample_id=sample)
    rows.review(cases[1], ben, {"ef_percent": 62}, purpose="audit", sample_id=sample)
    rows.review(cases[2], ben, PRESENT, purpose="audit", sample_id=sample)
    rows.review(cases[3], ben, decision="flag", note="?", purpose="audit", sample_id=sample)
    report = newest_audit(session, ef_tolerance_points=2)
    assert report is not None
    assert (report.read, report.size, report.flagged, report.population) == (4, 5, 1, 50)
    assert {bound.field: bound.errors for bound in report.fields} == {
        "ef": 2, "rwma": 2, "severity": 2, "pah": 1, "rvsp": 1,
    }  # fmt: skip
    assert all(bound.bound >= bound.errors for bound in report.fields)


def test_an_adjudication_that_sides_with_the_label_clears_the_error(
    session: Session, rows: QualityRows
) -> None:
    cases, sample = audited(rows, 3)
    ben, cleo = rows.person("Ben"), rows.person("Cleo")
    for case in cases:
        rows.review(case, ben, {"pah": "severe"}, purpose="audit", sample_id=sample)
    rows.review(cases[0], cleo, purpose="adjudication")
    rows.review(cases[1], cleo, {"pah": "severe"}, purpose="adjudication")
    report = newest_audit(session, ef_tolerance_points=2)
    assert report is not None
    assert {bound.field: bound.errors for bound in report.fields}["pah"] == 2


def test_a_sample_that_was_not_random_bounds_nothing(session: Session, rows: QualityRows) -> None:
    case = rows.case()
    rows.sample({case: rows.review(case, rows.person("Ana"))}, population=10, is_random=False)
    (report,) = audit_reports(session, ef_tolerance_points=2)
    assert report.fields == ()


def test_readings_of_the_same_record_are_paired_with_draft_and_label(
    session: Session, rows: QualityRows
) -> None:
    ana, ben, cleo = rows.person("Ana"), rows.person("Ben"), rows.person("Cleo")
    agreed, differed, once = rows.case(), rows.case({"ef_percent": 70}), rows.case()
    rows.review(agreed, ana)
    rows.review(agreed, ben, purpose="second", arm="hidden")
    rows.review(differed, ana, {"ef_percent": 50})
    rows.review(differed, ben, {"ef_percent": 56}, purpose="second", arm="hidden")
    rows.review(differed, cleo, {"ef_percent": 55}, purpose="adjudication")
    rows.review(once, ana)
    records = twice_read(session)
    assert [record.case_id for record in records] == [agreed, differed]
    read = {reader: answer.ef_percent for reader, answer in records[1].answers.items()}
    assert read == {"first": 50, "second": 56, "draft": 70, "final": 55}
    people = pair_report(records, ("first", "second"))
    assert people.records == 2
    assert people.limits.bias.value == -3
    assert people.same["ef"].value == 0.5
    assert people.ef_pairs == ((60.0, 60.0), (50.0, 56.0))


def test_undone_and_flagged_second_readings_make_no_pair(session: Session, rows: QualityRows) -> None:
    ana, ben = rows.person("Ana"), rows.person("Ben")
    undone, flagged = rows.case(), rows.case()
    for case in (undone, flagged):
        rows.review(case, ana)
    rows.undo(rows.review(undone, ben, purpose="second"), ben)
    rows.review(flagged, ben, purpose="second", decision="flag", note="?")
    assert twice_read(session) == []
    assert pair_reports([])[0].records == 0


def test_every_pair_of_readers_has_every_measure(simulated: Session) -> None:
    reports = pair_reports(twice_read(simulated))
    assert [report.readers for report in reports][0] == ("first", "second")
    assert len(reports) == 6
    for report in reports:
        assert report.records == reports[0].records > 20
        assert all(value.is_known for value in report.measures.values())


def test_a_reading_without_a_purpose_is_a_first_one(session: Session, rows: QualityRows) -> None:
    case, ana = rows.case(), rows.person("Ana")
    old = rows.review(case, ana, purpose=None, arm=None)
    newest = newest_readings(Purpose.FIRST)
    assert session.execute(select(newest.c.review_id)).scalars().all() == [old]
    assert session.get_one(Review, old).purpose is None


def test_labels_of_some_cases_are_those_of_the_view(session: Session, rows: QualityRows) -> None:
    ana, ben = rows.person("Ana"), rows.person("Ben")
    cases = [rows.case() for _ in range(4)]
    for case in cases:
        rows.review(case, ana)
    rows.review(cases[0], ben, purpose="second")
    rows.review(cases[1], ben, purpose="adjudication")
    rows.undo(rows.review(cases[2], ana, decision="correct"), ana)
    rows.review(cases[3], ana, decision="flag", note="?")
    newest = newest_labels(select(col(Draft.case_id)))
    found = session.execute(select(newest.c.case_id, newest.c.review_id)).all()
    assert sorted(found) == sorted(session.execute(select(LABEL.c.case_id, LABEL.c.review_id)).all())
    assert len(found) == 4


def test_parts_of_a_project_add_up_to_the_whole(simulated: Session) -> None:
    parts = [range(1, 90), range(90, 200), range(200, 251)]
    for count in (labelled, corrections, half_seconds, same_as_draft):
        whole: Any = count(simulated)  # type: ignore[operator]
        assert reduce(add, [count(simulated, part) for part in parts]) == whole, count  # type: ignore[operator]
    assert [one for part in parts for one in twice_read(simulated, part)] == twice_read(simulated)
