"""More words that may stand beside a value and leave it what it is: those of letters, of places where a study
is done, of other organs and illnesses, and of reports that name things in two languages.

The same rule as for `ordinary_words.py`: no word that says whose value it is, of which day, or whether it is
one at all, none that denies ("sin", "ohne", "tiada": no rule reads them), and no grade in another language.
"""

from __future__ import annotations

from typing import Final

# How people write who report in sentences.
_LETTERS: Final = """
    specify specified site location impairment disturbed affected noticed aside associated confidently
    displacement displaced concl verdict nb me my mine myself us ourselves them themself themselves
    himself herself whose whom keep keeps kept keeping hold holds held retain retains retained maintain
    maintains make makes made making put puts set sets behave behaves behaving perform performs act acts
    acting beats beating pumps squeezes contracts relax relaxes relaxed empty opens close closes moves
    swing swings travel travels shorten shortens shortened lengthen thickens bend bends bulges sit hang
    hangs rests tilt tilted amounts comes run runs measures equally alike together all-round round
    altogether quietly calmly gently easily freely smoothly tidily steadily correctly properly perfectly
    well-preserved well-contracting well-functioning non-dilated undilated unhurried healthy ordinary
    unexceptional unremarked uneventful undisturbed unimpaired unaffected unhampered unhindered
    unrestricted untroubled uncompromised undiminished flawless flawlessly faultless faultlessly
    impeccable impeccably blameless exemplary harmonious harmoniously harmony unison step concerted
    rhythmic rhythmically lively energetic energetically spirited snappy crisp robust tidy clean neat
    neatly pleasing pleasant pleasantly decent modest modestly plain perfect superb splendid beautifully
    okay alright reassuring reassuringly comfortable comfortably generous generously ample spacious roomy
    compact slender slim plump bulky massive massively tremendous substantial substantially conspicuous
    striking strikingly pronounced profound profoundly gross frank overt florid advanced incipient faint
    faintly subtle gentle weakly feeble feebly tired dull lazily vigorously strongly forcible forcibly
    blunt blunted stretched tolerable tolerably respectable obviously evidently unmistakable unmistakably
    certainly surely fortunately problem problems trouble difference distinction manner ways appearance
    appearances aspect aspects looks picture pictures character nature style condition conditions
    situation configuration architecture morphology morphological anatomy anatomical behaviour behavior
    activity action actions workings functions mechanics mechanism levels stretch strip spot spots island
    islands edges borders junction layer layers belt top bottom centre centrally sector sectors thirds
    quarter quarters remainder tips apex apexes neighbouring adjoining contiguous opposing major chief
    principal leading sole lone own similar similarly identical identically local locally general
    generally commonly furthermore additionally likewise thereby thus accordingly largely broadly using
    alone share proportion proportions pass passed deep deeply shallow broad thinly thickly densely sparse
    sparsely firstly secondly thirdly fourthly lastly finally exactly precisely thereabouts
    neighbourhood neighborhood vicinity upwards
"""
# Where and how a study was done.
_STUDY: Final = """
    hand-held handheld portable portably pocket scanner apparatus equipment transducer vivid epiq affiniti
    echopac tomtec syngo mindray philips siemens ge canon samsung sonosite butterfly lumify programme
    program autostrain autoef auto-ef semi-automated triplane quadriplane multiplane full-volume
    volumetric area-length areas lengths tracings cycles averaging consecutive representative selected
    acquisition acquire visualise visualize viewed looking scanned rescanned rested quiet table couch
    trolley stretcher chair bed theatre ventilator ecmo iabp peep nitric oxide inotrope inotropic
    noradrenaline norepinephrine adrenaline milrinone dobu levosimendan vasopressor sedated sedation awake
    asleep anaesthesia anesthesia anaesthetised anesthetized intubation extubated mask nasal room-air
    altitude height sea metre meter sonovue definity optison lumason harmonics enhanced enhancing enhancer
    opacify cut cuts slice slices sweep sweeps short-axis long-axis four-chamber two-chamber three-chamber
    five-chamber multi-plane offline online on-line off-line
"""
# The heart, and what is near it, in more words.
_HEART: Final = """
    rwm lwma pwd vol est dist art reg seg simp conc fe hfpef circuit supply esd edd lved lves trvm
    trpgm rapest txt transmurally myopathic cardiomyopathic cardiomegaly septo-apical septoapical
    apico-septal apico-lateral infero-lateral infero-septal antero-septal antero-lateral postero-lateral
    infero-posterior infero-basal antero-apical mid-septal mid-inferior mid-lateral mid-cavity midcavity
    mid-cavitary intracavitary intraventricular intra-ventricular intraatrial intra-atrial atrially
    ventriculo ventriculoarterial trabeculae trabecular trabeculations chord chords raphe commissures
    cusps scallops cleft clefts tricommissural bicommissural annulo sinotubular sino-tubular coronaries
    ostia lumina conus infundibulum crux isthmic aortopulmonary duct os-asd sinus-venosus pericardiac
    effusive fibrin echo-free echofree echo-dense nondilated non-hypertrophied nonhypertrophied
    non-ischaemic non-obstructive non-rheumatic non-stenotic nonstenotic non-significant nonsignificant
    haemodynamics hemodynamics lusitropic inotropy lusitropy contractilities contractions ejected expelled
    expulsion regurgitations incompetent competent leaks leaked whiff whisper wisp trickle jetlet puff
    trifling negligible physiological physiologic organic torrential wide-open low-gradient high-gradient
    low-flow normal-flow paradoxic dyssynchronously flash apical-rocking septal-flash mcconnell
    mcconnell's dip dips notch struts hammock parachute hockey-stick fish-mouth slit-like balloon-shaped
    triatriatum cavopulmonary cavo-pulmonary pulmonary-venous venous-return arterialised arterialized
    resistances vasodilator vasoreactive non-responder responder tension tensions pressure-overload
    volume-overload afterload preload loaded unloaded leads wires electrode electrodes crt crt-d crt-p
    crtd icd's pacers pacer devices impella lvad heartmate grafts allograft xenograft sutured sutures
    pledget sv edvi esvi lvsv aov mvg pisa-derived lvgls rvfws rvgls fws mapse's mpap dpap spap's tpg dpg
    pcw cvp's sphericity lvmass mass-index
"""
# Illnesses, other organs, drugs and procedures.
_ILLNESS: Final = """
    anaemic anemic azotaemia uraemic uremic nephrotic nephropathy nephritis haemodialysis hemodialysis
    hypothyroid hypothyroidism thyrotoxic thyrotoxicosis goitre ketoacidosis dehydrated dehydration
    hypovolaemia hypovolemia hypervolaemia hypervolemia euvolaemic euvolemic fluid-overloaded septic
    shocked tachypnoea dyspnoeic breathless wheeze wheezing haemoptysis hemoptysis pyrexia febrile malaria
    dengue typhoid chagas trypanosomiasis leptospirosis tuberculous tuberculosis tb covid influenza viral
    bacterial fungal septicaemia abscess vegetative rheumatic-fever chorea carditic lupoid sclerodermatous
    vasculitis arteritis takayasu kawasaki marfan turner down's noonan friedreich duchenne becker fabry
    gaucher danon haemochromatosis amyloidotic myopathy myositis neuropathy embolic thromboembolic
    thromboembolism thrombosis thrombotic thrombolysis thrombolysed thrombolyzed embolectomy
    endarterectomy pneumonectomy lobectomy emphysematous interstitial bronchitis bronchiectasis hypoxia
    hypoxic hypoxaemia hypoxaemic hypercapnia hypercapnic hypoventilation pregnancy pregnant gravid
    gestation gestational trimester postpartum puerperal eclampsia preeclampsia pre-eclampsia cyanosis
    cyanotic cyanosed clubbing bloated swollen anasarca cardiotoxic cardiotoxicity anthracyclines
    doxorubicin epirubicin herceptin radiotherapy irradiated lymphoma leukaemia leukemia myeloma carcinoma
    tumour tumor metastasis metastatic myxoma fibroelastoma digoxin ivabradine amiodarone bisoprolol
    nebivolol atenolol labetalol verapamil diltiazem amlodipine nifedipine ramipril enalapril perindopril
    captopril losartan telmisartan candesartan olmesartan eplerenone torsemide bumetanide metolazone
    empagliflozin sglt2 arni gdmt sildenafil tadalafil bosentan ambrisentan macitentan riociguat
    treprostinil iloprost epoprostenol apixaban rivaroxaban dabigatran edoxaban acenocoumarol clopidogrel
    ticagrelor prasugrel atorvastatin rosuvastatin insulin metformin levothyroxine prednisolone steroid
    steroids methotrexate penicillin benzathine angioplasty angioplastied stenting thrombectomy ablation
    ablated isolation cardioverted septostomy septectomy myectomy commissurotomy valve-in-valve patching
    ligation ligated plication reconstructed implant implantation implants resynchronisation
    resynchronization revascularised revascularized revascularisation revascularization hepatomegaly
    splenomegaly gallbladder biliary pancreas bowel stomach oesophagus esophagus trachea bronchus skin
    joint joints bone bones spine hip knee ear nose throat brain nerve nerves
"""
# Sister languages of forms in two: nouns, and the words for normal.
_LANGUAGES: Final = """
    izquierdo izquierda derecho derecha auricula auriculas valvula valvulas aortica aortico tricuspide
    presion arteria sistolica sistolico diastolica diastolico fraccion eyeccion funcion conservada
    conservado conservadas conservados preservada preservado motilidad movilidad segmentaria segmentario
    contractilidad reposo pericardio cavidades tamano grosor espesor pared paredes conclusiones
    hipertension insuficiencia estenosis diametro volumen ritmo sinusal hallazgos informe estudio
    ecocardiograma corazon derrame esquerdo esquerda direito direita atrio valva pressao fracao ejecao
    funcao contratilidade repouso conclusao conclusoes hipertensao achados laudo coracao ventricule gauche
    droit droite oreillette aortique pulmonaire pression artere systolique diastolique fonction conservee
    normale cinetique segmentaire globale repos pericarde insuffisance coeur compte rendu epanchement
    ventricolo sinistro destro valvola polmonare pressione polmonari funzione conservata cinesi riposo
    conclusioni ipertensione cuore referto linker linke rechter rechte linksventrikulaer linksventrikulare
    rechtsventrikulaer ventrikel vorhof herz klappe klappen mitralklappe aortenklappe trikuspidalklappe
    pulmonalklappe druck wandbewegung wandbewegungen wandbeweglichkeit pumpfunktion ejektionsfraktion
    auswurffraktion funktion systolisch systolische diastolische pulmonalarterieller pulmonaler
    pulmonalisdruck pulmonalarteriendruck hypertonie befund beurteilung regelrecht regelrechte
    unauffaellig unauffallig unauffallige gute guter gut erhalten erhaltene biplan visuell regionale
    kinetik ruhe fungsi kiri kanan jantung injap katup tekanan arteri paru pulmonari pulmonal dinding
    gerakan pergerakan baik kesimpulan hipertensi functie hart klep druk bewegingen goede conclusie
    linkerventrikel rechterventrikel de del el los las en y con al da dos das em le les du des au et avec
    il lo di della im und der dan psvd psap hap htp fevi fevg fevd sdla vi vd ad oad oai tsvi ddve dsve
"""

FOREIGN: Final = frozenset(_LANGUAGES.split())
PLAIN: Final = frozenset(f"{_LETTERS} {_STUDY} {_HEART} {_ILLNESS} {_LANGUAGES}".split())
