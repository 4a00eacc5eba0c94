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
    demo dummy placeholder specimen sample training dictated
    """.split()
)
# Labels that a form answers in their own lines, over the lines of a report.
LABEL_WORDS: Final = HEADING_WORDS | frozenset(
    """
    day days week weeks month months year years before since post postoperative post-op pre preoperative
    pre-op last previous prior initial planned plan plans training request requested requisition order
    ordered reference references policy insurance trial protocol scheduled due risk candidate setting
    settings referring referral transferred letter phone telephone email provisional recommended usual
    required limited alert family relatives parent parents mother father husband wife spouse
    """.split()
)
# With one of these in it a label may be of a study all the same: "Previous echo: 03/2022, elsewhere".
STUDY_WORDS: Final = re.compile(
    r"\b(?:echo\w*|tte|tee|stud(?:y|ies)|scans?|reports?|results?|findings?|values?|exam\w*|measure\w*|"
    r"image|imaging|angio\w*|cath\w*|mri|visits?|readings?|data|figures?|numbers?|parameters?)\b"
)
# What ties a clause to today's study: other days told of beside it are told apart by it.
OF_TODAY: Final = re.compile(
    r"\b(?:now|today(?:'s)?|current(?:ly)?|at present|"
    r"(?:this|present) (?:study|echo\w*|visit|admission|scan|exam\w*))\b"
)
# Phrases with such a word that leave a value as it is.
# Every choice begins with a word's edge: only so is the rest not tried at each letter (30 times as long).
HARMLESS_TURNS: Final = re.compile(
    r"\blimited (?:bedside )?(?:echo\w*|study|scan|tte)\b(?! (?:windows?|views?|quality))|"
    r"\b(?:i|we) could not (?:see|find|detect)\b|"
    r"\bno [a-z ]{3,60} could be (?:seen|found|detected|demonstrated)\b|"
    r"\bno (?:significant |interval |major )*change\b|\bprior to\b|\bas (?:expected|usual)\b|"
    r"\bfollow-?up (?:echo\w*|study|scan)\b|\b(?:limited|poor|good|suboptimal) (?:echo|acoustic) windows?\b|"
    r"\bold (?:anterior |inferior |lateral |septal )?(?:mi|infarct\w*|scar)\b|\bpast (?:mi|infarct\w*)\b|"
    r"\bpost (?:cabg|ptca|pci|mi|avr|mvr|dvr|op|(?:device |asd |vsd |pda )?closure|bmv|ptmc|tavi|tavr|crt)\b|"
    r"\bas before\b|"
    r"\b(?:this|present|current) (?:admission|visit|hospitali[sz]ation)\b|"
    r"\b(?:current|today|this study|present)\s*\([^)\n]*\)|"
    # Breathing, contrast, and what a writer says of seeing and judging.
    r"\bresp\w*\.? changes?\b|\bchanges? (?:with|on|in) (?:resp\w*|sniff\w*|inspir\w*|posture|position)\b|"
    r"\b(?:before|after|post) (?:the )?(?:contrast|bubbles?|saline|sniff\w*)\b|"
    r"\bthat (?:i|we) can (?:see|find|make out|detect)\b|"
    r"\bas far as (?:i|we|it|they|the walls?|the segments?)? ?can (?:be )?(?:see|seen|tell|told|judged?)\b|"
    r"\bcan be (?:seen|found|detected|made out|recogni[sz]ed|excluded|ruled out)\b|"
    r"\bcould be (?:seen|found|detected|made out|recogni[sz]ed|demonstrated)\b|"
    r"\b(?:i|we|one) would (?:call|grade|put|say|judge|rate|estimate|describe|read)\b|"
    r"\bruled out\b(?:(?<=been ruled out)|(?<=\bis ruled out)|(?<=\bare ruled out)|(?<=\bwas ruled out)|"
    r"(?<=were ruled out)|(?<=: ruled out))|\bno doubt (?:about|of|that)\b|"
    r"\bnothing wrong\b|\bsame (?:day|sitting|session|visit|week)\b|"
    r"\b(?:lbbb|rbbb|age|pacing)-typical\b|\btypical (?:of|for) (?:lbbb|pacing|age)\b|"
    r"\bpost\b(?<=/post)|\bpost(?= ?/|[- ](?:walls?|segments?|septal|lateral)\b)|"
    r"\b(?:dear|ward|staff|nursing|theatre|charge) sister\b|\bsister[- ](?:in[- ]charge|tutor)\b|"
    r"\bdonor'?s? (?:foundation|fund\w*|agenc\w+|project|committee|bank|country|grant)\b|"
    r"\b(?:discharge|clinic|report|result|summary|medical|cardiology|consultation|covering|this) letter\b|"
    r"\bletter (?:to|for)\b|\b(?:its|their|the) neighbou?rs?\b|"
    r"\bneighbou?rs?\b(?:(?<=- neighbour)|(?<=- neighbours)|(?<=- neighbor)|(?<=- neighbors))|"
    r"\bin (?:good |working |perfect |full )?order\b|\border (?:no|number|id)\b|"
    r"\bsimpson'?s? rule\b|\b[io]n the order of\b|\bteaching hospital\b|\bcould not (?:find|see|"
    r"detect) any\b|"
    r"\b1[678][- ]?seg\w*(?: model)?\b|"
    r"\b(?:as|what) (?:one|i|we) (?:expects?|would expect)\b|\barea change\b|"
    r"\b(?:than|one|each) another\b|\blikely cause\b|"
    r"\bafter (?:tav[ir]|pci|ptca|cabg|[am]vr|dvr|valve replacement|pacemaker\w*|ablation)\b|\b(?:i|"
    r"we) could (?:see|find|make out|detect|identify)\b|"
    r"\bat (?:my|our|a|this) visit\b|\bof usual (?:size|thickness|calibre|width)\b|"
    r"\busual (?:views?|windows?|manner|way|position|protocol)\b|\bstandard protocol\b"
)
# Wherever it stands, it may make every value another's, or none. Words that mark whole pages as invented
# ("demo data", "specimen", "mock", "dummy", "placeholder") are none of them: their values are to be read.
ALARM: Final = re.compile(
    r"\b(?:(?<!blood )(?<!kidney )(?<!renal )(?<!liver )(?<!marrow )donor(?!'s wish\b|s? (?:foundation|"
    r"fund\w*|agenc\w+|"
    r"project|committee|card|bank|site|kidney|liver|cornea\w*|p[- ]?waves?|country|support\w*|grant)\b)|"
    r"misfiled|mis-?labell?ed|wrong (?:patient|sheet|"
    r"report|page|name|person|file|record)|phantom|"
    # A page may be printed on one.
    r"template(?:(?<!community template)(?<!dataset template)(?<!bse template)(?<!reporting template)"
    r"(?<!hospital template)(?<!structured template)|(?= (?:text|values?|only)))|"
    r"simulat(?!\w+ (?:room|check|session|ride|centre|center|flight|bay)\b)\w+|mannequin|fetal|"
    r"foetal|void|test patient|"
    r"(?:teaching|training|example) (?:case|report|text)|for (?:training|teaching)|"
    r"sample (?:report|text|data)|"
    r"draft (?:report|only)|rejected for|not for (?:clinical )?use|quiz|exam question|"
    r"unverified|unsigned|preliminary (?:report|result|read\w*)|"
    r"(?<!dictated )(?<!dictated, )(?<!dictated but )(?<!dictated and )(?<!if )(?<!when )"
    r"not (?:yet )?(?:been )?(?:verified|validated|confirmed|reviewed|read(?! back)|checked|"
    r"signed(?! (?:by hand|in ink|manually|electronically|digitally|physically))|approved))\b"
)
# It takes back what is named around it, or, where nothing is, anything.
CORRECTION: Final = re.compile(
    r"\b(?:errat\w+|addend\w+|amended|amendment|retracted|withdrawn|superseded?s?|disregard\w*|typo\w*|"
    r"typing error|corrected (?:report|version|value|copy|to))\b|(?:^|\n)\s*correction\s*:"
)
