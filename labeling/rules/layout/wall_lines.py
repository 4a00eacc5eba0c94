"""Lines about walls: which end in the middle of a finding, and which are whole though their last word "
"is "wall"."""

from __future__ import annotations

import re
from typing import Final

# "..., AKINETIC / SEPTUM & APEX", "Hypokinetic / inferior wall": what moves badly is on the next line.
_WALL_WANTED: Final = re.compile(r"(?:^|,\s*)(?:a|hypo|dys)kine(?:tic|sia|sis)$", re.IGNORECASE)
_WALL_NEXT: Final = re.compile(
    r"(?:of (?:the )?)?(?:septum|apex|septal|apical|basal|mid|"
    r"(?:antero|infero|postero)?(?:anterior|inferior|lateral|posterior|septal))\b(?!\s*[:=-])",
    re.IGNORECASE,
)
# "Dilated LV, global / HK", "inferior and inferolateral / hypokinesis", "all segments contract / normally".
_MOTION_WANTED: Final = re.compile(
    r"\b(?:global(?:ly)?|diffuse(?:ly)?|generali[sz]ed|regional|segmental|inf|ant|lat|septal|apical|basal|"
    r"septum|apex|ivs|"
    r"(?:antero|infero|postero)?(?:anterior|inferior|lateral|posterior|septal))$",
    re.IGNORECASE,
)
_MOTION_NEXT: Final = re.compile(
    r"(?:hypo|a|dys)kine(?:tic|sia|sis)\b(?!\s*(?:segments?|walls?)?\s*[:=-])|[HAD]K\b(?!\s*[:=-])|"
    r"(?-i:hypo\b)",
    re.IGNORECASE,
)
_HOW_WANTED: Final = re.compile(
    r"\b(?:walls?|segments?|lv|ventricle)\s+(?:(?:all|that were seen|seen)\s+)*(?:contracts?|moves?|"
    r"thickens?|moving|"
    r"contracting)$",
    re.IGNORECASE,
)
_HOW_NEXT: Final = re.compile(r"(?:normally|well|equally|poorly|badly)\b", re.IGNORECASE)

# "Mild hypokinesis of the lateral wall" above the right ventricle, which the next line begins with.
_WHOLE: Final = re.compile(
    r"kine(?:sia|sis|tic)\b.*\b(?:walls?|segments?|septum|apex|territory)$", re.IGNORECASE
)
_NEXT_PART: Final = re.compile(
    r"(?:Right (?:[Vv]entricle|[Aa]trium|[Hh]eart)|Left [Aa]trium|RV|RA|LA|(?:Mitral|Aortic|Tricuspid|"
    r"Pulmonary|"
    r"Pulmonic) [Vv]alves?|[A-Z]V|Valves?|Pericardium|Aorta|(?:Mild |Moderate |Severe )?Global "
    r"hypokine\w+ of "
    r"(?:the )?(?:RV|right)|Atria|Doppler|Diastolic|TAPSE|RVSP|PASP)\b|"
    r"(?:RIGHT (?:VENTRICLE|ATRIUM|HEART)|LEFT ATRIUM|(?:MITRAL|AORTIC|TRICUSPID|PULMONARY) VALVE|"
    r"PERICARDIUM)\b"
)


def wants_its_motion(ahead: str, after: str) -> bool:
    """Whether a line ends between a wall and how it moves, and the next begins with the rest."""
    return bool(
        (_WALL_NEXT.match(after) and _WALL_WANTED.search(ahead))
        or (_MOTION_NEXT.match(after) and _MOTION_WANTED.search(ahead))
        or (_HOW_NEXT.match(after) and _HOW_WANTED.search(ahead))
    )


def has_said_its_wall(ahead: str, after: str) -> bool:
    """Whether a finding ends with its wall, and the next line begins with another part of the heart."""
    return _NEXT_PART.match(after) is not None and _WHOLE.search(ahead) is not None
