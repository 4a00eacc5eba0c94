"""The parts of the dataset card on how good the labels are: errors left, agreement, vigilance, checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from db.markdown import plain, table, words
from db.measures.estimate import Estimate
from pipeline.dataset.certificate import FIELD_NAMES, certificate_of
from pipeline.dataset.describe.figures import number, percent
from pipeline.dataset.frozen import Frozen

_MEASURES: Final = {
    "ef_icc": "ejection fraction, intraclass correlation (2,1)",
    "ef_alpha": "ejection fraction, Krippendorff's alpha",
    "rwma_kappa": "wall motion, Cohen's kappa",
    "severity_kappa": "severity, weighted kappa",
    "severity_alpha": "severity, Krippendorff's alpha",
    "pah_alpha": "pulmonary hypertension, Krippendorff's alpha",
}
_DIFFERENCES: Final = {
    "ef_bias": "ejection fraction, mean difference in points",
    "ef_lower_limit": "ejection fraction, lower limit of agreement in points",
    "ef_upper_limit": "ejection fraction, upper limit of agreement in points",
}
# Two people; a person and the draft that was to be checked.
_PAIRS: Final = (["first", "second"], ["draft", "final"])
_OF_WORKSPACE: Final = (
    "These figures are of all labels of the workspace at that time, not of the rows above alone."
)


def residual_errors(frozen: Frozen) -> str:
    """The certificate's statement, and the bounds by field."""
    made = certificate_of(frozen.quality, len(frozen.labels))
    said = f"**{plain(made['statement'])}**"
    if not made["fields"]:
        return (
            f"{said} No number can be given for the errors that are left. "
            "See [certificate.json](certificate.json)."
        )
    rows = [
        [
            words(one["name"]),
            f"{one['errors_found']:,} of {one['read_again']:,}",
            f"{one['put_right']:,}",
            f"{one['errors_at_most']:,} of {one['population']:,}: {one['share_at_most']:.2%}".replace(
                "%", " %"
            ),
            f"{one['share_at_most_of_all']:.2%}".replace("%", " %"),
        ]
        for one in made["fields"].values()
    ]
    headings = [
        "field",
        "wrong in the sample",
        "put right since",
        "wrong at most",
        "of all labels here at most",
    ]
    return (
        f"{said}\n\n"
        f"{table(headings, rows, right=(1, 2, 3, 4))}\n\n"
        f"Upper limits with {100 * made['confidence']:.0f} % confidence, one-sided, each field by itself "
        f"({plain(made['method'])}), from n = {made['read_again']:,} labels read again blindly; they hold "
        f"for the {made['labels_covered']:,} of {made['labels']:,} labels that are as they were when the "
        "sample was drawn, or were found wrong by it. The last column counts all others as wrong. A label "
        "is wrong here when it does not say what the report says. See [certificate.json](certificate.json)."
    )


def agreement(frozen: Frozen) -> str:
    """Two people with each other, and the draft with the final label, on the records read twice."""
    reports = [one for one in frozen.quality.get("agreement") or () if list(one["readers"]) in _PAIRS]
    if not reports:
        return "No record was read twice, so it is not known how far two people agree."
    rows = []
    for report in reports:
        who = " and ".join(
            f"{one} reading" if one in ("first", "second") else f"{one} label" if one == "final" else one
            for one in report["readers"]
        )
        for name, what in _MEASURES.items():
            rows.append([who, what, *_told(report["measures"].get(name) or {}, number, 2)])
        for name, what in _DIFFERENCES.items():
            rows.append([who, what, *_told(report.get(name) or {}, number, 1)])
        for field, one in report["same_answer"].items():
            rows.append(
                [who, f"{FIELD_NAMES[field]}, same answer", *_told(one, lambda found, _: percent(found), 0)]
            )
    return (
        f"{table(['between', 'measure', 'n', 'value (95 % interval)'], rows, right=(2,))}\n\n"
        "Only records that were read twice by two people: the second time blindly, the first time with or "
        "without the draft in sight. They were chosen by chance or by list. n is smaller where an answer "
        f"is not stated or not graded. {_OF_WORKSPACE}"
    )


def vigilance(frozen: Frozen) -> str:
    """How often a draft made wrong on purpose was noticed."""
    found = frozen.quality.get("vigilance") or {}
    rate = Estimate.from_json(found.get("rate") or {})
    if not rate.n:
        return "No practice draft was answered, so it is not known how often a wrong draft is noticed."
    rows = [["all", str(rate.n), percent(rate)]]
    for field, one in sorted((found.get("by_field") or {}).items()):
        of_field = Estimate.from_json(one)
        rows.append([_field(field), str(of_field.n), percent(of_field)])
    return (
        "Drafts made wrong on purpose in one field, that the person noticed:\n\n"
        f"{table(['field', 'n', 'noticed (95 % interval)'], rows, right=(1,))}\n\n{_OF_WORKSPACE}"
    )


def blind_arm(frozen: Frozen) -> str:
    """Agreement with the draft when it was in sight and when it was hidden, and how often drafts were
    corrected.
    """
    arms, corrected = frozen.quality.get("blind_arm") or {}, frozen.quality.get("corrections") or {}
    parts = []
    if arms:
        rows = [
            [_field(field), *(" ".join(_shares(one[arm])) for arm in ("shown", "hidden", "effect"))]
            for field, one in arms.items()
        ]
        headings = ["answer equals the draft", "draft in sight", "draft hidden", "difference"]
        parts.append(
            f"{table(headings, rows)}\n\nA difference above 0 means that people follow the draft when they "
            "see it."
        )
    if corrected:
        rows = [
            [_field(field), *_told(one, lambda found, _: percent(found), 0)]
            for field, one in corrected.items()
        ]
        parts.append(table(["label differs from its draft", "n", "share (95 % interval)"], rows, right=(1,)))
    return "\n\n".join([*parts, _OF_WORKSPACE]) if parts else "Not measured."


def checks(frozen: Frozen) -> str:
    """Every check with what it found; what failed and was overridden stands out."""
    rows = [
        [plain(one.name), _outcome(one.is_passed, one.is_overridden), plain(one.sentence)]
        for one in frozen.checks
    ]
    overridden = ", ".join(plain(name) for name in frozen.overrides)
    said = f"Overridden by whoever froze it: {overridden}." if overridden else "Nothing was overridden."
    return f"{table(['check', 'outcome', 'found'], rows)}\n\n{said}"


def _outcome(is_passed: bool, is_overridden: bool) -> str:
    if is_passed:
        return "passed"
    return "**failed, overridden**" if is_overridden else "**failed**"


def shortcut_probe(frozen: Frozen) -> str:
    """Whether labels can be told from the photographs without their waveform, where that was tried.

    `quality["shortcuts"]` holds `checks` (`name`, `is_issue`, `reason`) and `families` (name -> `auroc`,
    `low`, `high`, `n`).
    """
    found = frozen.quality.get("shortcuts")
    if not found:
        return (
            "Not tried for this snapshot. A model may have learnt from paper, colour or camera instead of "
            "the waveform; try it before training."
        )
    rows = [
        [words(family), str(one["n"]), f"{one['auroc']:.2f} ({one['low']:.2f} to {one['high']:.2f})"]
        for family, one in found["families"].items()
    ]
    told = [f"* {plain(one['name'])}: {plain(one['reason'])}" for one in found["checks"] if one["is_issue"]]
    verdict = "\n".join(told) if told else "Nothing was found; that is no proof that there is nothing."
    said = table(["features that hold no waveform", "n", "AUROC (95 % interval)"], rows, right=(1,))
    return f"{said}\n\n0.5 is chance.\n\n{verdict}"


def _field(name: str) -> str:
    """A field's name, also where it is named by its column."""
    return FIELD_NAMES.get(name.removesuffix("_percent").removesuffix("_mmhg"), words(name))


def _told(one: Mapping[str, Any], say: Any, digits: int) -> tuple[str, str]:
    found = Estimate.from_json(one)
    return f"{found.n:,}", say(found, digits)


def _shares(one: Mapping[str, Any]) -> list[str]:
    found = Estimate.from_json(one)
    return [percent(found), f"n = {found.n:,}"]
