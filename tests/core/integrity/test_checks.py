"""Each check on a table that was spoiled for it, and on clean ones."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from core import integrity
from core.checks import check_table
from core.errors import Issue, Severity
from core.integrity import CHECKS, check_integrity
from core.integrity.date_order import check_date_order
from core.mapping import Shape, StudyMapping, VisitSource
from core.protocol_files import load_protocol
from core.registry import PublishedArm, PublishedScore, Study
from core.sources import SourceFile
from tests.core.harmonizing import table
from tests.core.integrity.patients import clean_study, material


def codes(issues: tuple[Issue, ...]) -> list[str]:
    return [issue.code for issue in issues]


@pytest.mark.parametrize("seed", range(5))
def test_clean_studies_raise_nothing(seed: int) -> None:
    frames = [clean_study(f"S{i}", 40 + 20 * i, 100 * seed + i) for i in range(4)]
    assert check_integrity(material(*frames)) == ()


def test_every_finding_is_a_warning_or_a_note_that_says_what_to_do() -> None:
    frame = clean_study(n=120)
    frame["arm"] = np.arange(120) % 2.0
    frame["madrs_rapid"] = (frame["madrs_rapid"] / 5).round() * 5
    frame.iloc[-1, 2:] = frame.iloc[3, 2:]
    found = check_integrity(material(frame))
    assert len(set(codes(found))) >= 3
    assert all(issue.severity in (Severity.WARNING, Severity.NOTE) and issue.remedy and issue.where.study == "S1"
               for issue in found)


def test_a_patient_who_stands_twice_under_another_id() -> None:
    frame = clean_study()
    frame.iloc[60, 2:] = frame.iloc[7, 2:]
    [issue] = check_integrity(material(frame))
    assert issue.code == "same_patient" and issue.where.patient == "S1-060" and "S1-007" in issue.text


def test_a_patient_who_stands_in_two_studies_one_of_which_lacks_columns() -> None:
    one, other = clean_study("A", seed=1), clean_study("B", seed=2)
    for key in ("arm", "madrs_baseline", "madrs_rapid", "madrs_post_rapid", "age", "female", "hrsd17_baseline"):
        other.loc[5, key] = one.loc[9, key]
    other["mdd"] = np.nan
    other["bipolar"] = np.nan
    [issue] = check_integrity(material(one, other))
    assert issue.code == "same_patient_across" and issue.where.study == "B" and "A-009" in issue.text


def test_likeness_in_few_values_says_nothing() -> None:
    frame = clean_study()
    frame[["hrsd17_baseline", "madrs_post_rapid", "age"]] = np.nan
    frame.iloc[60, 2:] = frame.iloc[7, 2:]
    assert "same_patient" not in codes(check_integrity(material(frame)))


def test_arms_that_differed_before_the_treatment() -> None:
    frame = clean_study()
    frame.loc[frame["arm"] == 1, "age"] += 25
    found = {issue.code: issue for issue in check_integrity(material(frame))}
    assert found["baseline_imbalance"].where.variable == "age"
    assert "on average" in found["baseline_imbalance"].text and "comparisons" in found["baseline_imbalance"].text


def test_a_characteristic_that_went_to_one_arm() -> None:
    frame = clean_study()
    frame["bipolar"] = frame["arm"]
    found = [issue for issue in check_integrity(material(frame)) if issue.code == "baseline_imbalance"]
    assert [issue.where.variable for issue in found] == ["bipolar"] and "100 %" in found[0].text


def test_arms_that_differ_a_little_in_everything() -> None:
    frame = clean_study(n=200, seed=3)
    active = frame["arm"] == 1
    for key in ("madrs_baseline", "hrsd17_baseline", "age"):
        frame.loc[active, key] += 0.45 * frame[key].std()
    frame.loc[active, "female"] = np.where(np.arange(active.sum()) % 10 < 7, 1.0, 0.0)
    frame.loc[active, "bipolar"] = np.where(np.arange(active.sum()) % 10 < 3, 1.0, 0.0)
    assert "baseline_imbalance_overall" in codes(check_integrity(material(frame)))


def test_arms_that_are_copies_of_each_other_are_too_alike() -> None:
    frame = clean_study(n=40)
    twin = frame.copy()
    frame["arm"], twin["arm"] = 0.0, 1.0
    keys = ["madrs_baseline", "hrsd17_baseline", "age"]
    twin[keys] += np.random.default_rng(1).choice([-1.0, 1.0], (40, 3))
    twin["patient"] += "x"
    frame = type(frame)(np.concatenate([frame, twin]), columns=frame.columns).infer_objects()
    assert {"baseline_too_alike"} <= set(codes(check_integrity(material(frame))))


def test_a_spread_that_is_much_wider_in_one_arm() -> None:
    frame = clean_study()
    active = frame["arm"] == 1
    frame.loc[active, "age"] = 45 + (frame.loc[active, "age"] - 45) / 8
    [issue] = check_integrity(material(frame))
    assert issue.code == "spread_differs" and issue.where.variable == "age"


def test_arms_that_alternate() -> None:
    frame = clean_study(n=40)
    frame["arm"] = np.arange(40) % 2.0
    assert codes(check_integrity(material(frame))) == ["allocation_alternates"]


def test_blocks_of_two_and_a_file_sorted_by_arm_are_no_pattern() -> None:
    draw = np.random.default_rng(4)
    frame = clean_study(n=60)
    frame["arm"] = np.concatenate([draw.permutation([0.0, 1.0]) for _ in range(30)])
    assert codes(check_integrity(material(frame))) == []
    frame["arm"] = np.repeat([1.0, 0.0], 30)
    assert codes(check_integrity(material(frame))) == []


def test_arms_in_long_stretches() -> None:
    frame = clean_study(n=80)
    frame["arm"] = np.arange(80) // 10 % 2.0
    [issue] = check_integrity(material(frame))
    assert issue.code == "allocation_in_stretches" and issue.severity is Severity.NOTE


def test_scores_that_end_in_0_or_5() -> None:
    frame = clean_study(n=100)
    for key in ("madrs_rapid", "madrs_post_rapid"):
        frame.loc[::2, key] = (frame.loc[::2, key] / 5).round() * 5
    [issue] = check_integrity(material(frame))
    assert issue.code == "last_digits" and "0 (" in issue.text and "5 (" in issue.text


def test_few_scores_say_nothing_of_digits() -> None:
    frame = clean_study(n=30)
    frame["madrs_rapid"] = (frame["madrs_rapid"] / 5).round() * 5
    frame["hrsd17_baseline"] = np.nan
    assert "last_digits" not in codes(check_integrity(material(frame)))


def test_published_figures_that_agree_and_some_that_do_not() -> None:
    frame = clean_study(n=80)
    frame.loc[[4, 5], "excluded"] = "no_followup"
    active = frame[frame["arm"] == 1]
    n, analyzed = len(active), int((active["excluded"] == "").sum())
    right = PublishedScore(mean=round(active["madrs_baseline"].mean(), 1), sd=round(active["madrs_baseline"].std(), 1))
    arm = PublishedArm(n_randomized=n, n_analyzed=analyzed, scores={"madrs_baseline": right})
    study = Study(study="S1", published={"active": arm})
    assert check_integrity(material(frame, facts=[study])) == ()
    wrong = PublishedArm(n_randomized=n + 3, n_analyzed=analyzed, scores={
        "madrs_baseline": PublishedScore(mean=right.mean + 2, sd=right.sd / 4)})  # type: ignore[operator]
    found = check_integrity(material(frame, facts=[study.with_published("active", wrong)]))
    assert codes(found) == ["published_n", "published_mean", "published_sd"]
    assert f"{n + 3} patients were randomized" in found[0].text and "standard error" in found[2].text


def test_patients_missing_from_the_file_by_the_registry() -> None:
    found = check_integrity(material(clean_study(n=80), facts=[Study(study="S1", n_randomized=90)]))
    assert [(issue.code, issue.severity) for issue in found] == [("published_n", Severity.NOTE)]


def days(*parts: tuple[str, str]) -> list[tuple[str, str, str]]:
    return [(f"P{i}", one, other) for i, (one, other) in enumerate(parts)]


def test_dates_the_other_way_round_than_in_the_other_rows() -> None:
    rows = days(*[(f"2019-03-{i:02d}", f"2019-04-{i:02d}") for i in range(1, 20)], ("2019-05-20", "2019-04-21"))
    raw = table("id infusion visit", *rows)
    [issue] = check_date_order(material(clean_study(), tables={"S1": raw}))
    assert (issue.code, issue.where.row, issue.where.column) == ("dates_out_of_order", 23, "visit")
    assert "29 days before" in issue.text and "2019" not in issue.text, "reports hold no patient's dates"
    assert check_date_order(material(clean_study(), tables={"S1": table("id infusion visit", *rows[:19])})) == ()


def test_dates_without_a_usual_order_say_nothing() -> None:
    draw = np.random.default_rng(1)
    rows = days(*[(f"2019-03-{a:02d}", f"2019-03-{b:02d}") for a, b in draw.integers(1, 28, (40, 2))])
    assert check_date_order(material(clean_study(), tables={"S1": table("id a b", *rows)})) == ()


def test_visits_of_a_long_file_out_of_order() -> None:
    rows = [(f"P{i}", visit, f"2019-03-{i + day:02d}") for i in range(1, 15)
            for visit, day in (("base", 0), ("day 1", 1), ("day 7", 7))]
    rules = StudyMapping(study="S1", file="s1.xlsx", shape=Shape(
        kind="long", patient="id", visit=VisitSource(column="visit", values={"base": 0, "day 1": 24, "day 7": 168})))
    clean = material(clean_study(), tables={"S1": table("id visit date", *rows)}, mappings={"S1": rules})
    assert check_date_order(clean) == ()
    rows[5] = ("P2", "day 7", "2019-02-09")
    [issue] = check_date_order(material(clean_study(), tables={"S1": table("id visit date", *rows)},
                                        mappings={"S1": rules}))
    assert issue.code == "visits_out_of_order" and issue.where.patient == "P2" and issue.where.row == 9
    assert "22 days before" in issue.text and "2019" not in issue.text


def test_the_checks_are_listed_once() -> None:
    assert len(set(CHECKS)) == len(CHECKS) == 7


def test_every_code_is_listed() -> None:
    """The window leads each issue to its place by these."""
    folder = Path(integrity.__file__).parent
    said = {code for path in folder.glob("*.py") if path.name != "__init__.py"
            for code in re.findall(r'"([a-z_]+)"', path.read_text(encoding="utf-8"))}
    assert said >= integrity.CODES
    frame = clean_study(n=120)
    frame["arm"] = np.arange(120) % 2.0
    frame.iloc[-1, 2:] = frame.iloc[3, 2:]
    assert {issue.code for issue in check_integrity(material(frame))} <= integrity.CODES


def test_a_pooled_table_is_checked_as_well() -> None:
    frame = clean_study(n=60)
    frame.iloc[40, 2:] = frame.iloc[7, 2:]
    source = SourceFile("pooled.csv", frame.drop(columns=["excluded", "score_origin"]).to_csv(index=False).encode())
    found = [issue for issue in check_table(source, load_protocol("ketamine")) if issue.code in integrity.CODES]
    assert [(issue.code, issue.where.row, issue.where.file) for issue in found] == [("same_patient", 42, "pooled.csv")]
