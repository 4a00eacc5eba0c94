"""One reading at the simulated desk, from the lease to the decision, by the rules of the real one.

A reading is a generator: it yields how many seconds pass until the person does the next thing, so that
several people can work at the same time on one simulated clock.
"""

from __future__ import annotations

from collections.abc import Iterator

from db.access.desk_key import drawn_share
from db.decisions import Arm, Decision, Purpose
from db.fields.details import with_details_of
from db.fields.names import CARDS
from db.fields.sameness import differing_cards
from db.labels import Findings
from db.queue.items import case_facts
from db.queue.leases import keep_entered
from db.queue.plan import readings_in_question
from db.queue.practice import find_seed, is_seed_drawn, store_seed, store_seed_answer
from db.reviews import ReadingContext
from pipeline.demo.reviewing import annotators
from pipeline.demo.reviewing.decisions import RecordInHand


class SimulatedReading(RecordInHand):
    """A record read to its decision, whatever it is read for."""

    def play(self) -> Iterator[float]:
        """Read the record to its decision; yields the seconds until each step."""
        purpose = self.task.purpose
        if purpose is Purpose.ADJUDICATION:
            yield from self._adjudicate()
        elif purpose in (Purpose.SECOND, Purpose.AUDIT):
            yield from self._read_blindly()
        elif (passed := self._passed_over_as()) is not None:
            yield from self._pass_over(passed)
        elif self._is_hidden():
            yield from self._read_before_draft()
        else:
            yield from self._read_first()

    def _read_first(self) -> Iterator[float]:
        yield from self._practise()
        stored = self.wrong_on_purpose(self._look_over())
        changed = differing_cards(stored, self.drafted, ef_tolerance_points=0)
        active_s = annotators.active_seconds(self.person, self.page, self.rng, changed=len(changed))
        yield active_s
        yield from self.decide(stored, ReadingContext(Purpose.FIRST, Arm.SHOWN), active_s)

    def _look_over(self) -> Findings:
        lights = annotators.drafted_lights(self.draft)
        return annotators.look_over(self.person, self.page, self.drafted, lights, self.rng)

    def _read_before_draft(self) -> Iterator[float]:
        """The arm whose draft is hidden until values are entered."""
        entered = self.wrong_on_purpose(annotators.read_page(self.person, self.page, self.rng))
        reading_s = annotators.active_seconds(self.person, self.page, self.rng, entered=len(CARDS))
        yield reading_s
        kept = entered.model_dump(mode="json")
        keep_entered(self.desk.session, case_id=self.number, annotator_id=self.who, entered=kept)
        differing = differing_cards(entered, self.drafted, ef_tolerance_points=0)
        comparing_s = 1.5 + 3.0 * len(differing)
        yield comparing_s
        compared = annotators.compare_with_draft(self.person, self.page, entered, self.drafted, self.rng)
        stored = self.wrong_on_purpose(with_details_of(self.drafted, compared))
        context = ReadingContext(Purpose.FIRST, Arm.HIDDEN, entered=entered)
        yield from self.decide(stored, context, round(reading_s + comparing_s, 1))

    def _practise(self) -> Iterator[float]:
        """Answer the practice draft, where the record is drawn for one; it is never a review."""
        session, key = self.desk.session, self.desk.rules.key
        asked = {"case_id": self.number, "annotator_id": self.who}
        if not is_seed_drawn(key, share=self.desk.shares.practice, **asked) or self.is_known():
            return
        if find_seed(session, **asked) is not None:
            return
        seeded = store_seed(session, draft=self.draft, annotator_id=self.who, key=key, now=self.now())
        if seeded is None:
            return
        shown = Findings.model_validate(seeded.shown)
        reply = annotators.answer_practice(self.person, self.page, shown, seeded.field, self.rng)
        changed = len(differing_cards(reply, shown, ef_tolerance_points=0))
        active_s = annotators.active_seconds(self.person, self.page, self.rng, changed=changed)
        yield active_s
        tolerance = self.desk.rules.ef_tolerance_points
        answer = store_seed_answer(
            session,
            seeded=seeded,
            answered=reply,
            active_s=active_s,
            ef_tolerance_points=tolerance,
            now=self.now(),
        )
        self.desk.counts["practice"] += 1
        self.desk.counts["practice_noticed"] += answer.is_caught

    def _read_blindly(self) -> Iterator[float]:
        """A second or an audit reading: from the page alone."""
        entered = annotators.read_page(self.person, self.page, self.rng)
        active_s = annotators.active_seconds(self.person, self.page, self.rng, entered=len(CARDS))
        yield active_s
        context = ReadingContext(self.task.purpose, Arm.HIDDEN, sample_id=self.task.sample_id)
        yield from self.decide(entered, context, active_s)

    def _adjudicate(self) -> Iterator[float]:
        """Choose between readings, without knowing whose they are."""
        facts = case_facts(self.desk.session, case_id=self.number)
        asked = readings_in_question(facts, self.desk.rules) if facts is not None else []
        readings = [asked[int(place)].to_findings() for place in self.rng.permutation(len(asked))]
        base = readings[0] if readings else self.drafted
        tolerance = self.desk.rules.ef_tolerance_points
        differing = {
            card for one in readings[1:] for card in differing_cards(base, one, ef_tolerance_points=tolerance)
        }
        disputed = tuple(card for card in CARDS if card in differing) or CARDS
        stored = annotators.settle(self.person, self.page, base, disputed, self.rng)
        active_s = annotators.active_seconds(self.person, self.page, self.rng, entered=len(disputed))
        yield active_s
        self.record(stored, ReadingContext(Purpose.ADJUDICATION), active_s)

    def _passed_over_as(self) -> Decision | None:
        """Whether the record is skipped or flagged, as harsh pages are now and then."""
        draw = self.rng.random()
        skipping = annotators.share_by_capture(self.person.skipping, self.page)
        flagging = annotators.share_by_capture(self.person.flagging, self.page)
        if draw >= skipping + flagging or self.is_known() or self.number in self.desk.errors:
            return None
        return Decision.SKIP if draw < skipping else Decision.FLAG

    def _pass_over(self, decision: Decision) -> Iterator[float]:
        record, arm = (Findings(), Arm.HIDDEN) if self._is_hidden() else (self.drafted, Arm.SHOWN)
        active_s = annotators.active_seconds(self.person, self.page, self.rng)
        yield active_s
        note = (
            "hard_to_read"
            if decision is Decision.SKIP
            else "The page can be read in two ways. Please decide."
        )
        self.store(decision, record, ReadingContext(Purpose.FIRST, arm), active_s, note)

    def _is_hidden(self) -> bool:
        return drawn_share(self.desk.rules.key, "hidden", self.number) < self.desk.shares.hidden
