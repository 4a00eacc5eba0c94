"""The words echo reports are written with: canonical spellings, variants, and what counts as a heading.

Everything here is lower case, because the rules work on the normalised text (`normalise.py`). Phrases and
traps are explained, with the decision for each, in `docs/codebook.md`.
"""

from __future__ import annotations

# Words long enough to be repaired when a typist or the OCR got a letter or two wrong. Every real word that
# lies close to one of them must be listed too (hypotension beside hypertension), or it would be "repaired"
# into it.
SPELLINGS = frozenset(
    """
    ejection fraction fractional fractions projection injection rejection ventricular ventricle
    ventriculogram atrial auricular regional regionally segmental segment segments abnormality abnormalities
    abnormal normal motion hypokinesia akinesia dyskinesia hyperkinesia hypokinetic akinetic dyskinetic
    hyperkinetic hypokinesis akinesis dyskinesis hyperkinesis bradykinesia bradykinetic telekinesis kinesis
    aneurysm aneurysmal pulmonary pulmonic hypertension hypertensive hypotension hypotensive hypertrophy
    hypertrophic hypertrophied systolic systole diastolic diastole anterior anteriorly interior exterior
    inferior inferiorly superior posterior lateral laterally bilateral collateral unilateral septal septum
    apical basal inferolateral inferoseptal anteroseptal anterolateral posterolateral posteroseptal
    apicolateral apicoseptal apicoinferior
    inferobasal inferoapical anteroapical inferoposterior impression impressions expression compression
    depression conclusion conclusions exclusion occlusion inclusion findings funding history moderate
    moderately severe severely several preserved reserved reversed impaired reduced reduce function
    functions functional dysfunction dysfunctional malfunction pressure pressures pressured estimated
    estimate calculated indicated previous previously pervious comparison approximately approximate diffuse
    diffusely global globally generalised generalized significant insignificant evidence visualised
    visualized contraction contractility contracting contractile extraction attraction traction refraction
    infraction infarction reaction regurgitation regurgitant
    """.split()
)

# Words that are no repair's aim (others lie too close), but put together again where a line end parts them.
ALSO_HYPHENATED = frozenset(
    """
    arterial artery mitral tricuspid aortic regurgitation stenosis thrombus effusion territory movement
    ischaemic ischemic cardiomyopathy dilated dilatation pericardial estimated
    """.split()
)

# Canonical forms for words that mean the same to us. Applied after spelling repair, whole words only.
CANONICAL = {
    **dict.fromkeys(
        ("hypokinetic", "hypokinesis", "hypokineses", "hypokinaesia", "hypokinetics"), "hypokinesia"
    ),
    **dict.fromkeys(("hypok", "hypokin", "hypokinet", "hypokinesi", "hypokinetis"), "hypokinesia"),
    **dict.fromkeys(("akin", "akinet", "akines"), "akinesia"),
    **dict.fromkeys(("normokin", "eukinetic"), "normokinetic"),
    **dict.fromkeys(("terr", "territories"), "territory"),
    "homogenous": "homogeneous",
    "lvwm": "wall motion",
    **dict.fromkeys(("rvspest", "estrvsp"), "rvsp"),
    **dict.fromkeys(("paspest", "estpasp"), "pasp"),
    **dict.fromkeys(("wl", "wls"), "wall"),
    # As neighbours' languages write them.
    **dict.fromkeys(("moderee", "moderada", "moderado", "moderata"), "moderate"),
    **dict.fromkeys(("legere", "leve", "lieve", "ligera"), "mild"),
    **dict.fromkeys(("severa", "severo"), "severe"),
    **dict.fromkeys(("acinesia", "akinesie", "acinesie", "akinezie"), "akinesia"),
    **dict.fromkeys(("hipocinesia", "hypokinesie", "hypokinesi", "hipokinezie", "ipocinesia"), "hypokinesia"),
    **dict.fromkeys(
        ("absente", "ausente", "assente", "abscent", "absant", "absnt", "abesnt", "absen"), "absent"
    ),
    **dict.fromkeys(("nll", "nii", "nlil", "niil"), "nil"),
    **dict.fromkeys(("movement", "movements"), "motion"),
    **dict.fromkeys(("dyskin", "dyskinet", "dysk"), "dyskinesia"),
    **dict.fromkeys(("hypocontractile", "hypocontractility"), "hypokinesia"),
    **dict.fromkeys(("akinetic", "akinesis", "akinaesia", "acinesia", "acinetic"), "akinesia"),
    **dict.fromkeys(("dyskinetic", "dyskinesis", "dyskinaesia"), "dyskinesia"),
    **dict.fromkeys(("hyperkinetic", "hyperkinesis", "hyperdynamic", "hypercontractile"), "hyperkinesia"),
    **dict.fromkeys(("aneurysmal", "aneurism", "aneurysms"), "aneurysm"),
    **dict.fromkeys(("abnormalities", "abnormaility", "abnormalty", "abn"), "abnormality"),
    **dict.fromkeys(("generalised", "generalized", "diffuse", "diffusely", "globally", "overall"), "global"),
    **dict.fromkeys(("mildly", "slight", "slightly", "minimal", "minimally"), "mild"),
    **dict.fromkeys(("moderately", "mod", "modrate"), "moderate"),
    **dict.fromkeys(("severely", "markedly", "profoundly", "severly"), "severe"),
    **dict.fromkeys(("visualised", "visualized"), "visualised"),
    **dict.fromkeys(("percent", "pct", "percentage"), "%"),
    **dict.fromkeys(("apex", "apically"), "apical"),
    "pasystolic": "pa systolic",
    "rvsystolic": "rv systolic",
    "septum": "septal",
    "anteroseptum": "anteroseptal",
    "inferoseptum": "inferoseptal",
    **dict.fromkeys(("nahi", "nahin", "nahee"), "no"),
    "norwma": "no rwma",
    **dict.fromkeys(("rwma's", "rwmas"), "rwma"),
    "nopah": "no pah",
    "sev": "severe",
    "bip": "biplane",
    "htn": "hypertension",
    "pulm": "pulmonary",
    "pul": "pulmonary",
    "ant": "anterior",
    "inf": "inferior",
    "lat": "lateral",
    "anterolat": "anterolateral",
    "inferolat": "inferolateral",
    "posterolat": "posterolateral",
    "anterosept": "anteroseptal",
    "inferosept": "inferoseptal",
    "pulmonic": "pulmonary",
    "press": "pressure",
    "segs": "segment",
    "ejectn": "ejection",
    "fractn": "fraction",
    "fx": "fraction",
    "ventricle": "ventricular",
    "segments": "segment",
    "pressures": "pressure",
    "walls": "wall",
}

# The report is a sequence of sections; these words open one. Longest match first.
HEADINGS: dict[str, tuple[str, ...]] = {
    "conclusion": (
        "final impression",
        "final diagnosis",
        "impression",
        "impressions",
        "conclusion",
        "conclusions",
        "summary",
        "final conclusion",
        "opinion",
        "comment",
        "comments",
        "interpretation summary",
        "overall impression",
        "final report",
        "echo diagnosis",
        "imp",
    ),
    "previous": (
        "previous study",
        "previous echo",
        "previous report",
        "previous echocardiogram",
        "prior study",
        "prior echo",
        "prior report",
        "prior echocardiogram",
        "comparison",
        "comparison study",
        "compared to",
        "earlier study",
        "earlier echo",
        "last echo",
        "old echo",
        "old report",
        "old chart",
        "old notes",
        "old file",
        "old study",
        "previous findings",
        "baseline study",
        "past echo",
        "compared with",
        "comparison with previous",
        "previous studies",
        "prior studies",
        "earlier report",
    ),
    "history": (
        "history",
        "clinical history",
        "past medical history",
        "history of present illness",
        "past history",
        "indication",
        "indications",
        "clinical indication",
        "clinical indications",
        "reason for exam",
        "reason for examination",
        "reason for study",
        "clinical details",
        "clinical data",
        "clinical information",
        "reason for consultation",
        "referral reason",
        "presenting complaints",
        "chief complaint",
        "pmh",
        "hpi",
        "brief history",
        "clinical summary",
        "complaints",
        "diagnosis on admission",
    ),
    "findings": (
        "findings",
        "description",
        "interpretation",
        "observations",
        "two dimensional echo",
        "2d echo",
        "2-d echo",
        "2d echocardiography",
        "echocardiogram",
        "echocardiography",
        "echo findings",
        "doppler",
        "colour doppler",
        "color doppler",
        "left ventricle",
        "result",
        "results",
        "report",
        "current study",
        "present study",
        "this study",
        "today",
        "today's study",
        "today's echo",
        "today's findings",
        "current echo",
        "present echo",
        "current findings",
        "echo",
        "2d study",
        "regional wall motion",
        "wall motion",
        "lv function",
        "procedure",
        "technique",
        "hospital course",
        "course in hospital",
        "investigations",
        "colour flow",
        "right ventricle",
        "valves",
        "mitral valve",
        "aortic valve",
        "tricuspid valve",
        "pulmonary valve",
        "pericardium",
        "others",
        "advice",
        "recommendation",
        "recommendations",
        "plan",
        "medications",
        "treatment",
    ),
    "measurements": (
        "m-mode",
        "m mode",
        "mmode",
        "m-mode measurements",
        "measurements",
        "quantitative measurements",
        "dimensions",
        "2d measurements",
        "mmode/2d measurements",
        "calculations",
        "measurements & calculations",
        "m-mode findings",
        "m mode measurements",
        "mmode/2d measurements & calculations",
        "detailed measurements",
    ),
}

_OLD = ("previous", "prior", "earlier", "old", "past")
_STUDIES = """
    exam exams examination study studies echo echos report reports record records result results values data
    visit visits
""".split()
HEADINGS["previous"] += tuple(f"{old} {word}" for old in _OLD for word in _STUDIES)
HEADINGS["previous"] += tuple(
    f"{old} {word} summary" for old in _OLD for word in ("record", "records", "echo")
)
HEADINGS["findings"] += tuple(f"{new} {word}" for new in ("this", "current", "present") for word in _STUDIES)

# Canonical wall names by the words (after canonicalisation) that name them.
WALL_WORDS: dict[str, tuple[str, ...]] = {
    "anterior": (
        "anterior",
        "anteroapical",
        "antero-apical",
        "antero apical",
        "anterobasal",
        "antero-basal",
        "anterior wall",
    ),
    "anteroseptal": (
        "anteroseptal",
        "antero-septal",
        "antero septal",
        "anterior septal",
        "anterior septum",
        "anterior ivs",
    ),
    "septal": ("septal", "ivs", "interventricular septal", "apicoseptal"),
    "inferoseptal": (
        "inferoseptal",
        "infero-septal",
        "infero septal",
        "inferior septal",
        "inferior ivs",
        "posteroseptal",
    ),
    "inferior": (
        "inferior",
        "diaphragmatic",
        "inferobasal",
        "inferoapical",
        "inferoposterior",
        "infero-apical",
        "infero-posterior",
        "infero posterior",
        "infero-basal",
        "apicoinferior",
    ),
    "inferolateral": ("inferolateral", "infero-lateral", "infero lateral"),
    "posterior": (
        "posterior",
        "inferoposterior",
        "posterobasal",
        "infero-posterior",
        "infero posterior",
        "posterolateral",
        "postero-lateral",
        "postero-basal",
    ),
    "lateral": ("lateral", "posterolateral", "apicolateral"),
    "anterolateral": ("anterolateral", "antero-lateral", "antero lateral"),
    "apical": (
        "apical",
        "anteroapical",
        "inferoapical",
        "infero-apical",
        "apico",
        "antero-apical",
        "apicolateral",
        "apicoseptal",
        "apicoinferior",
    ),
    "basal": ("basal", "basilar", "inferobasal", "anterobasal", "posterobasal", "base"),
    "mid": ("mid", "midventricular", "mid-cavity"),
}

# What an artery feeds is a region, and no wall that the report names: people differ in which walls it has.
TERRITORIES: dict[str, str] = {"lad": "LAD", "rca": "RCA", "lcx": "LCx"}

GRADES = ("mild", "moderate", "severe")
