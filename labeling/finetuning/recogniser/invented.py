"""Invented report lines: what a recogniser is taught to read.

They say nothing about anybody: numbers are drawn, words come from lists. Digits are far more frequent than in
reports, because a wrong digit is what matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

_EF_NAMES: Final = (
    "EF", "LVEF", "LV EF", "E.F.", "Ejection fraction", "ejection fraction", "LV ejection fraction",
    "left ventricular ejection fraction", "Left ventricular ejection fraction", "LVEF (biplane)",
    "EF (Simpson)", "EF (Teich)", "LVEF by eye", "EF(MOD-bp)", "Global LVEF", "calculated EF",
    "estimated ejection fraction", "The ejection fraction", "Visual EF", "EF 4ch", "LVEF%", "3D EF",
)  # fmt: skip
_PRESSURE_NAMES: Final = (
    "RVSP", "PASP", "PAP", "RVSP (TR)", "sPAP", "PA systolic pressure", "estimated RVSP", "Est. PASP",
    "right ventricular systolic pressure", "Right ventricular systolic pressure", "RVSP by TR jet",
    "pulmonary artery systolic pressure", "Pulmonary artery systolic pressure", "TR gradient", "RVSP/PASP",
)  # fmt: skip
_IS: Final = (
    " ", ": ", " : ", " = ", "=", " - ", " is ", " was ", " of ", " is estimated at ", " about ",
    " measures ", " approximately ", " ~ ", " is around ", " estimated to be ", " in the range of ", ":",
    " calculated at ", " .... ", " | ", " was found to be ", " is approximately ",
)  # fmt: skip
_EF_ENDS: Final = ("%", " %", " percent", "", "% ", " %.", "%,", "%)", " per cent")
_PRESSURE_ENDS: Final = ("mmHg", " mmHg", " mm Hg", " mm of Hg", "mm Hg", " mmHg.", "", " MMHG")
_ROWS: Final = (
    "LVIDd", "LVIDs", "LVID (d)", "LVID (s)", "IVSd", "IVS (d)", "LVPWd", "LVPW (d)", "Aortic root", "LA",
    "Left atrium", "LVOT", "Ao", "AO / LA", "LVEDD", "LVESD", "LVEDV", "LVESV", "FS", "SV", "CO", "E/A",
    "E/e'", "DT", "IVRT", "TAPSE", "RA", "RV basal", "TR Vmax", "AV Vmax", "AV mean PG", "MV area", "EPSS",
    "E wave", "A wave", "Septal e'", "Lateral e'", "LV mass index", "LAVI", "RVOT", "IVC", "HR", "BP", "BSA",
)  # fmt: skip
_UNITS: Final = (
    "cm", "mm", "ml", "%", "m/s", "cm/s", "mmHg", "cm2", "g/m2", "ms", "bpm", "L/min", "", "ml/m2",
)  # fmt: skip
_WHO: Final = (
    "left ventricle", "right ventricle", "left atrium", "right atrium", "mitral valve", "aortic valve",
    "tricuspid valve", "pulmonary valve", "interventricular septum", "anterior wall", "inferior wall",
    "lateral wall", "apex", "posterior wall", "aortic root", "pericardium", "LV cavity", "IVC", "LV apex",
    "basal septum", "mid anterior segment", "pulmonary artery", "interatrial septum", "patient", "study",
    "inferobasal segment", "chordae", "posterior leaflet", "ascending aorta", "RV free wall", "heart",
)  # fmt: skip
_HOW: Final = (
    "normal in size", "mildly dilated", "moderately dilated", "severely reduced", "thickened", "calcified",
    "hypokinetic", "akinetic", "dyskinetic", "structurally normal", "not well seen", "intact", "preserved",
    "mildly impaired", "enlarged", "within normal limits", "unchanged", "sclerotic", "hyperdynamic",
    "concentrically hypertrophied", "poorly visualised", "mobile", "collapsing with inspiration", "adequate",
    "technically difficult", "stable", "borderline", "trivially regurgitant",
    "free of thrombus", "aneurysmal",
)  # fmt: skip
_PLAIN: Final = (
    "No regional wall motion abnormality", "Mild MR, trivial TR", "No pericardial effusion", "No LV clot",
    "Grade I diastolic dysfunction", "moderate pulmonary hypertension", "No evidence of vegetation",
    "IMPRESSION", "CONCLUSION:", "FINDINGS", "M-MODE MEASUREMENTS", "2D ECHOCARDIOGRAPHY", "Doppler study",
    "Indication: breathlessness", "Referred by the clinic", "History of hypertension and diabetes",
    "chest pain with ST segment changes", "was admitted with shortness of breath", "Review in three months",
    "aspirin 75 mg once daily", "the procedure was tolerated well", "coronary angiography showed stenosis",
    "Sinus rhythm throughout", "systolic function", "diastolic function", "there is no shunt", "S/P CABG",
    "Rest and stress images were acquired", "Normal values in brackets", "Technically adequate study",
    "mild concentric LVH", "no significant gradient across", "consistent with ischaemia", "Please correlate",
    "compared with the previous study", "and the rest of the examination", "blood pressure", "Heart rate",
    "Department of Cardiology", "Name of patient", "Ref. doctor", "Page 1 of 2", "Signature", "Age / Sex",
    "wall thickness is increased", "which is consistent with", "on exertion", "the left main coronary artery",
)  # fmt: skip
_DRUGS: Final = ("metoprolol", "ramipril", "furosemide", "atorvastatin", "warfarin", "digoxin", "insulin")
_ODD: Final = "0123456789" * 4 + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" + ".,:;%()-=/<>+"
_MONTHS: Final = ("Jan", "Feb", "March", "Apr", "May", "June", "Jul", "Aug", "Sept", "October", "Nov", "Dec")


def invent_line(rng: np.random.Generator, length: int) -> str:
    """A line of about `length` characters: pieces of several kinds, one after the other."""
    parts: list[str] = []
    while sum(map(len, parts)) + len(parts) < length:
        parts.append(_piece(rng))
    text = _one(rng, (" ", " ", ", ", ". ", "; ", "  ")).join(parts)
    kind = rng.random()
    return text.upper() if kind < 0.14 else text.title() if kind < 0.17 else text


def _piece(rng: np.random.Generator) -> str:
    kinds = (_ejection_fraction, _pressure, _measurement, _statement, _plain, _date, _dose, _odd)
    weights = (0.24, 0.15, 0.17, 0.16, 0.15, 0.04, 0.04, 0.05)
    return kinds[int(rng.choice(len(kinds), p=weights))](rng)


def _ejection_fraction(rng: np.random.Generator) -> str:
    value = _value(rng, 5, 90)
    end = _one(rng, _EF_ENDS)
    text = f"{_one(rng, _EF_NAMES)}{_one(rng, _IS)}{value}{end}"
    kind = rng.random()
    if kind < 0.1:
        return f"{text} (normal {_whole(rng, 50, 60)}-{_whole(rng, 65, 80)}%)"
    return f"{value}{end} {_one(rng, _EF_NAMES)}" if kind < 0.16 else text


def _pressure(rng: np.random.Generator) -> str:
    more = f" + RAP {_whole(rng, 3, 15)}" if rng.random() < 0.12 else ""
    return (
        f"{_one(rng, _PRESSURE_NAMES)}{_one(rng, _IS)}{_value(rng, 12, 110)}{more}{_one(rng, _PRESSURE_ENDS)}"
    )


def _measurement(rng: np.random.Generator) -> str:
    number = _whole(rng, 8, 240)
    if rng.random() < 0.6:
        number = f"{rng.uniform(0.3, 9.9):.{1 + int(rng.integers(2))}f}"
    text = f"{_one(rng, _ROWS)}{_one(rng, (' ', ': ', ' = ', '  ', ' - '))}{number} {_one(rng, _UNITS)}"
    if rng.random() < 0.3:
        low = rng.uniform(0.5, 4.0)
        text += f" ({low:.1f}-{low + rng.uniform(0.5, 3):.1f})"
    return text.rstrip()


def _statement(rng: np.random.Generator) -> str:
    forms = ("The {who} is {how}", "{who} {how}", "{who}: {how}", "{who} appears {how}", "{how} {who}")
    return _one(rng, forms).format(who=_one(rng, _WHO), how=_one(rng, _HOW))


def _plain(rng: np.random.Generator) -> str:
    return _one(rng, _PLAIN)


def _date(rng: np.random.Generator) -> str:
    day, month, year = int(rng.integers(1, 29)), int(rng.integers(1, 13)), int(rng.integers(1995, 2030))
    forms = (
        f"{day:02d}/{month:02d}/{year}",
        f"{day}-{month}-{year % 100:02d}",
        f"{day} {_MONTHS[month - 1]} {year}",
    )
    return _one(rng, forms)


def _dose(rng: np.random.Generator) -> str:
    number = _one(rng, ("2.5", "5", "10", "20", "25", "40", "80", "0.25"))
    return f"{_one(rng, _DRUGS)} {number} mg {_one(rng, ('od', 'bd', 'daily'))}"


def _odd(rng: np.random.Generator) -> str:
    """Letters and digits without a meaning, so that words are read and not guessed."""
    return "".join(_ODD[index] for index in rng.integers(len(_ODD), size=int(rng.integers(3, 10))))


def _value(rng: np.random.Generator, low: int, high: int) -> str:
    """A number as printed: whole, with a decimal, a range, with a sign before it."""
    kind = rng.random()
    whole = _whole(rng, low, high)
    if kind < 0.14:
        until = int(whole) + int(rng.integers(2, 11))
        return f"{whole}{_one(rng, ('-', ' - ', ' to ', '%-', '-', '–', '/'))}{until}"
    if kind < 0.22:
        return f"{whole}.{int(rng.integers(10))}"
    if kind < 0.32:
        return f"{_one(rng, ('>', '<', '> ', '< ', '~', '>=', 'less than ', 'above ', '+/- '))}{whole}"
    return whole


def _whole(rng: np.random.Generator, low: int, high: int) -> str:
    return str(int(rng.integers(low, high + 1)))


def _one(rng: np.random.Generator, choices: Sequence[str]) -> str:
    return choices[int(rng.integers(len(choices)))]
