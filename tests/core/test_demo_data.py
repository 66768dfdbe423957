"""The demo's files and their truth: counts, forms, and that the generator still writes what is committed."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from resources.demo.generator.__main__ import TRUTH, demo_files, simulate, truth_table
from resources.demo.generator.design import BY_STUDY, STUDIES, StudyDesign
from resources.demo.generator.recipes import NOTICE, RECIPES

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
