"""What words in headers and cells mean in any clinical table, whatever the protocol."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def names(text: str) -> tuple[str, ...]:
    """The names in a text, set apart by bars."""
    return tuple(" ".join(name.split()) for name in text.split("|"))


MINUTES, HOURS, DAYS, WEEKS, MONTHS = 1 / 60, 1.0, 24.0, 168.0, 730.5

TIME_UNITS: dict[str, float] = {
    word: hours
    for hours, words in (
        (MINUTES, "min mins minute minutes minuten minuut minutos minuti minuter minutter"),
        (HOURS, "h hr hrs hour hours std stunde stunden heure heures hora horas uur uren ora ore tim timme "
                "timmar timer godz godzin godziny godzinach godzinie saat tunti tuntia hodin hodiny hodinach ora "
                "oraval"),
        (DAYS, "d dy j day days tag tage jour jours dia dias dag dagen tagen giorno giorni dagar dage dager dzien dni "
               "dnia dniach dniu gun gunu paiva paivaa dny dnech dnu nap napon napot gg giorno gior jrs"),
        (WEEKS, "w wk wks week weeks woche wochen semaine semaines semana semanas weken settimana settimane "
                "vecka veckor uge uger uke uker hafta viikko viikkoa tydzien tygodni tygodniach tygodniu tyden tydny "
                "tydnech"),
        (MONTHS, "mo mos mon month months monat monate monaten mois mes meses maand maanden mese mesi manad manader "
                 "maned maneder mnd mdr miesiecy miesiace mies"),
    )
    for word in words.split()
}
"""Word -> hours. A lone `m` could be minutes or months and is not among them."""

BASELINE = words("""
    baseline bl base bsl basal ausgangswert predose preinfusion preinf pretreatment pretx prerandomization
    basislinie basale ligne basalt utgangspunkt udgangspunkt baslangic baslangicta bazal lahtotilanne alussa""")
BEFORE = words("""
    pre before prior vor vorher avant antes voor vooraf prima fore innan przed ennen once oncesi oncesinde przed
    pred elott voorafgaand""")
SCREENING = words("screening screen scr scrn enrollment enrolment intake")
AFTER = words("""
    post after following since nach apres despues depois na dopo efter pi sonra sonrasi jalkeen etter po utan
    postinfusion postdose posttreatment
    postinf from
    start end""")
EVENT = words("""
    infusion inf dose dosing drug treatment tx randomization injection administration
    relative to onset of the at on in for iv infusie infusione infusao infusionen infusjon infusjonen infuus infuusie
    dosis dosi gabe verabreichung behandlung therapie traitement tratamiento tratamento trattamento behandeling
    administracion administracao somministrazione toediening
    infuzyon infuzyondan infuzyonu infuzja infuzji infuzi infuze infuzie infuzio wlew wlewu wlewie wlewem podanie
    podaniem podaniu perfusion injektion iniezione inyeccion injecao injection infusjon infuusi infusie der die de la
    el l del della""")
VISIT = words("""
    visit visite visita visits timepoint time tp event assessment session rating zeitpunkt besuch moment study
    occasion nominal v t elapsed redcap name label hours""")
UNCLEAR_TIME = words("t v visit time tp timepoint visite visita bezoek assessment wave")
"""Before a bare number these name a visit without saying when it was."""

NUMBERS = {word: str(number) for number, several in enumerate((
    "one a ein eine einen un une una uno um uma een en et jeden", "two zwei deux dos dois due twee tva to dwa",
    "three drei trois tres tre drie trzy", "four vier quatre cuatro quattro fyra fire", "five cinq cinco", "six sechs",
    "seven sieben sept siete sete sette zeven sju syv siedem"), start=1) for word in several.split()}
"""Before a unit of time these count: "one week later"."""

PERIOD = words("""
    period p phase infusion inf session tx treatment trt block leg periode periodo fase per dose course""")
ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "one": 1, "two": 2,
            "three": 3, "erste": 1, "zweite": 2, "i": 1, "ii": 2, "iii": 3}

SHORT = words("bl hr wk mo ad bp dx hx tx id nr no pt fh mg kg yr fl")
"""Words of two letters that may be a part of a run-together name ("MADRSbl")."""
DERIVED = words("""
    change chg delta diff difference pct percent percentage perc improvement improv reduction decrease response
    responder resp responders remission remit remitter remitters rem item items itm subscale factor cutoff
    category cat date datum rater assessor assessed complete completed done missing comment comments note notes
    reason peak auc slope mean sd se log self flag age onset days hours predicted expected target imputed locf
    lag worst best max min rate ratio z version interviewer status guess selbst selbstbeurteilung auto autoevaluacion
    autoevaluation autovalutazione zelf sjalv veranderung differenz cambio verandering forandring variation
    variazione diferencia""")
"""Beside a scale's name these say that the column is not its total score, or not as it was observed."""

SCORE = words("""
    total tot score scores scored sum raw points point pts overall gesamt gesamtscore gesamtwert gesamtpunktzahl
    punktwert punkte summe summa somma soma totaal totaalscore
    sumscore somme suma totale totalt punteggio puntuacion puntaje pontuacao poang
    rating
    scale observed value val result clinician rated obs""")

NEUTRAL = words("""
    baseline bl base bsl screening screen scr pre at of the in a an and or for with patient patients subject
    subjects participant participants pt pts subj value val total code coded calc calculated now num is has was dx
    diagnosis diagnoses present presence mini scid scid5 dsm iv v comorbid comorbidity current currently reported self
    randomization enrollment enrolment intake entry study demographic demographics demo characteristics clinical
    disorder disorders de del des du der di da do el la le los las les van het een och und et y bei bij
    what your you are were yo fl
    vid ved einschluss aufnahme studienbeginn inclusion inclusie inclusione inklusion inclusao reclutamiento
    s en al au aux em nos nas ao aos com con por para per allo alla ai alle agli mit bei zum zur vom von im op met voor
    w z na u o as mi ve sur avec chez dans pour vitals vital cd numeric text char string when lasted many much which who
    far full whole approx approximately estimated report information info details detail recorded measured assessed
    obtained noted known least gesamt insgesamt caps caps5 sads cidi pid your does do did have had having be any flag
    flags indicator yn if their his her he she they i this please specify
    on incl including inclusive
    respondent respondents individual individuals person persons client clients volunteer volunteers adult adults
    ha han heeft har hade tiene tem teve avait hanno aveva hubo presenta vorhanden vorliegen gehabt nimmt
    votre vous avez etes est ist sind hat haben bei im am ai dal della dell nel nella ved paa pa i av af til op
    probands proband paciente pacientes paziente pazienti patienten patienter tidspunkt criteria""")
"""Words that say nothing for or against a variable."""

OTHER_TIMES = words("past prior previous former family fam fh fhx lifetime ever hx history screening followup post")
"""Names of groups of columns that change what a column in them means."""
COUNTS = words("number count n no nr num nb anzahl nombre numero aantal antal antall liczba many total times")
"""Words of a header whose numbers count."""

TREATMENT_NAMES = names("""
    treatment|trt|tx|arm|group|grp|drug|condition|allocation|allocated|randomization|randomized|
    randomised|randomisation|rand|study drug|study arm|study medication|study treatment|study group|
    treatment group|treatment arm|treatment assigned|assigned treatment|assignment|intervention|infusion|
    infusion type|medication given|drug given|infusion drug|medication|gruppe|behandlung|
    behandlungsgruppe|groupe|traitement|grupo|tratamiento|tratamento|brazo|braco|behandeling|groep|
    randomized group|randomization group|randomization arm|rx|study condition|agent|trt01p|trt01a|trtp|
    trta|actual treatment|planned treatment|treatment received|received|arm code|group assignment|
    treatment allocation|treatment condition|infusion received|compound|bras|therapie|cond|treat|
    grup|tedavi|tedavi grubu|grupa|grupa badana|ryhma|skupina|leczenie|lek|behandlingsgruppe|behandlingsgrupp|
    tx group|tx arm|trt group|randomized arm|randomised group|randomised arm|treatment name|drug name|
    drug condition|treatment code|assigned arm|group allocation|drug administered|randomized treatment|
    randomised treatment|actual arm|dose group""")
SEQUENCE_NAMES = names("""
    sequence|seq|treatment sequence|treatment order|order|drug order|randomization sequence|
    sequence group|infusion order|order of treatment""")
NOT_TREATMENT = words("""
    guess guessed guesses believed belief perceived blind blinding blinded expectancy expected previous prior
    past history preferred rater failed concomitant response responder""")

_WHO = names("patient|subject|participant|subj|pt|pat|case|record|person|proband|probanden|sujet|paciente|patienten|"
             "screening|randomization|deelnemer|participante|paziente|patienten|forsoksperson|forsogsperson|hasta|pasient|"
             "deltager|deltaker|deltagare|pacjent|pacient|potilas|serial")
_MARK = names("id|number|no|nr|num|code|identifier|key|nummer")
PATIENT_NAMES = (*(f"{who} {mark}" for mark in _MARK for who in _WHO), *names("""
    deltager|deltaker|deltagare|pacjent|pacient|potilas|hasta|pasient|paziente|patienten|forsoksperson|forsogsperson|
    patient|subject|participant|id|pid|subjid|usubjid|patid|sid|ptid|patnr|study id|study participant id|
    participant study id|patient study id|research id|id number|pt|pat|subj|proband|probandennummer|versuchsperson|vp|
    vpn|paciente|identifiant|numero paciente|numero patient|sujet|sujeto|participante|deelnemer|pseudonym|unique id|
    idnr|studyid|anon id|anonymized id|randomisation number|enrolment number|enrollment number|record|case|code|guid|
    person|individual|codigo|number|nr|no|kennung|lopnr|lopnummer|lobenr|lobenummer|lopenr|
    lopenummer|lfdnr|lfd nr|laufende nummer|sira no|folio|codice|codice paziente|codigo paciente|
    study no|study number|study nr|study num|
    code patient|patientennummer|patientnummer|patientennr|numero|nummer"""))
"""The surest first."""
VISIT_NAMES = names("""
    visit|timepoint|time point|time|visit name|visit label|day|days|hour|hours|week|weeks|study day|
    study week|hours since infusion|hours post infusion|hours post dose|days since infusion|
    days post infusion|assessment|assessment time|time hours|time h|event|event name|redcap event name|
    visit day|visit time|nominal time|nominal timepoint|zeitpunkt|visite|hours after infusion|
    days after infusion|hours from infusion|time days|minutes|time min|time minutes|time since infusion|
    post infusion hours|rating time|visita|momento|moment|besog|besok|ziyaret|wizyta|
    tidspunkt|tidpunkt|tijdstip|temps|tiempo|tempo|hours post|
    days post|hrs|visit hours|day of study|assessment day|assessment timepoint|weeks|
    month|session time|hours after dose|hours since dose|time after infusion|hours post inf|
    time post infusion|avisit|studyday|visit hour|bezoek|occasion|wave""")
PERIOD_NAMES = names("""
    period|treatment period|infusion number|infusion no|infusion|infusion order|phase|treatment phase|
    crossover period|study period|period number|session|session number|treatment number|periode|periodo|
    dose number|infusion nr|infusion num|aperiod|xover period|treatment session|study phase|block|
    infusion day|leg|per""")

SITE_NAMES = names("""
    investigator|country|city|region|site code|site name|center name|centre name|clinic name|
    site|center|centre|study site|study center|study centre|site id|site number|center id|centre id|center number|
    centre number|site no|site name|clinic|hospital|location|zentrum|standort|studienzentrum|klinik|centro|sede|
    centrum|ziekenhuis|hopital|sygehus|sjukhus""")

YES = words("1 yes y var ja jah igen j oui o si s sim tak ano kylla evet true t present positive pos + x checked "
            "current threshold met ✓ ✔")
NO = words("0 no n not yok nein non nao nej nei nie ne ei nem hayir false f absent negative neg - none never unchecked "
           "nee not_present not_met")
MISSING_NUMBERS = words("9 99 999 9999 -1 -9 -99 -999 -9999 -8 -88 -888 -7 -77 88 888 77 777 8888")


def _unit_words(hours: float) -> str:
    return " ".join(word for word, unit in TIME_UNITS.items() if unit == hours)


UNIT_WORDS = {
    "years": "year years yr yrs y yo jahre jahren j an ans annees anos jaar a anni ar aar lat lata rok let yil yas",
    "months": f"{_unit_words(MONTHS)} mths mth m", "weeks": _unit_words(WEEKS), "days": _unit_words(DAYS),
    "mmHg": "mmhg mm hg", "kg/m2": "kg m2 m 2 kgm2 kgm m²", "count": "number n no num nr count of",
    "points": "points",
}
