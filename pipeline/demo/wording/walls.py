"""How the demo reports put regional wall motion, and what each way of putting it means for the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from db.fields.names import ByColumn
from db.labels import Rwma, RwmaSeverity
from pipeline.demo.plan import PatientPlan
from pipeline.demo.proportions import draw, pick
from pipeline.demo.wording.phrase import Mark, Phrase
from pipeline.demo.wording.statement import Statement


@dataclass(frozen=True)
class Segment:
    """A stretch of wall as printed, and the canonical names it counts for."""

    printed: str
    walls: tuple[str, ...]


# By supplying artery: what is hit together.
TERRITORIES = (
    (
        Segment("anterior wall", ("anterior",)),
        Segment("apex", ("apical",)),
        Segment("anteroseptal wall", ("anteroseptal",)),
        Segment("mid anterior segment", ("anterior", "mid")),
        Segment("interventricular septum", ("septal",)),
    ),
    (
        Segment("inferior wall", ("inferior",)),
        Segment("basal inferior wall", ("inferior", "basal")),
        Segment("inferoseptal wall", ("inferoseptal",)),
        Segment("mid inferoseptal segment", ("inferoseptal", "mid")),
    ),
    (
        Segment("lateral wall", ("lateral",)),
        Segment("inferolateral wall", ("inferolateral",)),
        Segment("posterior wall", ("posterior",)),
        Segment("anterolateral wall", ("anterolateral",)),
        Segment("apical lateral segment", ("apical", "lateral")),
    ),
)

_NONE_PROSE = (
    "no regional wall motion abnormality is seen",
    "there is no regional wall motion abnormality of the left ventricle",
    "no segmental wall motion abnormality was found",
    "regional wall motion is normal",
)
_NONE_TERSE = (
    "no RWMA",
    "no RWMA at rest",
    "no regional wall motion abnormality",
    "RWMA: nil",
    "no RWMA of LV",
)
_GRADED = {
    "mild": ("mild hypokinesia of the {w}", "mildly hypokinetic {w}", "{w} mildly hypokinetic"),
    "moderate": ("moderate hypokinesia of the {w}", "moderately hypokinetic {w}"),
    "severe": (
        "akinesia of the {w}",
        "akinetic {w}",
        "severe hypokinesia of the {w}",
        "dyskinesia of the {w}",
    ),
}
_NOT_ASSESSED = (
    "regional wall motion could not be assessed, poor echo window",
    "RWMA cannot be commented upon, poor window",
)


def rwma_statement(plan: PatientPlan, prose: bool, rng: np.random.Generator) -> Statement | None:
    """What this report says about regional wall motion; None where it does not mention it."""
    if plan.rwma_severity == "none":
        return _absent(plan, prose, rng)
    segments, spared = segments_of(plan, rng)
    if plan.rwma_style == "worst_of_mixed":
        return _mixed(segments, rng)
    if plan.rwma_style == "ungraded_hypokinesia":
        text, severity = f"hypokinesia of the {_listed(segments)}", RwmaSeverity.NOT_STATED
    else:
        severity = RwmaSeverity(plan.rwma_severity)
        text = pick(rng, _GRADED[plan.rwma_severity]).format(w=_listed(segments))
    mark = Mark("rwma", text)
    if plan.rwma_style == "negation_scope":
        text += f", the {spared.printed} moves normally"
    elif plan.rwma_style == "global_with_regional":
        text = f"global hypokinesia of the LV with {text}"
    elif not prose and rng.random() < 0.4:
        text = pick(rng, ("RWMA + : ", "RWMA present - ", "RWMA: ")) + text
    traps = () if plan.rwma_style == "plain" else (plan.rwma_style,)
    return _present(Phrase(text, (mark,)), severity, segments, traps, rng)


def segments_of(plan: PatientPlan, rng: np.random.Generator) -> tuple[list[Segment], Segment]:
    """The abnormal segments, one or two neighbours, and one from elsewhere that is spared."""
    first, second = draw(rng, TERRITORIES, 2)
    count = 1 if plan.rwma_severity == "mild" or rng.random() < 0.35 else 2
    if plan.rwma_style == "worst_of_mixed":
        count = 2
    segments = _apart(draw(rng, first, len(first)), count)
    used = {wall for segment in segments for wall in segment.walls}
    spared = [segment for segment in second if not used & set(segment.walls) and len(segment.walls) == 1]
    return segments, pick(rng, spared)


def _apart(segments: list[Segment], count: int) -> list[Segment]:
    """The first `count` segments that share no wall, as nobody writes "inferior wall and basal inferior
    wall".
    """
    chosen: list[Segment] = []
    for segment in segments:
        if len(chosen) < count and not any(set(segment.walls) & set(other.walls) for other in chosen):
            chosen.append(segment)
    return chosen


def _listed(segments: list[Segment]) -> str:
    return " and ".join(segment.printed for segment in segments)


def _absent(plan: PatientPlan, prose: bool, rng: np.random.Generator) -> Statement | None:
    facts = {"rwma": Rwma.ABSENT, "rwma_severity": RwmaSeverity.NONE}
    if plan.rwma_style == "rwma_not_mentioned":
        return None
    if plan.rwma_style == "rwma_not_assessable":
        phrase = Phrase(pick(rng, _NOT_ASSESSED))
        return Statement(phrase, None, {}, {"rwma": ("unreadable",)}, ("rwma_not_assessable",))
    plain = pick(rng, _NONE_PROSE if prose else _NONE_TERSE)
    phrase = Phrase(plain, (Mark("rwma", plain),))
    if plan.rwma_style == "global_only_hypokinesia":
        return _global_only(phrase, facts, rng)
    if plan.rwma_style == "paradoxical_septum_no_rwma":
        first = Phrase(f"paradoxical septal motion, {phrase.text}", phrase.marks)
        return Statement(first, phrase, facts, {}, ("paradoxical_septum_no_rwma",))
    return _placed(Statement(phrase, phrase, facts), rng)


def _global_only(none: Phrase, facts: Mapping[str, object], rng: np.random.Generator) -> Statement:
    """All of the ventricle contracts less: nothing regional, said outright in half of these reports."""
    whole = pick(
        rng, ("global hypokinesia of LV", "global LV hypokinesia", "generalised hypokinesia of the LV")
    )
    traps = ("global_only_hypokinesia",)
    if rng.random() < 0.5:
        phrase = Phrase(f"{whole}, {none.text}", none.marks)
        return Statement(phrase, phrase, facts, {}, traps)
    phrase = Phrase(whole, (Mark("rwma", whole),))
    return Statement(
        phrase, phrase, facts, {"rwma": ("not_stated",), "rwma_severity": ("not_stated",)}, traps
    )


def _mixed(segments: list[Segment], rng: np.random.Generator) -> Statement:
    first, second = segments
    texts = (
        f"{first.printed} akinetic, {second.printed} mildly hypokinetic",
        f"mild hypokinesia of the {second.printed} and akinesia of the {first.printed}",
    )
    text = pick(rng, texts)
    phrase = Phrase(text, (Mark("rwma", text),))
    return _present(phrase, RwmaSeverity.SEVERE, segments, ("worst_of_mixed",), rng)


def _present(
    phrase: Phrase,
    severity: RwmaSeverity,
    segments: list[Segment],
    traps: tuple[str, ...],
    rng: np.random.Generator,
) -> Statement:
    walls = tuple(wall for segment in segments for wall in segment.walls)
    facts = {**ByColumn(rwma=Rwma.PRESENT, rwma_severity=severity, rwma_walls=walls)}
    return _placed(Statement(phrase, phrase, facts, {}, traps), rng)


def _placed(statement: Statement, rng: np.random.Generator) -> Statement:
    """In the findings, in the conclusion, or (mostly) in both."""
    where = rng.random()
    finding = None if where < 0.3 else statement.finding
    conclusion = None if where > 0.85 else statement.conclusion
    return Statement(finding, conclusion, statement.facts, statement.also_accept, statement.traps)
