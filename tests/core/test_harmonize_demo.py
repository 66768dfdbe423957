"""The seventeen demo files, read and mapped without a person, against the truth their generator wrote."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest

from core.harmonize import HarmonizedData, origin
from core.intake import demo_session
from core.mapping import StudyMapping
from core.privacy.findings import findings_of
from core.rules_table import take_rules, write_rules
from core.session import Session
from core.sources import SourceFile, raw_text

TRUTH = Path(__file__).parents[1] / "data" / "demo_truth.csv"
LEFT_TO_A_PERSON = {("married", "elm_us"), ("episode_months", "serra_br")}
"""Codes without labels, numbers without a unit: asked, not guessed."""


@pytest.fixture(scope="module")
def session() -> Session:
    return demo_session()


@pytest.fixture(scope="module")
def data(session: Session) -> HarmonizedData:
    return session.harmonized()


def test_every_cell_is_the_truth_or_an_open_question(data: HarmonizedData) -> None:
    truth = pd.read_csv(TRUTH, dtype={"study": str, "patient": str, "excluded": str, "principal_diagnosis": str})
    truth["excluded"] = truth["excluded"].fillna("")
    both = truth.merge(data.patients, on=["study", "patient"], how="outer", suffixes=("_true", ""), indicator=True)
    assert (both["_merge"] == "both").all() and len(both) == 809
    wrong: set[tuple[str, str]] = set()
    for key in truth.columns.drop(["study", "patient"]):
        true, ours = both[f"{key}_true"], both[key]
        if ours.dtype == object:
            differs = true.fillna("") != ours.fillna("")
        else:
            differs = ~((true - ours).abs() < 1e-9) & ~(true.isna() & ours.isna())
        assert ours[differs].isna().all(), f"{key} has other values than were put in"
        wrong |= {(key, study) for study in both.loc[differs, "study"]}
    assert wrong <= LEFT_TO_A_PERSON


def test_the_counts_that_are_published(data: HarmonizedData) -> None:
    primary = data.patients[data.patients["excluded"] == ""]
    assert (len(data.patients), len(primary), primary["study"].nunique()) == (809, 720, 17)
    assert (primary["psychoactive_placebo"] == 1).sum() == 477 and (primary["crossover"] == 1).sum() == 242
    for part in data.studies:
        n = {row.stage: row.n for row in part.flow if row.unit == "patients" and row.stage != "excluded"}
        left_out = sum(row.n for row in part.flow if row.unit == "patients" and row.stage == "excluded")
        assert n["in file"] == n["analyzed"] + left_out == len(part.patients)


def test_random_cells_lead_to_their_source(session: Session, data: HarmonizedData) -> None:
    tables = {study: session.table(study) for study in session.usable_studies}
    rng = random.Random(1)
    keys = [key for key in data.patients.columns if key not in ("study", "patient", "excluded", "score_origin")]
    from_cells = 0
    for _ in range(3000):
        row, key = rng.randrange(len(data.patients)), rng.choice(keys)
        study, patient, value = (data.patients.at[row, column] for column in ("study", "patient", key))
        found = origin(data, study, patient, key, tables)
        assert (found is None) == pd.isna(value), (study, patient, key)
        if found is None or found.row is None:
            continue
        table = tables[study]
        assert (found.file, found.sheet) == (table.file, table.sheet)
        assert found.column in table.columns_by_name and found.row in table.rows and found.raw and found.rule
        named = session.mappings[study].shape.patient
        assert named is not None
        assert raw_text(table.columns_by_name[named].cells[table.rows.index(found.row)]) == patient
        from_cells += 1
    assert from_cells > 1000


def test_a_score_as_it_stands_in_its_cell(session: Session, data: HarmonizedData) -> None:
    tables = {study: session.table(study) for study in session.usable_studies}
    native = data.patients[(data.patients["score_origin"] == "native") & data.patients["madrs_rapid"].notna()]
    for _, row in native.sample(100, random_state=1).iterrows():
        found = origin(data, row["study"], row["patient"], "madrs_rapid", tables)
        assert found is not None and float(found.raw.replace(",", ".")) == row["madrs_rapid"]


def test_the_demo_has_no_private_columns_and_a_clean_bill(session: Session) -> None:
    assert findings_of(session) == ()
    assert session.integrity_issues() == ()


def test_rules_and_layouts_taken_into_a_bare_project_give_the_same_table(session: Session, data: HarmonizedData) -> None:
    bare = session
    for mapping in session.mappings.values():
        bare = bare.with_mapping(StudyMapping(study=mapping.study, file=mapping.file))
    taken = take_rules(bare, SourceFile("rules.xlsx", write_rules(session)), "Ada", "2026-02-03T00:00:00+00:00")
    assert taken.issues == () and taken.session.harmonized().patients.to_csv() == data.patients.to_csv()
    assert taken.session.mappings == session.mappings
