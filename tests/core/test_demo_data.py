"""The demo's files and their truth: counts, forms, that the generator still writes what is committed, and that the
harmonizer, told by hand what each column is, makes the truth of the files cell by cell."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from core.harmonize import harmonize_study
from core.mapping import (
    Decision,
    Direct,
    DoseSource,
    NumberFormat,
    PeriodSource,
    Recode,
    Rule,
    ScoreSource,
    Shape,
    StudyMapping,
    TreatmentSource,
    VisitSource,
)
from core.protocol_files import load_conversion_tables, load_protocol
from core.readers import read_grids
from core.registry import Registry
from core.registry_file import read_registry
from core.sources import RawTable, SourceFile
from core.table_layout import choose_grid, find_table
from resources.demo.generator.__main__ import TRUTH, demo_files, simulate, truth_table
from resources.demo.generator.design import BY_STUDY, STUDIES, UNTIMED, StudyDesign
from resources.demo.generator.names import Column
from resources.demo.generator.recipes import NOT_VARIABLES, NOTICE, RECIPES, Recipe

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
ENCODINGS = {recipe.study: recipe.encoding for recipe in RECIPES}

Row = dict[str, str]


@pytest.fixture(scope="module")
def truth() -> list[Row]:
    with TRUTH.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def primary(truth: list[Row]) -> list[Row]:
    """The primary set worked out anew from arm and scores, not from the table's own `excluded`."""
    return [row for row in truth if row["arm"] and float(row["madrs_baseline"] or 0) > 0
            and (row["madrs_rapid"] or row["madrs_post_rapid"])]


def _count(rows: list[Row], key: str) -> dict[str, int]:
    return dict(Counter(row[key] for row in rows if row[key] != ""))


def test_809_patients_of_whom_720_are_in_the_primary_set(truth: list[Row], primary: list[Row]) -> None:
    assert len(truth) == 809
    assert len({(row["study"], row["patient"]) for row in truth}) == 809
    assert len(primary) == 720
    assert [row for row in truth if not row["excluded"]] == primary
    assert _count(truth, "excluded") == {"other_dose": 60, "other_drug": 18, "no_baseline": 3, "no_followup": 8}


def test_designs_and_diagnoses_are_as_published(primary: list[Row]) -> None:
    assert _count(primary, "psychoactive_placebo") == {"1": 477, "0": 243}
    assert _count(primary, "crossover") == {"1": 242, "0": 478}
    assert _count(primary, "principal_diagnosis") == {"mdd": 579, "bipolar": 66, "ptsd": 74, "other": 1}
    assert _count(primary, "mdd") == {"1": 627, "0": 93}
    assert _count(primary, "bipolar") == {"1": 66, "0": 650}


@pytest.mark.parametrize(("study", "n", "country", "crossover", "psychoactive", "threshold"), [
    ("deakin_uk", 37, "United Kingdom", False, False, None),
    ("feder_30", 30, "USA", False, True, None),
    ("feder_41", 41, "United States", True, True, None),
    ("grunebaum_us", 96, "US", False, True, None),
    ("murrough_us", 73, "U.S.A.", False, True, 3),
])
def test_published_rows(truth: list[Row], study: str, n: int, country: str, crossover: bool, psychoactive: bool,
                        threshold: int | None) -> None:
    design = BY_STUDY[study]
    assert sum(row["study"] == study for row in truth) == n
    assert (design.country, design.is_crossover, design.is_psychoactive) == (country, crossover, psychoactive)
    assert design.trd_threshold == threshold


def test_availability_is_as_published(primary: list[Row]) -> None:
    have = {key: sum(row[key] != "" for row in primary) for key in primary[0]}
    with (Path(__file__).parents[2] / "resources" / "protocols" / "ketamine.json").open(encoding="utf-8") as text:
        variables = json.load(text)["variables"]
    for variable in variables:
        key = variable["key"]
        published = (variable.get("published") or {}).get("n")
        if published:
            assert have[key] == published, key
    for key in ("age", "female", "inpatient", "us_site", "trd_2plus"):
        assert have[key] >= 0.995 * 720, key
    for key in ("bmi", "smoker", "systolic_bp", "married", "race_black", "failed_trials", "n_episodes",
                "any_medication", "n_medications", "benzodiazepine", "sud_lifetime", "aud_lifetime"):
        assert 0.4 * 720 <= have[key] < 0.995 * 720, key


def test_implied_values_do_not_contradict_recorded_ones(truth: list[Row]) -> None:
    for row in truth:
        assert not (row["mdd"] == "1" and row["bipolar"] == "1")
        assert not (row["aud_lifetime"] == "1" and row["sud_lifetime"] != "1")
        assert not (row["n_medications"] not in ("", "0") and row["any_medication"] == "0")
        if row["age_at_onset"] and row["age"]:
            assert int(row["age_at_onset"]) < int(row["age"])


def test_scores_are_integers_on_their_scales(truth: list[Row]) -> None:
    hrsd_only = {design.study for design in STUDIES if design.scales == ("hrsd17",)}
    for row in truth:
        for time in ("baseline", "rapid", "post_rapid"):
            for scale, highest in (("madrs", 60), ("hrsd17", 40)):
                text = row[f"{scale}_{time}"]
                assert not text or 0 <= float(text) <= highest
            if row["study"] not in hrsd_only and not row[f"hrsd17_{time}"]:
                assert row[f"madrs_{time}"].isdigit() or not row[f"madrs_{time}"]


def test_which_scale_is_in_how_many_studies() -> None:
    scales = Counter(design.scales for design in STUDIES)
    assert scales == {("madrs",): 10, ("hrsd17",): 3, ("madrs", "hrsd17"): 4}
    assert len(STUDIES) == len(RECIPES) == 17
    assert {recipe.layout for recipe in RECIPES} == {"wide", "long", "period_rows", "period_blocks"}


def test_the_effect_built_in_is_there(primary: list[Row]) -> None:
    """Not a test of statistics: the demo would be useless if a change of the simulation lost the effect."""
    for time, low, high in (("rapid", 13, 26), ("post_rapid", 7, 20)):
        improvement: dict[str, list[float]] = {"0": [], "1": []}
        for row in primary:
            if row[f"madrs_{time}"]:
                baseline = float(row["madrs_baseline"])
                improvement[row["arm"]].append(100 * (baseline - float(row[f"madrs_{time}"])) / baseline)
        means = {arm: sum(values) / len(values) for arm, values in improvement.items()}
        assert low < means["1"] - means["0"] < high


@pytest.mark.parametrize("design", STUDIES, ids=lambda design: design.study)
def test_each_file_can_be_read_and_holds_all_its_patients(design: StudyDesign, truth: list[Row]) -> None:
    path = DEMO / design.file
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        rows = [[str(cell) for cell in row if cell is not None] for sheet in book for row in sheet.values]
    else:
        text = path.read_text(encoding=ENCODINGS[design.study])
        rows = [line.replace(";", ",").split(",") for line in text.splitlines()]
    cells = {cell for row in rows for cell in row}
    assert {row["patient"] for row in truth if row["study"] == design.study} <= cells
    assert len(rows) > design.n


def test_the_registry_names_every_file() -> None:
    sheet = openpyxl.load_workbook(DEMO / "studies.xlsx").active
    assert sheet is not None
    header, *rows = sheet.iter_rows(values_only=True)
    registry = [dict(zip(header, row, strict=True)) for row in rows]
    assert [row["study"] for row in registry] == [design.study for design in STUDIES]
    for row in registry:
        assert (DEMO / str(row["file"])).is_file()
        assert "synthetic" in str(row["label"]).lower() and "no patient data" in str(row["notes"])
        assert row["trd_threshold"] is not None
        if row["sheet"]:
            assert row["sheet"] in openpyxl.load_workbook(DEMO / str(row["file"])).sheetnames
    on_disk = {path.name for path in DEMO.iterdir() if path.suffix in (".csv", ".xlsx")}
    assert on_disk == {str(row["file"]) for row in registry} | {"studies.xlsx"}


def test_files_say_that_they_are_synthetic() -> None:
    noticed = [recipe for recipe in RECIPES if NOTICE in " ".join(recipe.title_rows) or recipe.notice_sheet]
    assert len(noticed) >= 12


def _content(name: str, data: bytes) -> object:
    """What matters of a file: a workbook's parts without their compression, a text's lines."""
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {part: archive.read(part) for part in sorted(archive.namelist())}
    return data.splitlines()


def test_the_generator_writes_what_is_committed() -> None:
    patients = simulate()
    files = demo_files(patients)
    assert len(files) == 18
    for name, data in files.items():
        assert _content(name, data) == _content(name, (DEMO / name).read_bytes()), f"{name} is out of date"
    assert truth_table(patients) == TRUTH.read_text(encoding="utf-8")


# What a person who knows each file would answer: the harmonizer's own part, apart from the suggestions.

def _table(file: str) -> RawTable:
    return find_table(choose_grid(read_grids(SourceFile(file, (DEMO / file).read_bytes()))))


def _mapping(recipe: Recipe, table: RawTable) -> StudyMapping:
    """`recipe.columns` stand in the file's order; the table's names may differ where a header has two rows."""
    columns = [(found.name, column) for found, column in zip(table.columns, recipe.columns, strict=True)]
    form = NumberFormat(decimal=recipe.decimal, missing=(recipe.missing,) if recipe.missing else ())
    named = {column.of: name for name, column in columns}
    treatments = {str(text): name.split() for name, text in recipe.treatments.items()}
    drugs = {text: words[0] for text, words in treatments.items()}
    doses = {text: float(words[1]) if words[1:] else 0.5 if words[0] == "ketamine" else None
             for text, words in treatments.items()}
    given = [(name, column) for name, column in columns if column.of == "treatment"]
    in_words = [DoseSource(period=column.period, values=doses) for _, column in given]
    in_column = [DoseSource(column=name, format=form) for name, column in columns if column.of == "dose"]
    return StudyMapping(
        study=recipe.study, file=table.file,
        shape=Shape(
            kind=recipe.layout, patient=named["patient"],
            period=PeriodSource(column=named["period"], values={"1": 1, "2": 2}) if "period" in named else None,
            visit=VisitSource(column=named["visit"], values=_hours(recipe)) if "visit" in named else None),
        treatments=tuple(TreatmentSource(column=name, period=column.period, values=drugs) for name, column in given),
        doses=tuple(in_column or in_words),
        scores=tuple(ScoreSource(column=name, scale=column.of, hours=column.hours, period=column.period, format=form)
                     for name, column in columns if column.of in ("madrs", "hrsd17")),
        variables=dict(decision for name, column in columns for decision in _decisions(name, column, recipe, form)))


def _hours(recipe: Recipe) -> dict[str, float | None]:
    return {str(text): None if hours == UNTIMED else hours for hours, text in recipe.visits.items()}


def _decisions(name: str, column: Column, recipe: Recipe, form: NumberFormat) -> list[tuple[str, Decision]]:
    if column.of == "race":
        return [(f"race_{race}", Decision(rule=_recode(name, column, recipe, race))) for race in ("black", "white")]
    if column.of in NOT_VARIABLES:
        return []
    rule: Rule = (Direct(column=name, format=form, factor=column.divisor) if column.codes is None
                  else _recode(name, column, recipe))
    return [(column.of, Decision(rule=rule))]


def _recode(name: str, column: Column, recipe: Recipe, category: str | None = None) -> Recode:
    codes: dict[str, str | None] = {recipe.missing: None} if recipe.missing else {}
    for value, raw in (column.codes or {}).items():
        codes[str(raw)] = str(value) if category is None else str(int(value == category))
    return Recode(column=name, codes=codes)


@pytest.fixture(scope="module")
def registry() -> Registry:
    found, issues = read_registry(_table("studies.xlsx"))
    assert not issues
    return found


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.study)
def test_harmonized_by_a_known_mapping_each_file_gives_its_truth(recipe: Recipe, registry: Registry) -> None:
    protocol = load_protocol("ketamine")
    table = _table(BY_STUDY[recipe.study].file)
    data = harmonize_study(table, _mapping(recipe, table), registry.by_id[recipe.study], protocol,
                           load_conversion_tables(protocol, None)).patients
    expected = pd.read_csv(TRUTH, dtype={"patient": str})
    expected = expected[expected["study"] == recipe.study].set_index("patient")
    got = data.set_index(data["patient"].astype(str)).reindex(expected.index)
    assert len(data) == len(expected)
    for key in expected.columns:
        if key in ("study", "excluded", "principal_diagnosis"):
            assert got[key].astype("string").fillna("").tolist() == expected[key].astype("string").fillna("").tolist()
        else:
            pd.testing.assert_series_equal(pd.to_numeric(got[key]).astype(float), expected[key].astype(float),
                                           rtol=1e-9, obj=f"{recipe.study} {key}")
