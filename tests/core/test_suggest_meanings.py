"""Names by the ideas their words hold: any language and order, and nothing taken whose words mean something else."""

from __future__ import annotations

import pytest

from core.sources import Cell
from core.suggest.east_asian import in_english
from tests.core.suggest_tables import N, cycle, wide

YES = cycle("yes", "no", "no", "yes")
COUNTS: list[Cell] = [2 + i % 7 for i in range(N)]
AGES: list[Cell] = [14 + (i * 5) % 40 for i in range(N)]
PRESSURES: list[Cell] = [100 + (i * 7) % 60 for i in range(N)]

YES_OR_NO = {
    "suicide_attempt": ("Has the participant ever attempted suicide?", "hx_suicide_attempt", "Previous attempt of suicide",
                        "Antécédent de tentative de suicide", "Frühere Suizidversuche", "Tidligere selvmordsforsøk",
                        "¿Ha intentado suicidarse?", "自殺企図歴"),
    "family_history_alcohol": ("Parent, sibling or child with alcohol problems?", "FHx EtOH", "Familiarità per alcolismo",
                               "Alkoholabhängigkeit bei Verwandten 1. Grades"),
    "smoker": ("Does the participant currently smoke cigarettes?", "Tabagisme actif", "Nikotinkonsum aktuell", "Tob"),
    "married": ("Lives with partner / married", "Gift eller sambo", "Casado o en pareja", "W związku"),
    "employed": ("In paid work", "Activité professionnelle", "Pracuje zawodowo", "Heeft betaald werk"),
    "gad": ("Anxiété généralisée", "Generalisierte Angststörung", "dx_gad"),
    "benzodiazepine": ("On a benzodiazepine at baseline", "Terapia con benzodiazepine", "Toma benzodiacepinas"),
    "failed_ect": ("ECT without benefit?", "Échec d'ECT", "ECT non-response"),
}
NUMBERS = {
    "failed_trials": ("Number of antidepressants without response", "Nb d'échecs d'antidépresseurs", "# failed ADs",
                      "Anzahl erfolgloser Antidepressiva", "nFailedAD", "N. antidepressivi falliti"),
    "n_episodes": ("How many depressive episodes have you had in your life?", "Liczba epizodów depresji", "发作次数"),
    "age_at_onset": ("How old were you when you first became depressed?", "Ersterkrankungsalter", "âge 1er épisode",
                     "Wiek zachorowania", "首次发病年龄"),
    "episode_months": ("Current episode (mths)", "Dauer der aktuellen Episode in Monaten", "cur_epi_mos"),
}
OTHER_YES = """No suicide attempt|Sin intento de suicidio|Family history of suicide attempt|Suicide attempt during trial|Suicidal ideation|Ever married|
    Former smoker|Mother smoked|Partner smokes|Benzodiazepine allergy|Past benzodiazepine use|Benzodiazepine washout|
    Panic attacks|Lifetime PTSD|PTSD in remission|Employment before illness|Working memory impaired|Partner employed|
    Previous inpatient|Family history bipolar|Past MDD|Chronic pain medication|ADHD in childhood|ECT planned|
    No anxiety disorder|Alcohol use today|Father with panic disorder|Psychotropic medication stopped|Smoker at follow up|
    No psychotropic medication|Suicide attempt since baseline|Benzodiazepine rescue|Employed at 6 months|Failed screening|
    Panikattacken|Arbeitslosigkeit|Arbeitsunfähig|Erwerbsminderung|Raucherentwöhnung|Benzodiazepinabhängigkeit|
    Partnerschaftsprobleme|Zwangseinweisung|Attention|Kein Suizidversuch|Sans tentative de suicide|Ancien fumeur"""
OTHER_NUMBERS = """Age at first hospitalization|Age at first drink|Age at last episode|Age at menarche|Age of father|
    Age at first suicide attempt|Age at first manic episode|Age of onset of anxiety|Number of previous hospitalizations|
    Number of manic episodes|Number of episodes in last year|Duration of longest episode|Duration of illness|
    Duration of infusion|Number of past medications|Number of antidepressants|Months since last episode|
    Education of mother (years)|Cigarettes per day|Number of inpatient stays|Number of failed psychotherapies|
    Failed trials in current episode|School grades|Number of medications at follow-up"""
OTHER_PRESSURES = "Systolic BP at 40 min|SBP post infusion|SBP day 7|max SBP|SBP follow-up|Standing systolic BP"


def _several(text: str) -> list[str]:
    return [" ".join(name.split()) for name in text.split("|")]


@pytest.mark.parametrize("key", [*YES_OR_NO, *NUMBERS])
def test_names_in_many_words_and_languages(key: str) -> None:
    for name in YES_OR_NO.get(key, NUMBERS.get(key, ())):
        cells = YES if key in YES_OR_NO else AGES if key == "age_at_onset" else COUNTS
        assert wide({name: cells}).column_of(key) == name, name


@pytest.mark.parametrize(("names", "cells"), [(OTHER_YES, YES), (OTHER_NUMBERS, COUNTS), (OTHER_NUMBERS, AGES),
                                              (OTHER_PRESSURES, PRESSURES)])
def test_a_word_that_changes_the_meaning_is_never_passed_over(names: str, cells: list[Cell]) -> None:
    assert {name: list(found) for name in _several(names) if (found := wide({name: cells}).sure)} == {}


@pytest.mark.parametrize(("name", "texts", "codes"), [
    ("Marital status", ("Married/living as married", "Never married"), ("1", "0")),
    ("Estado civil", ("Casado/a o unión libre", "Soltero/a"), ("1", "0")),
    ("Stato civile", ("coniugato/a", "celibe/nubile"), ("1", "0")),
])
def test_categories_by_their_words(name: str, texts: tuple[str, ...], codes: tuple[str, ...]) -> None:
    decision = wide({name: cycle(*texts)}).sure["married"]
    assert decision.rule.model_dump()["codes"] == dict(zip(texts, codes, strict=True))


def test_words_of_two_codes_are_no_code() -> None:
    decision = wide({"Employment status": cycle("employed", "retired", "retired, works part time")}).sure["employed"]
    assert decision.rule.model_dump()["codes"] == {"employed": "1", "retired": "0"}


def test_counts_of_what_is_yes_or_no() -> None:
    found = wide({"Prior suicide attempts (#)": cycle(0, 1, 3), "Suicide risk code": cycle(0, 1, 3)})
    assert found.sure["suicide_attempt"].rule.model_dump()["codes"] == {"0": "0", "1": "1", "3": "1"}


def test_what_is_neither_of_two_codes_is_the_other() -> None:
    found = wide({"Sex (female = 1)": cycle(0, 1), "EmploymentStatus (1=Employed, 0=Not)": cycle(1, 0)})
    assert found.sure["female"].rule.model_dump()["codes"] == {"1": "1", "0": "0"}
    assert found.sure["employed"].rule.model_dump()["codes"] == {"1": "1", "0": "0"}


def test_groups_of_columns_stand_before_names() -> None:
    found = wide({"vitals.bmi": [20 + i for i in range(N)], "demo.age": AGES, "past.smoker": YES})
    assert (found.column_of("bmi"), found.column_of("age"), found.column_of("smoker")) == ("vitals.bmi", "demo.age", None)


def test_chinese_and_japanese_are_read_in_english() -> None:
    assert [in_english(text) for text in ("性别", "MADRS 24小时", "是", "エピソード回数", "female")] == [
        "sex", "MADRS 24 hours", "yes", "number of episodes", "female"]
