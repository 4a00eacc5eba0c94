"""Words that make a value something else: of another day, of somebody else, aimed at, doubted, taken back.

The rules read many of these in sentences they know. Where one is left beside a value all the same, the rules
may have misread it, and a person should look.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Turn(StrEnum):
    """What a word may make of the value beside it."""

    OTHER_DAY = "other_day"
    OTHER_PERSON = "other_person"
    NOT_MEASURED = "not_measured"
    DOUBTED = "doubted"
    TAKEN_BACK = "taken_back"
    TOLD = "told"


_WORDS: Final[dict[Turn, str]] = {
    Turn.OTHER_DAY: """
        previous previously prior earlier past last old older former formerly history historical since
        ago before after afterwards pre post preop preoperative preoperatively postop postoperative
        postoperatively pre-op post-op pre-procedure post-procedure baseline initial initially admission
        discharge discharged follow-up followup yesterday day days week weeks month months year years
        serial trend subsequently later until recent recently latest comparison compared compare
        improved improving improvement worsened worsening deteriorated deterioration recovered recovery
        resolved dropped drop declined decline fell fallen rose risen changed change original originally
        visit visits january february march april june july august september october november december
        jan feb mar apr jun jul aug oct nov dec peak-stress dobutamine post-stress post-exercise
        exertion weaning off-pump on-pump intraoperative pre-bypass post-bypass pre-dialysis
        post-dialysis
    """,
    Turn.OTHER_PERSON: """
        donor recipient twin twins mother father brother sister son daughter wife husband uncle aunt
        cousin grandmother grandfather sibling siblings parent parents family relatives fetus fetal
        foetal foetus neonate newborn neighbour roommate namesake baby maternal paternal spouse proband
        another someone somebody wrong different misfiled mislabelled mislabeled volunteer volunteers
        cohort population controls animal phantom
    """,
    Turn.NOT_MEASURED: """
        target targets goal goals aim aims aimed aiming expected expect expects anticipate anticipated
        predicted predicts prediction predictive planned plan plans intended hoped hope desired
        desirable ideal threshold thresholds cutoff cut-off criterion criteria trigger eligibility
        eligible candidate inclusion exclusion protocol guideline guidelines recommendation recommended
        requires required requirement if when whenever unless should would could may might must shall
        will can cannot ought provided assume hypothetical example examples e.g template sample specimen
        default placeholder dummy test training teaching demo demonstration simulated simulation
        simulator illustration illustrative textbook lecture quiz pending awaited await awaiting due
        scheduled request requested requisition order ordered reference references typical typically
        usual usually ordinarily grading insufficient defined definition means meaning denotes risk
        lifetime prognosis policy insurance trial alarm alert setting settings calibration nomogram
        percentile z-score query exclude rule ruled
    """,
    Turn.DOUBTED: """
        possible possibly probable probably likely unlikely questionable suspicious suspected suspicion
        doubtful doubt uncertain unclear unreliable inaccurate artefact artifact artefactual error
        erroneous erroneously mistake mistaken underestimated underestimate underestimates overestimated
        overestimate overestimates foreshortened suboptimal limited inadequate unable difficult
        undetermined indeterminate equivocal provisional preliminary unverified unconfirmed unsigned
        discordant discrepant discrepancy disagree disagrees disagreement conflicting contradictory
        inconsistent invalid illegible smudged crossed handwritten
    """,
    Turn.TAKEN_BACK: """
        rejected rejects refused unreviewed correction corrected correct amended amendment addendum
        erratum typo retracted withdrawn superseded supersedes replaces replaced disregard ignore
        cancelled canceled void deleted revised revision instead actually reissued rescinded overwritten
        struck
    """,
    Turn.TOLD: """
        told says said states claims claimed allegedly reportedly apparently according recalls believes
        elsewhere outside transferred referring referral letter quoted quotes copied pasted dictated
        verbally telephone phone email internet google
    """,
}
TURN_OF: Final[dict[str, Turn]] = {word: turn for turn, words in _WORDS.items() for word in words.split()}
# Of the sentences beside a value's own only these count: a report has histories and plans all over.
TURNS_NEARBY: Final = (Turn.OTHER_PERSON, Turn.TAKEN_BACK)
# And these, which say that the finding is still to come.
WORDS_NEARBY: Final = frozenset("pending awaited awaiting".split())
# Headings of notes in which a value is of the day as often as anywhere, and what marks pages as invented.
HEADING_WORDS: Final = frozenset(
    """
    history discharge admission past visit visits followup follow-up test post after day
    demo dummy placeholder specimen sample
    """.split()
)
# What ties a clause to today's study: other days told of beside it are told apart by it.
OF_TODAY: Final = re.compile(
    r"\b(?:now|today(?:'s)?|current(?:ly)?|at present|"
    r"(?:this|present) (?:study|echo\w*|visit|admission|scan|exam\w*))\b"
)
# Phrases with such a word that leave a value as it is.
HARMLESS_TURNS: Final = re.compile(
    r"\bno (?:significant |interval |major )*change\b|\bprior to\b|\bas (?:expected|usual)\b|"
    r"\bfollow-?up (?:echo\w*|study|scan)\b|\b(?:limited|poor|good|suboptimal) (?:echo|acoustic) windows?\b|"
    r"\bold (?:anterior |inferior |lateral |septal )?(?:mi|infarct\w*|scar)\b|\bpast (?:mi|infarct\w*)\b|"
    r"\bpost (?:cabg|ptca|pci|mi|avr|mvr|dvr|op)\b|"
    r"\b(?:this|present|current) (?:admission|visit|hospitali[sz]ation)\b|"
    r"\b(?:current|today|this study|present)\s*\([^)\n]*\)"
)
# Wherever it stands, it may make every value another's, or none. Words that mark whole pages as invented
# ("demo data", "specimen", "mock", "dummy", "placeholder") are none of them: their values are to be read.
ALARM: Final = re.compile(
    r"\b(?:donor|misfiled|mis-?labell?ed|wrong (?:patient|sheet|report|page|name|person|file|record)|phantom|"
    r"template|simulat\w+|mannequin|fetal|foetal|void|test patient|"
    r"(?:teaching|training|example) (?:case|report|text)|for (?:training|teaching)|"
    r"sample (?:report|text|data)|"
    r"draft (?:report|only)|rejected for|not for (?:clinical )?use|quiz|exam question|"
    r"unverified|unsigned|preliminary (?:report|result|read\w*)|"
    r"not (?:yet )?(?:been )?(?:verified|validated|confirmed|reviewed|read|checked|signed|approved))\b"
)
# It takes back what is named around it, or, where nothing is, anything.
CORRECTION: Final = re.compile(
    r"\b(?:errat\w+|addend\w+|amended|amendment|retracted|withdrawn|superseded?s?|disregard\w*|typo\w*|"
    r"typing error|corrected (?:report|version|value|copy|to))\b|(?:^|\n)\s*correction\s*:"
)
