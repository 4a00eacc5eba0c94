"""What stands around a value in lists, keys, tables with signs, series, and pages typed without capitals."""

from __future__ import annotations

import pytest

from db.labels import Light
from labeling.readers.rules import RulesReader
from labeling.trust.light import light_of_fields

SMALL_LETTERS = [
    ("ef 52\napex dyskinetic\nno clot", "rwma", "present"),
    ("Findings\n lateral wall hypokinetic\n no pah\n trivial tr", "rwma", "present"),
    ("lv normal\nno rwma\nmild pah\nno effusion", "pah", "mild"),
    ("there is hypokinesia of the mid\ninferior wall", "rwma", "present"),
]
EJECTION_FRACTION = [
    ("Ejn. Fraction 49 %", 49.0),
    ("EJC. FR. : 56 o/o", 56.0),
    ("Eject. fract. (biplane) 38,5 %", 38.5),
    ("Ejectn frctn 40-45 pcnt", 42.5),
    ("LV ejction fretion 50-55 %", 52.5),
    ("Fraction of ejection, left ventricle . . . 44%", 44.0),
    ("E-Fraction (Simpson) 41,0 %", 41.0),
    ("E.Fr.: 57,0 %", 57.0),
    ("F.E.: 51 %", 51.0),
    ("LVEF 45\\50 %", 47.5),
    ("L.V.E.F.\n59 p.c.", 59.0),
    ("EF hovering between 45 and 50", 47.5),
    ("The EF fails to reach 35", 35.0),
    ("Ejection fraction (%)\n30 or lower", 30.0),
    ("The EF is not 60 % as typed but 45 %.", 45.0),
    ("1. LVEF measured?      yes - 47 %", 47.0),
    ("% E.F. -> 52", 52.0),
    ("LV-Ej.-Fr. (biplane): 54,0 %", 54.0),
    ("RVEF|LVEF : 45|56 %", 56.0),
    ("FE / FS: 46% / 23%", 46.0),
    ("E / F = 41 / 100", 41.0),
    ("LVEF\n= 58 (+/- 5) %", 58.0),
    ("LVEF 35--40 %", 37.5),
    ("Q2. What is the ejection fraction?      A. 58%", 58.0),
    ("What is the EF?         40 percent", 40.0),
    # A number beats the bound of a rule.
    ("Requirements for divers: EF not under 55 %.\nLVEF 58 %", 58.0),
    # Two names in one line, and a word below the number that is another's.
    ("LA 44 mm, EF 57 %\nLesions\n Moderate  MR", 57.0),
]
REFERENCES = [
    ("E.F. [normal range: 52 to 72] ...... 33", "ef_percent", 33.0),
    ("Ejection fraction (adult norm 62 +/- 5): patient 41", "ef_percent", 41.0),
    ("LV ejection fraction (lower limit 52 %) . . . . 61 %", "ef_percent", 61.0),
    ("Item;Limits;Found;Unit\nEF;52..72;43;%\nSPAP;15..35;49;mmHg\nLA;30..40;44;mm", "ef_percent", 43.0),
    ("CLASS  EF\nI      > 55\nII     45 - 55\nIII    30 - 44\nPatient is in class II, EF 48",
     "ef_percent", 48.0),
    ("Colour code\ngreen = EF 50 % and more\nred = EF 35 % and less\n\nEF 61 % (green)", "ef_percent", 61.0),
    # What stands above a key is the patient's.
    ("LVEF 58 % normal\nmild: EF 41-51\nmoderate: EF 30-40", "ef_percent", 58.0),
    ("LVEF ref 55-70 pt 36", "ef_percent", 36.0),
    ("EF% ref>=54 obs 41", "ef_percent", 41.0),
    ("Ejection fraction (adult male: 52 % - 72 %) ...... 28 %", "ef_percent", 28.0),
    ("Lower limit of normal LVEF 54 %. Patient LVEF 41 %.", "ef_percent", 41.0),
    ("EF in healthy people 61 +/- 6 %, in this subject 39 %", "ef_percent", 39.0),
    ("LVEF, where 60 +/- 5 % is usual at this age, comes to 32 %.", "ef_percent", 32.0),
    ("LVEF within the normal range at 60-65%.", "ef_percent", 62.5),
    ("RVSP normal upto 30, this pt 47", "rvsp_mmhg", 47.0),
    ("Syst. PA press. [up to 35] 52 mmHg", "rvsp_mmhg", 52.0),
    ("Item;Ref;Found\nLVIDd;39-53;58\nEF;53-73;41\nFS;27-45;20", "ef_percent", 41.0),
    ("Test;Unit;Ref. interval;Your result\nLVEF;%;54-74;36\nPASP;mmHg;18-35;54", "rvsp_mmhg", 54.0),
    ("Name  Lower  Upper  Result  Flag\nLVEF  54     74     39      *\nLAVI  16     34     50      *",
     "ef_percent", 39.0),
    ("Ejection fraction\n  expected in a woman of this age: 54 to 74 %\n  found in this woman: 42 %",
     "ef_percent", 42.0),
    ("Cardiotoxicity = a drop of LVEF by 10 points to less than 50 %.\nLVEF today 57 %.", "ef_percent", 57.0),
    ("No sign of HFrEF (EF <= 40 %).", "ef_percent", None),
    ("EF classes: I 55+, II 45-54, III 30-44, IV under 30. Hers: 47.", "ef_percent", 47.0),
    ("FUNCTION KEY\nA Excellent EF >= 65 %\nB Good EF 55 - 64 %\nC Fair EF 40 - 54 %\nD Poor EF < 40 %",
     "ef_percent", None),
    ("NORMAL ADULT VALUES\nEF 52 - 72 %\nPASP 18 - 30 mmHg\nResults: see overleaf", "rvsp_mmhg", None),
    ("LVEF: normal  45-54  30-44  below 30", "rvsp_mmhg", None),
]  # fmt: skip
SERIES = [
    ("LVEF: 22 % (Jan) > 31 % (Apr) > 44 % (today)", "ef_percent", 44.0),
    ("PASP: 2020 70 mmHg > 2022 55 mmHg > this study 41 mmHg", "rvsp_mmhg", 41.0),
    ("EF rest / peak : 55 / 64 %", "ef_percent", 55.0),
    ("RVSP rest / 25 W / 50 W : 34 / 45 / 60 mmHg", "rvsp_mmhg", 34.0),
    ("Exercise RVSP 70 (rest 36) mmHg", "rvsp_mmhg", 36.0),
    ("Volumes   A4C   A2C   BP\nEDV       110   104   108\nEF        43    49    46", "ef_percent", 46.0),
    ("View,A4C,A2C,BP\nEDV ml,140,151,146\nESV ml,92,98,95\nEF %,34,35,35", "ef_percent", 35.0),
    ("Loop;Method;EDV;EF\n1;Teichholz;109;63\n2;A4C;118;52\n3;Biplane;121;55", "ef_percent", 55.0),
    (
        "         2020   2022   today\nLVIDd    55     58     60\nEF       47     42     36",
        "ef_percent",
        36.0,
    ),
    (
        "TEST   UNIT   MIN   MAX   YOU\nLVEF   %      55    75    29\nLA     mm     19    40    46",
        "ef_percent",
        29.0,
    ),
    ("PASP 31 + 10 i.e. 41 mmHg", "rvsp_mmhg", 41.0),
    ("RVSP, with 10 for the RA, comes to 47", "rvsp_mmhg", 47.0),
    ("PASP = 4V2 + RAP = 38 + 8 = 46 mmHg", "rvsp_mmhg", 46.0),
    ("RVSP=TRG(28)+RAP(5)=33", "rvsp_mmhg", 33.0),
    ("4 x 3.0 x 3.0 + 10 = 46 mmHg (sPAP)", "rvsp_mmhg", 46.0),
    ("S.P.A.P. 48 mm of Hg (with RA mean 5 taken into account)", "rvsp_mmhg", 48.0),
    ("Before surgery RVSP 80 mmHg with severe PAH.\nRVSP 35 mmHg.", "rvsp_mmhg", 35.0),
]
GRADES = [
    ("MR, TR and PAH: all mild", "mild"),
    ("Moderate (MR, TR, PAH).", "moderate"),
    ("trivial PR; severe - MR, TR, pulmonary hypertension", "severe"),
    ("MR / TR / PAH : trace / mild / moderate", "moderate"),
    ("Severe MR and TR with PAH of the same grade.", "severe"),
    ("TR (mild) with PAH (same grade)", "mild"),
    (
        "All of moderate degree:\n - mitral regurgitation\n - pulmonary arterial hypertension\nEF 60 %",
        "moderate",
    ),
    ("Absent: AR/AS/MS/PAH/RWMA/thrombus", "none"),
    ("Elevated pulmonary artery pressure, moderate degree", "moderate"),
    ("Severe pre-capillary PH", "severe"),
    ("PULMONARY ARTERY H/T : NIL", "none"),
    ("P.A.H.T. - severe\nRV dilated", "severe"),
    ("P-HTN ....... moderate", "moderate"),
    ("Pulm arterial pr. mildly raised", "mild"),
    ("The blood pressure in the lungs is mildly raised.", "mild"),
    ("PAH persists, now mild (RVSP 41 mmHg, was 60)", "mild"),
    ("Known PAH, still severe, PASP 80 mmHg", "severe"),
    ("PASP 60 mmHg, PAH severe\nRA pressure high", "severe"),
    ("P A H   :   N I L", "none"),
    ("RV | normal | PAH | N0", "none"),
    ("PH: 0", "none"),
    ("=NO= clot\n=NO= PAH", "none"),
    ("N° RWMA, N° PAH, N° clot", "none"),
    ("Pulm. hypertension\n   : N0NE (RVSP 25 mmHg)", "none"),
    ("PA press. within normal limits (24 mmHg systolic)", "none"),
    ("We could not find any clot, nor is there any PAH.", "none"),
    ("PAH (grades: mild/moderate/severe) = moderate", "moderate"),
    ("MR, TR and PAH, all three mild", "mild"),
    ("PAH as known, mild", "mild"),
    ("HTAP modérée", "moderate"),
    ("Pulmonary hypertension has been ruled out (PASP 22 mmHg).", "none"),
    ("trace AR-PR, moderate MR-TR-PAH", "moderate"),
    ("Pressure in the lungs (PAH)      Severe, RVSP 75 mmHg", "severe"),
    ("Is there pulmonary hypertension?      Moderate", "moderate"),
]
WALLS = [
    ("Segmental kinetics: undisturbed", "absent"),
    ("Regional contraction - WNL.", "absent"),
    ("Not a single segment moves abnormally", "absent"),
    ("Wall motion: no defect.", "absent"),
    ("WMA at rest : n i l", "absent"),
    ("WMA: 0", "absent"),
    ("Regional motion: no abnormality", "absent"),
    ("All 17 segments score 1", "absent"),
    ("Concl: nil,RWMA", "absent"),
    ("Wall motion: n0RWMA", "absent"),
    ("WallMotionAbnormality:ABSCENT", "absent"),
    ("A regional wall motion abnormality is confidently excluded.", "absent"),
    ("17.5   Any regional wall motion abnormality?      No", "absent"),
    ("Any weak part of the wall      No", "absent"),
    ("Contraction is preserved in every segment", "absent"),
    ("NB: RWMA - inferior wall hypokinetic.", "present"),
    ("Wall motion     o normal   o hypokinetic   ● akinetic", "present"),
    ("Inferior wall thin and scarred", "present"),
    ("R.W.M.A.\nnone", "absent"),
    ("Apex balloons out in systole", "present"),
    ("LAD supplied segments do not contract.", "present"),
    ("RCA area: moves poorly", "present"),
    ("Lateral wall sluggish, rest of LV brisk", "present"),
    ("Inferior wall: thin, bright, scarred, does not thicken", "present"),
    ("Inf. wl   hypokin.", "present"),
    ("SWM score\nBasal 1 1 1 1 1 1\nMid 1 1 2 2 1 1\nApical 1 1 3 1", "present"),
    ("Septum   AK\nLateral  HK\nEF 30 %", "present"),
    ("LVEF was never above 30 % in any view, apex akinetic", "present"),
    ("Akinesia of the apex, thrombus not excluded", "present"),
    ("akinetic there in 2016, today all walls move well", "absent"),
]
# A word that answers one label denies nothing of the next; exceptions are what is said.
ONE_AFTER_ANOTHER = [
    ("RWMA nil. PAH mild. EF 55 %.", "pah", "mild"),
    ("RWMA nil. PAH mild. EF 55 %.", "rwma", "absent"),
    ("Pericardial effusion nil, pah moderate", "pah", "moderate"),
    ("Effusion nil. RWMA at apex.", "rwma", "present"),
    ("AR no. Hypokinesia of inferior wall.", "rwma", "present"),
    ("LV clot: no. Regional hypokinesia of the inferior wall.", "rwma", "present"),
    ("MR no, wall motion abnormality inferior", "rwma", "present"),
    ("Pericardial effusion: no. PAH moderate.", "pah", "moderate"),
    ("Clot (no), RWMA (no), PAH (mild)", "pah", "mild"),
    ("No clot, no RWMA, PAH mild", "pah", "mild"),
    ("Clot nil    Inferior wall akinetic   PH mild", "rwma", "present"),
    ("Clot nil    PH mild", "pah", "mild"),
    ("MR severe TR severe PAH mild EF 55 %", "pah", "mild"),
    ("RWMA is nil PAH is mild", "pah", "mild"),
    ("Concl: NO. RWMA", "rwma", "absent"),
    ("NO. PAH", "pah", "none"),
    ("no MR, AR, PAH", "pah", "none"),
    ("All walls are normal except the apex, which is hypokinetic.", "rwma", "present"),
    ("All segments except the apex contract normally", "rwma", "present"),
    ("Wall motion: normal except inferior", "rwma", "present"),
    ("Wall motion normal apart from a paced septum", "rwma", "absent"),
    ("EF 40 %. AK apex.", "rwma", "present"),
    ("Severe HK of anterior wall", "rwma", "present"),
    ("Pas d'HTAP", "pah", "none"),
    ("HTAP absente", "pah", "none"),
]
# Named, and nobody's: no value, and no green.
NO_FINDING = [
    ("RWMA ....... part of the heart muscle moves less than the rest\nEF 50 %", "rwma"),
    ("Package covers: 2D echo for LVEF, RWMA, PAH screening.\nLVEF 60 %", "pah"),
    ("A normal TR velocity is no proof against pulmonary hypertension.", "pah"),
    ("Absence of a TR jet is not absence of PAH.", "pah"),
    ("No TR jet, so PH neither shown nor refuted.", "pah"),
    ("Nobody can say from this study that there is no pulmonary hypertension.", "pah"),
    ("RWMA: no comment possible", "rwma"),
    ("EXPLANATION OF TERMS\nAkinesia      a wall that does not move\nLVEF 60 %", "rwma"),
    ("Regional wall motion: intact / impaired\nEF 60 %", "rwma"),
    ("No TR jet, so nothing can be said about pulmonary hypertension.", "pah"),
    ("Not all segments were seen, so that we would not call wall motion normal.", "rwma"),
    ("Glossary for relatives:\nAkinesia: a wall that does not move.\nResult: EF 55 %", "rwma"),
    ("Camp tally: 70 seen, 4 severe PAH\nLVEF 60 %", "pah"),
    ("RCA bed: dormant, EF 40 %", "rwma"),
    ("RWMA: see sheet B", "rwma"),
    ("Problem list: 1 COPD, 2 severe PAH (cath 2016, mean 45)\nLVEF 60 %", "pah"),
    ("RWMA  Nil / Ant / Inf / Lat / Sep / Apex\nEF 60 %", "rwma"),
    ("Indication code   I27.0 pulmonary hypertension\n                  I25.2 old infarct, apical akinesia\n"
     "LVEF 60 %", "rwma"),
    ("Question from the ward: any inferior akinesia, EF below 40?", "rwma"),
]  # fmt: skip


def _read(text: str, field: str) -> object:
    return RulesReader().read_text(text).findings.model_dump(mode="json")[field]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        *SMALL_LETTERS,
        *((text, "ef_percent", value) for text, value in EJECTION_FRACTION),
        *REFERENCES,
        *SERIES,
        *((text, "pah", value) for text, value in GRADES),
        *((text, "rwma", value) for text, value in WALLS),
        *ONE_AFTER_ANOTHER,
    ],
)
def test_the_patients_value_is_read_whatever_stands_around_it(text: str, field: str, value: object) -> None:
    assert _read(text, field) == value


@pytest.mark.parametrize(("text", "field"), NO_FINDING)
def test_what_only_names_a_field_is_no_finding_and_never_green(text: str, field: str) -> None:
    read = RulesReader().read_text(text)
    assert read.findings.model_dump(mode="json")[field] == "not_stated"
    assert light_of_fields(read)[field] is not Light.GREEN


def test_a_name_that_lost_its_number_is_seen_though_the_function_is_said_in_words() -> None:
    read = RulesReader().read_text("EF\nRVSP\n\n1. Low normal LV systolic function")
    assert light_of_fields(read)["ef_percent"] is not Light.GREEN
    in_words = RulesReader().read_text("LVEF:\nNormal\n\n1. Normal LV systolic function")
    assert light_of_fields(in_words)["ef_percent"] is Light.GREEN
