"""Studies from teams that do not write in English: decimal commas, semicolons, old encodings, false friends."""

from __future__ import annotations

from pathlib import Path

from tests.bench.import_corpus.english import keta, placebo
from tests.bench.import_corpus.saving import save_csv, save_statistical, save_xlsx
from tests.bench.import_corpus.trial import KETAMINE, Arm, Trial


def _facts(country: str, control: str = "inert", threshold: object = 2) -> dict[str, object]:
    return {"country": country, "design": "parallel", "control_type": control, "trd_threshold": threshold}


def german(folder: Path) -> Trial:
    """Semicolons, decimal commas, `Geschlecht (1=m, 2=w)`, k.A. for missing."""
    t = Trial("german", [keta("Ketamin 0,5 mg/kg"), placebo("Kochsalz")], n=26, facts=_facts("Germany"), ids="{:03d}")
    t.put_id("Pat.-Nr.")
    t.put_arm("Gruppe")
    t.put("Alter (Jahre)", "age")
    t.put("Geschlecht (1=m, 2=w)", "female", {1: 2, 0: 1})
    t.put("BMI (kg/m²)", "bmi", gap=0.1, missing="k.A.")
    t.put("Raucher", "smoker", {1: "ja", 0: "nein"}, gap=0.1, missing="k.A.")
    t.put("Berufstätig", "employed", {1: "ja", 0: "nein"})
    t.put("Verheiratet", "married", {1: "ja", 0: "nein"})
    t.put("stationär", "inpatient", {1: "ja", 0: "nein"})
    t.wide("madrs", {0: "MADRS vor Infusion", 24: "MADRS Tag 1", 168: "MADRS Tag 7"}, missing="k.A.")
    return save_csv(t, folder, ";", ",", "cp1252")


def german_long(folder: Path) -> Trial:
    """A long table with visits in words and one decimal in the scores' mean column."""
    t = Trial("german_long", [keta("Verum"), placebo("Placebo")], n=22, hours=(-72, 0, 24, 72, 168),
              facts=_facts("DE", threshold=1))
    t.may_ask |= {"arm", "dose_mg_kg", "included"}
    t.put_id("Kennung")
    t.put_arm("Behandlung")
    t.put("Alter", "age")
    t.put("Geschlecht", "female", {1: "weiblich", 0: "männlich"})
    t.put("Anzahl Episoden", "n_episodes")
    t.put("Suizidversuch", "suicide_attempt", {1: "ja", 0: "nein"})
    t.long("Zeitpunkt", {-72: "Screening", 0: "Baseline", 24: "24 Stunden", 72: "3 Tage", 168: "1 Woche"},
           {"MADRS-Summe": "madrs"})
    return save_xlsx(t, folder, before=[["Verum = Ketamin 0,5 mg/kg über 40 min, Placebo = NaCl 0,9 %"]])


def french(folder: Path) -> Trial:
    """J1 and J7, H for homme, `oui` and `non`, latin-1."""
    t = Trial("french", [keta("Kétamine 0,5 mg/kg"), placebo("Sérum physiologique")], n=24, facts=_facts("France"))
    t.put_id("N° patient")
    t.put_arm("Groupe")
    t.put("Âge", "age")
    t.put("Sexe", "female", {1: "F", 0: "H"})
    t.put("IMC", "bmi")
    t.put("Fumeur", "smoker", {1: "oui", 0: "non"}, gap=0.1, missing="ND")
    t.put("Tentative de suicide", "suicide_attempt", {1: "oui", 0: "non"})
    t.put("Hospitalisé", "inpatient", {1: "oui", 0: "non"})
    t.wide("madrs", {0: "MADRS J0", 24: "MADRS J1", 168: "MADRS J7"}, missing="ND")
    return save_csv(t, folder, ";", ",", "latin-1")


def spanish(folder: Path) -> Trial:
    """H is hombre and M is mujer: M does not mean male."""
    t = Trial("spanish", [keta("Ketamina 0,5 mg/kg"), placebo("Suero salino")], n=24, facts=_facts("Spain"))
    t.put_id("Paciente")
    t.put_arm("Grupo")
    t.put("Edad", "age")
    t.put("Sexo", "female", {1: "M", 0: "H"})
    t.put("IMC", "bmi")
    t.put("Fumador", "smoker", {1: "Sí", 0: "No"})
    t.put("Casado", "married", {1: "Sí", 0: "No"})
    t.wide("madrs", {0: "MADRS basal", 24: "MADRS 24 horas", 168: "MADRS día 7"})
    return save_csv(t, folder, ";", ",", "utf-8-sig")


def portuguese(folder: Path) -> Trial:
    """M and F of masculino and feminino; midazolam as control."""
    t = Trial("portuguese", [keta("Cetamina 0,5 mg/kg"), placebo("Midazolam 0,045 mg/kg")], n=24,
              facts=_facts("Brasil", "psychoactive", 3))
    t.put_id("Paciente")
    t.put_arm("Grupo")
    t.put("Idade", "age")
    t.put("Sexo", "female", {1: "F", 0: "M"})
    t.put("Escolaridade (anos)", "education_years")
    t.put("Tabagismo", "smoker", {1: "Sim", 0: "Não"})
    t.put("Nº de episódios", "n_episodes")
    t.long("Visita", {0: "Basal", 24: "24 horas", 168: "7 dias"}, {"MADRS": "madrs"}, missing="ausente")
    return save_xlsx(t, folder, sheet="Dados")


def dutch(folder: Path) -> Trial:
    """Geslacht man or vrouw, Dag 1, Week 1; HRSD-17 and MADRS."""
    t = Trial("dutch", [keta("Ketamine 0,5 mg/kg"), placebo("Fysiologisch zout")], n=24, scales=("madrs", "hrsd17"),
              facts=_facts("NL", threshold="unspecified"), ids="NL{:02d}")
    t.put_id("Deelnemer")
    t.put_arm("Groep")
    t.put("Leeftijd", "age")
    t.put("Geslacht", "female", {1: "vrouw", 0: "man"})
    t.put("Roker", "smoker", {1: "ja", 0: "nee"})
    t.put("Gehuwd", "married", {1: "ja", 0: "nee"})
    for scale, name in (("madrs", "MADRS"), ("hrsd17", "HDRS-17")):
        t.wide(scale, {0: f"{name} baseline", 24: f"{name} dag 1", 168: f"{name} week 1"})
    return save_csv(t, folder, ";", ",")


def italian(folder: Path) -> Trial:
    """Maschio and femmina, giorno 1; dose in milligrams too."""
    t = Trial("italian", [keta("Ketamina"), placebo("Soluzione fisiologica")], n=22, facts=_facts("Italy"))
    t.put_id("Codice paziente")
    t.put_arm("Trattamento")
    t.put("Età", "age")
    t.put("Sesso", "female", {1: "femmina", 0: "maschio"})
    t.put("Peso (kg)", "weight")
    t.put("Altezza (m)", "height", {h: round(h / 100, 2) for h in set(t.fact("height"))})
    t.know("bmi", t.fact("weight") / (t.fact("height") / 100) ** 2)
    t.may_ask.add("bmi")
    t.add("Dose (mg/kg)", [0.5 if arm.kind == KETAMINE else "" for arm in t.arm])
    t.wide("madrs", {0: "MADRS basale", 24: "MADRS giorno 1", 168: "MADRS giorno 7"})
    return save_csv(t, folder, ";", ",")


def swiss_spss(folder: Path) -> Trial:
    """German SPSS file: labels carry the meaning, names do not."""
    t = Trial("swiss_spss", [keta(1), placebo(2)], n=26, facts=_facts("Switzerland"))
    t.put_id("v1")
    t.put_arm("v2")
    t.put("v3", "age")
    t.put("v4", "female", {1: 2, 0: 1})
    t.put("v5", "smoker")
    t.put("v6", "bmi", gap=0.15, missing=999)
    t.wide("madrs", {0: "v7", 24: "v8", 168: "v9"}, missing=999)
    labels = {"v1": "Patientennummer", "v2": "Behandlungsgruppe", "v3": "Alter in Jahren", "v4": "Geschlecht",
              "v5": "Raucher", "v6": "BMI", "v7": "MADRS Gesamtwert Baseline", "v8": "MADRS Gesamtwert 24h",
              "v9": "MADRS Gesamtwert Tag 7"}
    values = {"v2": {1.0: "Ketamin 0,5 mg/kg", 2.0: "NaCl"}, "v4": {1.0: "männlich", 2.0: "weiblich"},
              "v5": {0.0: "nein", 1.0: "ja"}}
    return save_statistical(t, folder, ".sav", labels, values, {"v6": [999], "v7": [999], "v8": [999], "v9": [999]})


def swedish(folder: Path) -> Trial:
    """Man and kvinna; the control is called Placebo, ketamine by its salt."""
    t = Trial("swedish", [keta("Ketaminhydroklorid 0,5 mg/kg"), placebo("Placebo (NaCl)")], n=22,
              facts=_facts("Sweden"))
    t.put_id("Löpnr")
    t.put_arm("Behandling")
    t.put("Ålder", "age")
    t.put("Kön", "female", {1: "kvinna", 0: "man"})
    t.wide("madrs", {0: "MADRS före", 24: "MADRS 24 tim", 168: "MADRS dag 7"})
    return save_xlsx(t, folder)


def mexican_arms(folder: Path) -> Trial:
    """Three arms in Spanish, one of them esketamine by nose."""
    arms = [keta("KETAMINA 0.5MG/KG"), placebo("PLACEBO (SOL. SALINA)"), Arm("ESKETAMINA INTRANASAL", "other_drug")]
    t = Trial("mexican_arms", arms, n=30, facts=_facts("Mexico"))
    t.put_id("FOLIO")
    t.put_arm("BRAZO")
    t.put("EDAD", "age")
    t.put("SEXO", "female", {1: "MUJER", 0: "HOMBRE"})
    t.put("INTENTO SUICIDA", "suicide_attempt", {1: "SI", 0: "NO"})
    t.wide("madrs", {0: "MADRS BASAL", 24: "MADRS 24H", 168: "MADRS 7D"}, missing="S/D")
    return save_xlsx(t, folder)


STUDIES = (german, german_long, french, spanish, portuguese, dutch, italian, swiss_spss, swedish, mexican_arms)
