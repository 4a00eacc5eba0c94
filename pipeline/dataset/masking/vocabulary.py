"""Words that may stay: what echo reports and ECGs say about hearts, what forms print, and plain English.

A word in a band of the page that names people and is in none of these sets is painted over. So a missing word
costs a black box; a word too many could cost a name. No given name, family name or town belongs here.
"""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA

from pipeline.dataset.masking.letters import as_letters, bare

# The body of a report: two of these in a row of print and it speaks about a heart.
CLINICAL = frozenset(
    """
    abnormal abnormalities abnormality absent akinesia akinesis akinetic aneurysm aneurysmal angioplasty
    annular annulus anterior anterolateral anteroseptal aorta aortic apex apical appendage area arterial
    artery ascending asymmetric atria atrial atrium av avr aneurysms basal beats bicuspid biplane
    biventricular block borderline breathlessness bundle calcific calcification calcified cardiomyopathy
    cavity chamber chambers chest clot clots coarctation coaptation collapse collapsing concentric
    contractility coronary cusp cusps cava decreased defect depressed deceleration dilatation dilated
    dilation dimension dimensions diameter diabetes diastole diastolic ductus dyskinesia dyskinesis
    dyskinetic dyspnoea dyssynchrony dysfunction eccentric effusion ejection elevated endocarditis enlarged
    enlargement estimated excursion fibrillation filling flow fraction fractional function gradient grade
    global haemodynamic hemodynamic hypertension hypertensive hypertrophy hypokinesia hypokinesis hypokinetic
    hypertrophic impaired increased inferior inferolateral inferoseptal inferobasal infarct infarction
    insufficiency interatrial interventricular intact ischaemia ischaemic ischemia ischemic ivc ivs ivsd ivss
    kinesia lateral leaflet leaflets left lv lvdd lvef lved lvedd lves lvesd lvh lvid lvidd lvids lvot lvpw
    lvpwd lvpws ladla mass mean measured mid mild mildly minimal mitral moderate moderately mosaic motion
    mobile mmode murmur myocardial myocardium myxomatous normal nonischemic obstruction outflow palpitations
    paradoxical pasp patent peak pericardial pericardium perfusion pfo pleural posterior preserved pressure
    pressures prolapse prosthesis prosthetic pseudonormal pulmonary pulmonic pulsed pwd reduced region
    regional regurg regurgitant regurgitation restrictive rheumatic right root rvef rvh rvid rvot rvsp rwma
    sam sclerosed sclerosis sclerotic segment segmental segments septa septal septum severe severely
    shortening shunt sinus size sized stenosis stenotic stroke structurally subcostal suprasternal systole
    systolic tachycardia tapse teich teichholz thickened thickening thickness thrombus tricuspid trivial
    trace tr trisuspid valve valves valvular vegetation vegetations vein velocity vena ventricle ventricles
    ventricular vessels visualised visualized wall walls weak annuloplasty ablation bradycardia arrhythmia
    exertion angina exercise predicted tiredness swelling oedema edema lungs haemoglobin creatinine platelets
    sodium potassium urea sugar tablets tab cap inj daily mg asd vsd pda ef fs la ra rv mr ar as ms ps pr pah
    ph mva ava mvp amr vti tdi e/a e/e edv esv co ci sv bsa bmi
    """.split()
)

# A row that begins with one of these begins the body.
SECTION = frozenset(
    """
    indication indications history diagnosis findings finding measurements measurement m-mode mmode
    impression conclusion conclusions summary comments comment observations observation interpretation dear
    technique procedure complaints chambers valves dimensions remarks final description clinical presenting
    advice medicines examination
    """.split()
)

# Labels and titles that forms print; they name nobody.
FORM = frozenset(
    """
    name names patient patients patient's pt age sex gender male female years year yrs yr date time dob birth
    ref refd referred referring reference by consultant doctor physician cardiologist cardiology cardiac
    hospital clinic id uhid mrn no number reg registration ip op ipd opd ward bed room visit type status
    phone ph tel telephone mobile mob cell contact fax email e-mail website address report reported reporting
    reports echo echocardiography echocardiogram echocardiographic transthoracic transesophageal study test
    doppler 2d 3d 2-d 2d-echo color colour dept department unit laboratory lab imaging diagnostics diagnostic
    centre center institute heart discharge summary page of the for and to from re sub subject height weight
    ht wt cm kg kgs m2 bp hr bpm mmhg signature signed verified approved confirmed performed technician
    technologist sonographer operator typed printed collected received bill receipt sample accession
    admission admitted discharged continued history medication race unknown exam examination information sl
    sr serial consultant's value normal range ranges units result results parameter parameters synthetic demo
    data invented p m f mr mrs ms dr yes nil na end original copy confidential system machine make model
    """.split()
)

# What an ECG prints that names nobody.
ECG = frozenset(
    """
    i ii iii avr avl avf v1 v2 v3 v4 v5 v6 v3r v4r v5r v6r v7 v8 v9 lead leads off rhythm mm/s mm/sec mm/mv
    mm/my hz bpm ms msec sec s mv mm ac filter muscle drift adaptive hr pr qrs qt qtc qtcb qtcf qt/qtc
    qt/qtcb qt/qtcbaz p t p-r-t p/qrs/t axis axes rr pp rv5 sv1 rv5/sv1 rv5+sv1 rv6 sv2 interval duration
    vent ventricular rate atrial sinus normal ecg ekg otherwise abnormal borderline bradycardia tachycardia
    arrhythmia fibrillation flutter premature complexes complex contraction contractions supraventricular
    right left bundle branch block deviation hypertrophy infarct infarction anterior inferior lateral septal
    posterior old recent age undetermined possible probable consider cannot rule out st-t st t-wave wave
    waves change changes elevation depression nonspecific non-specific ischemia ischaemia prolonged short
    first second third degree low voltage early repolarization repolarisation pacemaker paced poor
    progression report unconfirmed confirmed diagnosis information speed gain chest limb sequential auto
    manual standard 10mm/mv 25mm/s 25mm/sec 5mm/mv 50mm/s 10mm/my 25 50 60 10 5 100 35 150 40 20 0.05 0.5
    0.15 0.67
    """.split()
)

LEADS = frozenset("avr avl avf v1 v2 v3 v4 v5 v6".split())

PLAIN = frozenset(
    """
    a about above after again all also although an another any apart appears are around as assessed at
    available be because been before being below beside between both but by can clear clearly could day days
    did do does done due during each either enough every evidence except extending fair few found four from
    further good had half has have he her here high higher him his how however if in into is it its just kind
    kindly large larger last least less like likely limited low lower made many may mid middle might mild
    more most much near nearly need neither next no non none nor not noted now obtained of off often old on
    once one only or other others our out over part partly per perhaps please poor possible present previous
    previously probably quality quite rather reason regards regarding rest same satisfactory see seen several
    she short should show showed shows side sending since single slight slightly small so some still such
    suggest suggestive suggests suspected taken than thank that the their them then there these they this
    those three through thus to together too top total toward two under unremarkable until up upper us use
    used very via view views was we week weeks well were what when where whether which while who whole will
    window with within without would you your accident colleague correlate correlation clinically dear follow
    following follow-up months month opinion advised repeat required review recommended request requested
    stable treated treatment therapy surgery surgical fitness stairs climbing walking lying breath breathing
    pain feet fever fall fast slow walk ward home course condition after-care care medical medicine medicines
    food mouth team family told
    """.split()
)

BODY = CLINICAL | PLAIN
EVERYTHING = BODY | FORM | SECTION | ECG
_LONG = tuple(sorted(word for word in EVERYTHING if len(word) >= 7))


@lru_cache(maxsize=100_000)
def is_known(text: str) -> bool:
    """Whether a word may stay: one of ours, or a long one of ours with one letter misread."""
    word = bare(text)
    if not word:
        return True
    if word in EVERYTHING or as_letters(word) in EVERYTHING or word.removesuffix("'s") in EVERYTHING:
        return True
    parts = [part for part in word.replace("/", "-").split("-") if part]
    if len(parts) > 1 and all(part in EVERYTHING for part in parts):
        return True
    return (
        len(word) >= 7
        and word.isalpha()
        and any(OSA.distance(word, other, score_cutoff=1) <= 1 for other in _LONG)
    )
