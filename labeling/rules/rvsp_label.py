"""How reports name the systolic pressure of the right ventricle or the pulmonary artery."""

from __future__ import annotations

import re

RVSP_LABEL = re.compile(
    r"\b(?:(?:tr\s*pg|tr(?:\s+(?:jet|peak|max|systolic|pressure|doppler))*(?:\s+(?:gradient|pg|velocity))?)"
    r"\s*(?:of\s+|=\s*)?(?:\d{1,3}(?:\.\d+)?\s*(?:mm\s?hg)?)?\s*(?:\+|plus)\s*(?:an?\s+|the\s+|assumed\s+|"
    r"estimated\s+)*"
    r"(?:rap?|ra\s+(?:mean\s+)?pressure|right atrial(?: pressure)?|cvp|jvp)\s*(?:of\s+|"
    r"\(?)?(?:\d{1,2}\s*(?:mm\s?hg)?)?\)?"
    r"(?=\s*\)?\s*(?:=|:|is\b))|sys(?:t|tolic)?\.?\s+pap?(?=\s*[:=-]?\s*(?:of |is |was )?\d)|(?:pa|"
    r"pulmonary artery)(?=\s*[:=-]?\s*(?:was |of |is )?\d{2,3}\s*/\s*\d)|"
    r"pah\+?(?=\s*\(?\s*\d{2,3}\s*(?:mm|\+\s*\d{1,2}\s*=))|(?:pulmonary hypertension|pah)"
    r"\b[^.;\n\d]{0,40}?\bpressure(?! gradient)|rvsp|pasp|r\.v\.s\.p|p\.a\.s\.p|spap|s\s?pap|"
    r"papsp?|rvsys(?:tolic)?\s*p|pa\s?sp|systolic\s+pap|"
    r"pap\s+syst(?:olic)?|pap(?=\s*[:=-]?\s*(?:of |is |was )?\d{2,3}\s*(?:/|mm))|rv\s?sp|pasys|"
    r"(?:estimated\s+)?(?:systolic\s+)?(?:pa|p\.a\.|pulmonary\s*(?:arter(?:y|ial))?|"
    r"pulmonary atrial)\s*:?\s*(?:peak\s+)?(?:systolic\s+|syst\.?\s+)?press\w*|"
    r"(?:rv|right\s+ventricular|right\s+systolic\s+ventricular|right\s+heart)"
    r"\s*(?:peak\s+)?(?:end\s+)?(?:systolic\s+|syst\.?\s+)?pressu?r?e?|"
    r"(?:pa|pulmonary\s+artery)\s+systolic|peak\s+systolic\s+(?:pa|rv)\s+pressure)\b"
)
