"""Further outcomes: recognized, harmonized, counted, analyzed only if the plan says so, and never felt by anything else."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from core.analysis import Pooled, run_analysis
from core.cohort import build_cohort
from core.documents import build_document
from core.errors import UserError
from core.further_outcomes import ALL
from core.intake import load_files, new_session
from core.labels import labels_for
from core.plan import Outcome, Plan, further_outcomes, protocol_plan
from core.plan_lock import differences
from core.pooled import pooled_from_session
from core.protocol import Protocol
from core.protocol_files import load_protocol
from core.report.further_outcomes import further_effects, further_paragraph, further_table
from core.results import Results
from core.session import Session
from core.tables import Table, result_tables
from tests.core.harmonizing import PROTOCOL
from tests.core.suggest_tables import cycle, long_table, scored, suggest, wide
from tests.small_studies import write_small_studies

KETAMINE = load_protocol("ketamine")
QUICK = {"bootstrap": {"replicates": 5}, "combined": {"permutations": 0}, "sets": [],
         "moderators": [{"name": "age"}]}


def with_further(folder: Path) -> None:
    """Beta and gamma rate anxiety, beta suicidal ideation too, at the start mostly zero."""
    write_small_studies(folder)
    draw = np.random.default_rng(3)
    for name in ("beta", "gamma"):
        path = folder / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for i, row in enumerate(rows):
            before = int(draw.integers(14, 30))
            after = before - (8 if row["treatment"] == "ketamine" else 3) - int(draw.integers(0, 5))
            row |= {"HAM-A baseline": str(before), "HAM-A 24h": str(after) if i % 5 else ""}
            if name == "beta":
                row |= {"SSI_baseline": str(i % 4), "SSI_day7": str(int(draw.integers(0, 4)))}
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def plan_of(session: Session, *names: str) -> Plan:
    chosen = [one.model_dump(by_alias=True) for one in further_outcomes(session.protocol) if one.name in names]
    document = protocol_plan(session.protocol).model_dump(mode="json", by_alias=True) | QUICK
    return build_document(Plan, document | {"further_outcomes": chosen, "sensitivity": {"moderators": []}}, "plan")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("further")
    with_further(folder)
    return load_files(new_session("ketamine", "Small"), [folder])


@pytest.fixture(scope="module")
def pooled(session: Session) -> Pooled:
    return pooled_from_session(session)


@pytest.fixture(scope="module")
def unticked(session: Session, pooled: Pooled) -> Results:
    return run_analysis(pooled, plan_of(session))


@pytest.fixture(scope="module")
def ticked(session: Session, pooled: Pooled) -> Results:
    return run_analysis(pooled, plan_of(session, "hama_rapid", "ssi_post_rapid"))


def table(results: Results, name: str) -> Table:
    return next(one for one in result_tables(results) if one.name == name)


@pytest.mark.parametrize(("name", "scale", "hours"), [
    ("HAMA_BL", "hama", 0), ("HAM-A 24h", "hama", 24), ("Hamilton Anxiety day 7", "hama", 168),
    ("SSI_baseline", "ssi", 0), ("Beck Scale for Suicidal Ideation 24 h", "ssi", 24)])
def test_columns_are_recognized_beside_the_primary_scale(name: str, scale: str, hours: float) -> None:
    assert wide({**scored(name), **scored("MADRS_BL")}).scores == {"MADRS_BL": ("madrs", 0.0), name: (scale, hours)}


def test_anxiety_is_no_other_version_of_the_depression_scale() -> None:
    found = wide(scored("HAMD_BL", "HAMD_24h", "HAMA_BL"))
    assert found.scores["HAMD_24h"] == ("hrsd17", 24.0) and found.mapping.is_structure_sure


def test_low_ideation_before_the_treatment_is_a_score() -> None:
    assert wide({**scored("MADRS_BL"), "SSI_BL": cycle(0, 0, 2, 5)}).scores["SSI_BL"] == ("ssi", 0.0)


@pytest.mark.parametrize("columns", [scored("HAMA"), scored("HAM-A visit x"), {"SSI 24h": cycle(80, 95, 70)}])
def test_what_is_not_plain_is_left_and_told_but_never_asked(columns: dict) -> None:
    plain, found = wide(scored("MADRS_BL", "MADRS_24h")), wide({**scored("MADRS_BL", "MADRS_24h"), **columns})
    assert found.scores == plain.scores and found.questions == plain.questions and found.mapping.is_structure_sure
    assert any(next(iter(columns)) in issue.text for issue in found.issues if issue.code == "score_left")


def test_further_scores_alone_are_no_outcome() -> None:
    assert "no_score_column" in wide(scored("HAMA_BL", "HAMA_24h")).questions
    assert "no_baseline_column" in wide(scored("HAMA_BL", "MADRS_24h")).questions


def test_a_long_file_has_them_in_its_rows() -> None:
    rows = long_table(("Baseline", "24 h", "Day 7"))
    found = suggest(rows | {"HAM-A": [10 + k % 20 for k in range(len(rows["MADRS"]))]})
    assert found.scores == {"MADRS": ("madrs", None), "HAM-A": ("hama", None)}


def test_harmonized_behind_all_other_columns(session: Session) -> None:
    frame = session.harmonized().patients
    assert [name for name in frame.columns if name.startswith(("hama", "ssi"))] == list(KETAMINE.further_keys)
    assert list(frame.columns[-2:]) == ["excluded", "score_origin"]
    assert frame.query("study == 'alpha'")["hama_baseline"].isna().all()
    assert frame.query("study == 'beta'")["ssi_baseline"].tolist()[:5] == [0, 1, 2, 3, 0]


def test_what_no_study_has_is_no_column(tmp_path: Path) -> None:
    write_small_studies(tmp_path)
    found = pooled_from_session(load_files(new_session("ketamine", "Small"), [tmp_path]))
    assert not set(KETAMINE.further_keys) & set(found.frame.columns)
    cohort = build_cohort(found.frame, protocol_plan(KETAMINE))
    assert cohort.further == () and cohort.n > 70


def test_completeness_is_counted_by_study_ticked_or_not(unticked: Results, ticked: Results) -> None:
    rows = {(row["outcome"], row["study"]): row for row in table(unticked, "further_outcomes").records()}
    beta = rows["hama_rapid", "beta"]
    assert (beta["n"], beta["with_baseline"], beta["with_followup"], beta["with_both"]) == (30, 30, 24, 24)
    assert beta["share"] == pytest.approx(0.8) and beta["in_plan"] is False
    assert rows["hama_rapid", "alpha"]["with_both"] == 0 and rows["hama_rapid", ALL]["n"] == 80
    assert rows["hama_post_rapid", "gamma"]["with_baseline"] == 26 and rows["hama_post_rapid", ALL]["with_both"] == 0
    again = {(row["outcome"], row["study"]): row for row in table(ticked, "further_outcomes").records()}
    assert again["ssi_post_rapid", "beta"] == {**rows["ssi_post_rapid", "beta"], "in_plan": True}


def test_a_tick_adds_its_own_rows_and_changes_no_other(unticked: Results, ticked: Results) -> None:
    for one in result_tables(unticked):
        if one.name == "further_outcomes":
            continue
        other, count = table(ticked, one.name), len(one.rows)
        assert other.rows[:count] == one.rows and (len(other.rows) == count or one.name == "main_effects"), one.name
    added = ticked.main_effects[len(unticked.main_effects):]
    assert [(row.outcome, row.measure, row.scale, row.model) for row in added] == [
        (name, "ancova", "raw", model) for name in ("hama_rapid", "ssi_post_rapid")
        for model in ("published", "recommended")]


def test_a_zero_at_baseline_counts_and_the_second_engine_agrees(ticked: Results, pooled: Pooled) -> None:
    found = {(row.outcome, row.model): row for row in ticked.main_effects}
    anxiety, ideation = found["hama_rapid", "published"], found["ssi_post_rapid", "published"]
    assert (ideation.n, ideation.k) == (30, 1) and (pooled.frame["ssi_baseline"] == 0).sum() > 5
    assert (anxiety.n, anxiety.k, anxiety.engines_agree) == (44, 2, True) and (anxiety.ci_high or 0) < 0
    own = pooled.frame.query("study == 'beta'")
    x = np.column_stack([np.ones(30), own["arm"], own["ssi_baseline"]]).astype(float)
    slope = np.linalg.lstsq(x, own["ssi_post_rapid"].to_numpy(float), rcond=None)[0][1]
    assert ideation.estimate == pytest.approx(slope, abs=1e-9)


def test_the_report_says_who_has_them_and_what_was_found(unticked: Results, ticked: Results) -> None:
    labels = labels_for(KETAMINE)
    text = further_paragraph(unticked, labels)
    assert "HAM-A, rapid (24 h), 44 of 80 patients (55\N{NARROW NO-BREAK SPACE}%) in 2 studies" in text
    assert "does not ask for an analysis of HAM-A, rapid (24 h)" in text and "main effects estimated" not in text
    said, effects = further_paragraph(ticked, labels), " ".join(further_effects(ticked, labels))
    assert further_effects(unticked, labels) == ()
    assert "After 24 hours, the HAM-A score of patients on ketamine was" in effects and "points lower" in effects
    assert "no moderator is tested" in said and "analysis of HAM-A, post-rapid (7 d)" in said
    rows = further_table(ticked.further_outcomes, labels).rows
    assert ("Beck SSI, post-rapid (7 d)", "beta", "30", "30", "30", "30", "100\N{NARROW NO-BREAK SPACE}%") in rows


def test_a_column_that_is_not_there_is_told_and_stops_nothing(session: Session, pooled: Pooled) -> None:
    plan = plan_of(session).model_copy(update={"further_outcomes": (
        Outcome(name="worry", baseline="worry_0", followup="hama_rapid", response=None),)})
    cohort = build_cohort(pooled.frame, plan)
    assert [issue.code for issue in cohort.issues] == ["further_outcome_missing"] and "worry_0" in cohort.issues[0].text
    assert cohort.n == 80 and not cohort.further[0].has.any()


def test_the_plan_keeps_its_form_without_them_and_tells_a_tick(session: Session) -> None:
    plain, ticked = plan_of(session), plan_of(session, "hama_rapid")
    assert plain.model_dump(by_alias=True)["further_outcomes"] == ()
    for old, new, words in ((plain, ticked, ("not in the plan", "in the plan")),
                            (ticked, plain, ("in the plan", "not in the plan"))):
        (change,) = differences(old, new, labels_for(KETAMINE))
        assert change.what == "Further outcome HAM-A, rapid (24 h)" and (change.old, change.new) == words
    with pytest.raises(UserError, match="stands twice"):
        build_document(Plan, {"schema": 1, "outcomes": [{"name": "a", "value": "x"}],
                              "further_outcomes": [{"name": "a", "value": "y"}]}, "plan")


def test_a_protocol_without_them_is_as_it_was() -> None:
    assert PROTOCOL.further_keys == () and further_outcomes(PROTOCOL) == ()
    assert '"further"' not in PROTOCOL.canonical_json() and set(PROTOCOL.score_keys) <= set(PROTOCOL.core_keys)


def test_the_primary_scale_is_no_further_outcome() -> None:
    document = PROTOCOL.model_dump(by_alias=True)
    document["scales"][0]["further"] = True
    with pytest.raises(ValueError, match="further outcome"):
        Protocol.model_validate(document)
