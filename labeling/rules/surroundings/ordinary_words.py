"""Words that may stand beside a value and leave it what it is: today's finding of this patient.

Written down are only words that never change whose value it is, of which day, or whether it is one at all.
One that can ("previous", "target", "donor", "if") belongs into `turning_words.py` or nowhere: what is not
here is unfamiliar, and an unfamiliar word takes the green light away. Words are as `normalise.py` leaves
them; a plural, and a compound of words that stand here, need no entry.
"""

from __future__ import annotations

from typing import Final

from labeling.rules.surroundings.plain_words import PLAIN

# Grammar, and what reports say that they did.
_GRAMMAR: Final = """
    a an the this these those that which who there here it its he she his her him they their we our i
    you and or as at by in into of on to for from with within without over under above below between
    across along through throughout during than then while where is are was were be been being am has
    have had having do does did done no not nor neither none nil nothing any all each every both either
    some few many several most more less least one two three four five six seven eight nine ten first
    second third single also only just still very quite rather too so about around near nearly almost
    approximately approximate approx circa roughly somewhat slightly fairly relatively well again apart
    except excepting but however although though whereas alone besides otherwise else same like per via out up
    down off appear appeared look looked seem seemed show showed shown showing demonstrate demonstrated
    demonstrating reveal revealed revealing see sees seen saw note noted find found observe observed
    identify identified detect detected appreciate appreciated visualised visual visually suggest
    suggested suggesting suggestive indicate indicated indicating evidence evident obvious definite
    definitely clear clearly remain remained become became stay get gets got give given giving come came
    go goes went lie lies stand fall involve involving involved include including included describe
    described report reported record recorded state stated measure measured measuring measurement
    calculate calculated calculation compute computed derive derived obtain obtained est estimate estimated
    estimating estimation assess assessed assesses assessment evaluate evaluated evaluation determine
    determined quantify quantified quantitative qualitative judge judged average averaged read reading
    equal correspond corresponding consistent compatible conclude conclusion impression opinion comment
    summary interpretation finding final overall result diagnosis remark patient study studies echo
    echocardiogram echocardiography echocardiographic tte tee examination exam scan today today's now
    current currently present presently yes ok nad wnl nl n nr mild moderate severe trivial trace minor
    small large medium tiny huge big slight degree grade graded severity extensive marked significant
    significantly insignificant important considerable intermediate borderline low high lower higher
    upper normal normally abnormal abnormally good fair poor poorly satisfactory adequate adequately
    excellent preserved maintained intact impaired reduced reduces decreased depressed diminished
    elevated raised increased increase decrease reduction elevation rise vigorous supernormal unremarkable
    limit range value number percent percentage ratio index score full complete completely fully entire
    entirely whole total totally partial partially mostly mainly predominantly especially particularly
    respectively grossly essentially uniform uniformly even evenly symmetric symmetrical symmetrically
    homogeneous isolated focal localised localized discrete widespread patchy circumferential concentric
    eccentric chronic acute persistent stable unchanged long short little much greater absent absence
    negative positive free presence ie eg i.e viz etc vs
"""
# Parts of the heart and what is near it.
_ANATOMY: Final = """
    heart cardiac lv rv la ra lvef ef left right ventricular atrial atrium atria auricle biventricular
    univentricular biatrial myocardial myocardium endocardial endocardium epicardial pericardium
    pericardial chamber cavity cavities wall septal ivs ias interventricular interatrial septa anterior
    anteroseptal anterolateral inferior inferolateral inferoseptal inferobasal inferoapical
    inferoposterior posterior posterolateral posteroseptal lateral medial apical basal base mid
    midventricular distal proximal anteroapical anterobasal posterobasal diaphragmatic antero infero
    postero apico mid-anterior segment segmental region regional regionally territory area part portion
    half halves tip side sided mitral aortic tricuspid pulmonary valve valvular leaflet cusp annulus
    annular mv av tv pv aorta root ascending arch artery arteries arterial vein venous vena cava ivc svc
    outflow inflow tract lvot rvot appendage laa papillary muscle chordae coronary lad lcx rca lmca om
    diagonal vessel circumflex sinus valsalva lad's structure structural structurally
"""
# How it was looked at, what was measured, and units.
_METHODS: Final = """
    m-mode mmode m mode 2d 3d 4d d dimensional doppler colour color flow cfi cw pw tissue tdi continuous
    pulsed wave spectral gated spect mpi mri cmr muga ct cag lvgram ventriculogram ventriculography
    angiogram angiography angiographic angiographically catheterization catheterisation cath catheter
    radionuclide scintigraphy nuclear transthoracic transesophageal transoesophageal transgastric
    bedside resting rest contrast bubble biplane bp simpson simpson's teich teichholz teicholz teicholtz
    modified method cubed cube disc disk summation quantification plane view window parasternal
    subcostal suprasternal 4c 2c 3c 4ch 2ch 3ch a4c a2c a3c plax psax eyeball eyeballing eyeballed image
    imaging quality technique procedure performed automated automatic auto aha formula scoring analysis
    assuming assumed jet signal envelope peak mean max maximum min minimum maximal velocity velocities
    gradient pressure systolic diastolic systole diastole end e e' a' e/a e/e' s' dt time interval
    dimension diameter size sized volume thickness length mass function functional performance
    contractility contraction contract contracted contracting contractile motion move moved moving
    movement thicken thickening thickened excursion kinetic kinesia strain gls longitudinal global rate
    bpm beat fraction ejection output stroke shortening fs fac tapse mapse lvedv lvesv edv esv lvidd
    lvids lvedd lvesd ivsd ivss lvpwd lvedp edp dp/dt rap rvsp pasp spap paps pap pcwp pvr tr vmax pg
    mpg maxpg trpg cvp jvp rvsys sys syst dias mm cm ml mmhg mm-hg hg mercury m/s m/sec cm/s ms msec sec
    s kg g gm gms l ml/m2 m2 g/m2 cm2 cc millimeter millimetre meters metres unit wood w cmh2o kpa
"""
# What else is found in a heart.
_FINDINGS: Final = """
    rwma swma wma lvwma pah pht phtn ph hypertension hypertensive hypokinesia akinesia dyskinesia
    hyperkinesia normokinesia normokinetic asynergy dyssynergy dyssynchrony aneurysm aneurysmal
    abnormality defect disturbance disorder disease diseased dysfunction failure cardiomyopathy dcm dcmp
    hcm hocm dilated dilatation dilation enlarged enlargement hypertrophy hypertrophied lvh rvh
    regurgitation regurgitant insufficiency incompetence stenosis stenotic stenosed sclerosis sclerotic
    calcified calcification calcific mac prolapse mvp rhd rheumatic mr ar ts ps pr ai ti mi effusion
    tamponade thrombus thrombi clot vegetation masses shunt asd vsd pda pfo ischemic ischaemic ischemia
    ischaemia infarct infarction infarcted cad ihd scar scarred scarring thinned thin thinning fibrosis
    fibrotic dissection coarctation lesion occlusion occluded patent collapsing collapsible collapse
    collapsed dilates congestive congestion systemic restrictive constrictive relaxation compliance
    filling pattern paradoxical flattening flattened bowing shape overload loading lbbb rbbb bulging
    bulge layered mobile compensated decompensated type stage class ii iii iv
"""
# What stands around findings: the patient, the laboratory, other organs, older spellings.
_AROUND: Final = """
    affecting lvwm ca allows allow using overlying situ indirect confirmed confirms dear your spo ve
    work works worked working eye eyes e/o normalised normalized pa repeat repeated group conventional
    interrogation creatinine creat gram lves effective female male man woman gentleman lady clinical
    clinically cardiovascular bridging descending cpt relative stress exercise immunocompromise decho
    periaortic opening opened open closed closing formal water sign multiple ivg intramural transmitral
    mva collapsibility variation variability respiratory respiration inspiration expiration preservation
    contribution bridge main known capillary wedge fibrillation flutter rhythm regular irregular
    electrocardiographic ecg ekg facility consultation workup diagnosed dcmd copd asthma lung chest
    blood vascular embolism edema oedema anaemia anemia sepsis renal kidney liver hepatic diabetes
    diabetic thyroid hyperthyroidism cancer attenuation contour convincing confined common distribution
    effect deceleration fixed flat front back way wide tight toe visible point bioprosthesis
    bioprosthetic prosthesis prosthetic mechanical graft stent stented pacemaker icd lead wire device
    balloon valvotomy bmv cabg ptca pci avr mvr dvr bentall post-capillary pre-capillary precapillary
    postcapillary pulmonale resistance chf ccf hf hfref hfpef lvf everywhere everything feature leaky
    everyone residual healed awmi iwmi spared spares sparing remaining squeeze squeezing pumping pump
    primary secondary tertiary idiopathic alcoholic nonischemic non-ischemic nonischaemic organized
    organised pedunculated sessile calcium non-compaction supranormal hyperdynamic sluggish lazy weak
    strong stronger active dynamic rocking notched notching lae rae omt tvd tvds mvd paf af afib vf vt
    avblock nsr hb bnp ntprobnp probnp nyha afl tds frontal sagittal coronal co cor idx eval dx imp hypo
    hypok akin conc adv glo gro fn dysfn ft br gr dd gating incl diast cardiologist physician doctor dr
    sonographer consultant technician operator because hence importantly v s2 s1 pvcs pvc tachycardia
    bradycardia murmur ventriculographic cardiogram cardial st nd rd th persists persisting despite
    enough exceeding exceed therefore apparent itself plus line figure obtainable bracket notable
    permits paced pacing lags rao projection uptake territories pe zone differences bounce shift minute
    acceleration planimetry ring seated narrowed trabeculated holding other best obliterated
    noncompaction worse better sits dyssynchronous asynchronous pansystolic early late holosystolic
    nonsystolic semi quantitatively acceptable optimal reasonable comparable appropriate respective
    combined hemodynamic haemodynamic hemodynamically invasive noninvasive non-invasive software tracing
    traced contoured endocardially border delineated delineation resolution harmonic optimised optimized
    pool planar equilibrium tomographic tomography magnetic resonance ultrasound sonography sonographic
    duplex lvsf lvdd lvd lvs aml pml rcc ncc lcc raap lvpw aod asc desc trvmax trjet vti svi ci ava eroa
    ero rvol pisa vc avpg avmg mvpg mvmg avg lvm lvmi rwt lavi ravi ivrt sep lat tvi ttvi rvs gcs grs
    physiology pseudonormal pseudonormalized pseudonormalised inotropes therapy treatment medication
    drugs dose mg ao delay commented commenting uncommented interpreted interpretable interpret reviewed
    review reviewer correlate correlation bicuspid trileaflet unicuspid bileaflet quadricuspid tilting
    homograft autograft conduit annuloplasty clip mitraclip occluder coil banding perimembranous
    membranous muscular inlet outlet ostium secundum primum bidirectional suprasystemic shunting qp qs
    ductal ductus foramen ovale fossa situs solitus inversus levocardia dextrocardia concordant
    transposition tetralogy tof tga avsd dorv hlhs truncus ebstein eisenmenger fontan glenn subaortic
    supravalvular infundibular hypoplastic hypoplasia atretic atresia mapca forward backward reversal
    reverse reversed holodiastolic pandiastolic laminar turbulent aliasing mosaic central posteriorly
    anteriorly directed coanda restricted restrict coapt coaptation tethered tethering tented tenting
    flail perforated perforation rupture ruptured torn redundant myxomatous degenerative fused fusion
    commissural commissure pliable doming domed fibrosed mobility subvalvular splitability wilkins
    immobile frozen stuck pannus dehiscence paravalvular transvalvular periprosthetic regurg leak
    leaking leakage stenoses narrow narrowing deposits plaque atheroma ectasia ectatic ulcer intimal
    hematoma haematoma crista terminalis eustachian chiari network lipomatous band false tendon
    trabeculation recess recesses spongy compacted noncompacted echogenic hyperechoic hypoechoic
    echodense echolucent echobright bright speckled granular sparkling reflective reflectivity texture
    loculated organising fibrinous strands septated circumscribed behind adjacent opposite toward
    against inside inward outward upward downward sideways centimetre centimeter millilitre cent hundred
    forty fifty sixty seventy thirty twenty eighty ninety eleven twelve fifteen sixteen seventeen
    eighteen nineteen amount quantity count level strength force forceful forcefully briskly brisk
    nicely asymmetric asymmetrical asymmetrically synchronous synchronously coordinated conduction block
    branch bundle atrioventricular dual dddr vvi ventilated ventilation intubated supine upright
    decubitus position positioned cooperative restless tachypnoeic obese habitus emphysema available
    unavailable visualization visualisation technically frame loop systemically capacitance elastance
    stiffness stiff stiffening distensible distended distension plethoric engorged snuff sniff caval
    nontransmural transmural subendocardial midwall enhancement gadolinium lge delayed mapping t1 t2
    oedematous angio dominance dominant codominant nondominant ostial occlusive nonocclusive svg lima
    rima radial ramus marginal plv ivus ffr timi culprit recanalised recanalized thrombosed collateral
    collateralised collateralized svd triple double anteroapex inferoapex cap neck mouth necked sac
    concentrically eccentrically remodelling remodeling remodeled remodelled infiltrative amyloid
    sarcoid takotsubo peripartum valvulopathy myocarditis endocarditis pericarditis carditis hhd chd
    cahd acs stemi nstemi cva tia ckd esrd aki hiv ild osa nonobstructive obstructive obstruction
    obstructed unobstructed sam lvoto sigmoid ash palpitation dyspnea dyspnoea breathlessness syncope
    angina pain fever cough pedal unrem rem signed verified validated approved ask asked answer answered
    question please kindly thank sir madam ur dont dr's mam fine happy glad sorry rsr regularly
    irregularly ectopic extrasystole vpc vpcs apc apcs mcg kgs lbs bsa bmi sbp dbp pulse spo2 saturation
    temp unaided plainly simply mere merely truly frankly really barely hardly scarcely respect regard
    regarding concerning concerned noteworthy specific particular shaped geometry geometric spherical
    globular ellipsoid elongated beyond surrounding surrounded mpa rpa lpa aoroot loculi septae bowed
    bow eccentricity fw acd stj soa isthmus postinfarct exudate transudate
"""
# The rest of a patient's record.
_RECORD: Final = """
    cardiology hemoglobin haemoglobin oxygen air perfusion aspirin heparin care course data troponin
    bypass reversible irreversible soft hr inr ldl ref physical fluid closure surgical surgery viability
    viable hematocrit repair repaired replacement placed place implanted inserted removed continue
    continued start started stop stopped weight age yrs yr abdomen abdominal probe middle hour carotid
    response transient treadmill t qrs axis x nt jugular description details detail mixed dense
    diaphragm embolus red smoke spontaneous sound loud liters litres breast breathing lying sitting
    standing surveillance monitor monitoring arrhythmia fibrillating fluttering symptom symptomatic
    asymptomatic syndrome shock fatigue sleep irregularities lm icu ccu chemo chemotherapy trastuzumab
    anthracycline oncology radiation metoprolol carvedilol lisinopril spironolactone furosemide
    diuretics diuretic betablocker nitrates statin warfarin sacubitril valsartan entresto dapagliflozin
    sq technetium sestamibi thallium tetrofosmin adenosine regadenoson dipyridamole injection injected
    mismatch matched tracer infusion cycle cardioversion transplant dialysis capacity fills filled
    empties emptying return orthopnea pnd nocturnal exertional fainting smooth rounded thickish heavy
    heavily laminated attached floating floats protruding protrudes square lobed hinge body belly roof
    floor rim surface lumen edge corner longstanding congenital acquired hereditary postinflammatory
    inflammatory infective underfilled overfilled adult child paediatric pediatric infant boy girl
    background raw smaller bigger larger largest smallest greatest maximally minimally partly wholly
    widely suddenly gradually slowly quickly rapidly gone normokinesis foreshortening acoustic shadow
    shadowing reverberation gain cuspid valvuloplasty valvar valvotomised percutaneous transcatheter
    tavi tavr tmvr continuity discontinuity insertion origin anomalous coarct defectless patch patched
    baffle switch bloodflow sclerosed rigid flexible tachycardic bradycardic hypotensive normotensive
    saline agitated ptfe prostheses strut plethora pleural ascites consolidation pneumonia cirrhosis
    holter telemetry capture sensing weaken weakened weakening weaker stiffened indexed supra
    subclinical apically basally medially distally proximally septally globally permin pt usg pet cxr
    xray workstation vendor machine ballpark rt lt rtd rsd commissurally scallop p1 p2 p3 a1 a2 a3
    papillaries chordal incomplete opacification opacified opaque unruptured prominent prominence
    moderator regurgitates reflux refluxing rheumatoid lupus scleroderma sarcoidosis amyloidosis
    hemochromatosis thalassemia thalassaemia alcohol smoker smoking obesity dyslipidemia dyslipidaemia
    hyperlipidemia gallop rub click snap extracardiac intracardiac extrinsic intrinsic mediastinal
    mediastinum thoracic thorax sternum sternal pericardiocentesis tapped drained drain drainage
    suprahepatic subxiphoid hemithorax atelectasis elongation kinked kinking tortuous sludge swirling
"""

ORDINARY: Final = PLAIN | frozenset(
    f"{_GRAMMAR} {_ANATOMY} {_METHODS} {_FINDINGS} {_AROUND} {_RECORD}".split()
)
# What a number directly behind it is the measure of; not the fields of a record, nor how an EF is found.
MEASURED: Final = frozenset(f"{_ANATOMY} {_METHODS} trvm trpgm rapest trvmax trmaxpg".split()) - frozenset(
    """
    lvef ef ejection fraction left ventricular right rv pa pulmonary artery arterial systolic pressure
    rvsp pasp spap paps pap rvsys sys syst output mmhg hg mercury mm cm ml m/s ms s kg g l unit
    m-mode mmode m mode 2d 3d 4d d dimensional mpi mri cmr muga ct cag lvgram ventriculogram
    ventriculography angiogram angiography angiographic cath catheter catheterization catheterisation
    radionuclide nuclear spect gated bedside resting rest contrast biplane bp simpson simpson's teich
    teichholz teicholz teicholtz modified method cubed cube disc disk visual eyeball eyeballing eyeballed
    automated automatic auto formula peak mean max maximum min minimum maximal function functional
    performance contractility contraction stroke rate end assuming assumed measured volume
    """.split()
)
