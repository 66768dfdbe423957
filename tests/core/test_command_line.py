"""The commands without a window: exit status, what they say and where, what they write."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from tests.small_studies import write_small_studies

PLAN = {"schema": 1, "outcomes": [{"name": "rapid", "baseline": "madrs_baseline", "followup": "madrs_rapid", "remission": 9}],
        "bootstrap": {"replicates": 30}}
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    write_small_studies(folder)
    path = folder / "small.modscope"
    assert main(["import", str(folder), "--project", str(path), "--quiet"]) == 0
    return path


@pytest.fixture(scope="module")
def written(project: Path) -> Path:
    """A folder that `analyze` has written."""
    plan = project.with_name("plan.json")
    plan.write_text(json.dumps(PLAN), encoding="utf-8")
    out = project.parent / "out"
    asked = [word for name in ("slides", "rules", "data-free", "zip") for word in ("--also", name)]
    assert main(["analyze", str(project), "--plan", str(plan), "--out", str(out), "--quiet", *asked]) == 0
    return out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_everything_of_the_contract_is_written(written: Path) -> None:
    files = {path.relative_to(written).as_posix() for path in written.rglob("*") if path.is_file()}
    tables = ("flow", "availability", "main_effects", "moderators", "combined", "combined_weights", "two_stage",
              "conversion", "sensitivity")
    expected = {"plan.json", "harmonized.csv", "results.json", "tables.xlsx", "report.docx", "report.html", "reproduce.R",
                "issues.csv", *(f"tables/{name}.csv" for name in tables)}
    assert expected <= files
    assert any(name.endswith(".png") for name in files) and any(name.endswith(".svg") for name in files)
    assert not any(".writing-" in name for name in files)
    packed = zipfile.ZipFile(written / "everything.zip").namelist()
    assert files - set(packed) == {"everything.zip"} and set(packed) < files
    assert {"figures.pptx", "harmonization_rules.xlsx", "without_data.modscope", "reproduce.py"} < files


@pytest.mark.parametrize(("table", "columns"), [
    ("flow", "study, stage, n, unit, reason"),
    ("availability", "moderator, level, kind, n, share, k, tier"),
    ("main_effects", "outcome, measure, scale, model, n, k, n_active, n_control, estimate, se, df, ci_low, ci_high, p, tau2, "
     "slope_var, sigma2, marginal_or, risk_active, risk_control, ard, ard_low, ard_high, nnt, nnt_low, nnt_high, boundary, "
     "engines_agree, note"),
    ("moderators", "outcome, moderator, level, kind, tier, model, n, k, beta, se, df, ci_low, ci_high, p, p_adjusted, q, "
     "family, beta_raw, se_raw, predictor_beta, predictor_se, predictor_p, active_beta, active_se, active_p, control_beta, "
     "control_se, control_p, within_beta, within_se, within_p, across_beta, across_se, across_p, r, r_low, r_high, "
     "r_parametric, r_within, r_failed, boundary, engines_agree, note"),
    ("combined", "outcome, set, n, k, penalty, l1_ratio, lambda, r, r_low, r_high, beta, se, beta_recommended, "
     "se_recommended, p_permutation, r_cv, r_leave_study_out, crossing, crossing_low, crossing_high, share_above, note"),
    ("combined_weights", "outcome, set, moderator, weight, weight_raw, selected, weight_low, weight_high"),
    ("two_stage", "outcome, measure, scale, study, n_active, n_control, estimate, se, weight, ci_low, ci_high, wald_low, "
     "wald_high, tau2, i2, q, prediction_low, prediction_high"),
    ("conversion", "study, timepoint, n, bias, rmse, limit_low, limit_high"),
    ("sensitivity", "outcome, target, variant, n, k, estimate, se, ci_low, ci_high, p"),
])
def test_tables_have_the_columns_of_the_contract(written: Path, table: str, columns: str) -> None:
    with (written / "tables" / f"{table}.csv").open(encoding="utf-8") as file:
        header = next(csv.reader(file))
    wanted = columns.split(", ")
    assert header[:len(wanted)] == wanted


def test_flow_stages_stand_in_order_and_add_up(written: Path) -> None:
    flow = rows(written / "tables" / "flow.csv")
    order = ["in file", "excluded", "analyzed"]
    for study in {row["study"] for row in flow}:
        own = [row for row in flow if row["study"] == study]
        assert [order.index(row["stage"]) for row in own] == sorted(order.index(row["stage"]) for row in own)
        count = {stage: sum(int(row["n"]) for row in own if row["stage"] == stage and row["unit"] == "patients")
                 for stage in order}
        assert count["in file"] == count["excluded"] + count["analyzed"]


def test_the_written_plan_has_every_default(written: Path) -> None:
    plan = json.loads((written / "plan.json").read_text(encoding="utf-8"))
    assert plan["model"] == {"random_slope": False, "df": "satterthwaite", "ci": "profile", "quadrature": 15}
    assert plan["seed"] == 20220 and plan["combined"]["permutations"] == 1000


def test_results_say_what_it_takes_to_get_them_again(written: Path) -> None:
    results = json.loads((written / "results.json").read_text(encoding="utf-8"))
    assert results["program"].startswith("Modscope ") and results["libraries"]["numpy"]
    assert len(results["sources"]["alpha.csv"]) == 64 and results["seed"] == 20220


def test_verify_agrees_with_what_was_written_and_finds_a_changed_number(written: Path, tmp_path: Path,
                                                                        capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(written)]) == 0
    table = written / "tables" / "main_effects.csv"
    kept = table.read_text(encoding="utf-8")
    estimate = rows(table)[0]["estimate"]
    table.write_text(kept.replace(estimate, str(float(estimate) * 1.001)), encoding="utf-8")
    try:
        assert main(["verify", str(written)]) == 2
    finally:
        table.write_text(kept, encoding="utf-8")
    assert "main_effects.csv, row 1, estimate" in capsys.readouterr().err


def test_verify_finds_changed_data(written: Path) -> None:
    data = written / "harmonized.csv"
    kept = data.read_text(encoding="utf-8")
    header = kept.splitlines()[0].split(",")
    lines = kept.splitlines()
    cells = lines[1].split(",")
    cells[header.index("madrs_rapid")] = "1"
    data.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")
    try:
        assert main(["verify", str(written)]) == 2
    finally:
        data.write_text(kept, encoding="utf-8")


def test_a_pooled_table_gives_the_numbers_of_its_project(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "again"
    assert main(["analyze", str(written / "harmonized.csv"), "--plan", str(written / "plan.json"), "--out", str(out),
                 "--quiet"]) == 0
    for name in ("main_effects", "two_stage", "sensitivity", "availability"):
        assert (out / "tables" / f"{name}.csv").read_text() == (written / "tables" / f"{name}.csv").read_text()


def test_without_a_plan_a_table_with_the_protocols_columns_gets_its_plan(written: Path, tmp_path: Path) -> None:
    whole = pd.read_csv(written / "harmonized.csv", dtype=str)
    few = [name for name in whole if name in ("study", "patient", "arm", "age") or name.startswith("madrs_")]
    whole[few].to_csv(tmp_path / "pool.csv", index=False)
    assert main(["analyze", str(tmp_path / "pool.csv"), "--out", str(tmp_path / "out"), "--quiet", "--seed", "5"]) in (0, 3)
    plan = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
    assert [outcome["name"] for outcome in plan["outcomes"]] == ["rapid", "post_rapid"] and plan["seed"] == 5


def test_same_seed_same_bytes_for_any_number_of_workers(project: Path, written: Path, tmp_path: Path) -> None:
    out = tmp_path / "two"
    assert main(["analyze", str(project), "--plan", str(project.with_name("plan.json")), "--out", str(out), "--quiet",
                 "--workers", "2"]) == 0
    for path in [*written.glob("tables/*.csv"), written / "results.json", written / "harmonized.csv"]:
        assert (out / path.relative_to(written)).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize(("words", "said"), [
    (["analyze", "nowhere.csv", "--out", "x"], ["nowhere.csv", "no file"]),
    (["analyze", "nowhere.modscope", "--out", "x"], ["nowhere.modscope"]),
    (["analyze", "bad.csv", "--out", "x"], ["bad.csv", "study and arm"]),
    (["analyze", "bad.csv", "--out", "x", "--plan", "typo.json"], ["typo.json", "outcoms", "outcomes"]),
    (["import", "nowhere", "--project", "x.modscope"], ["nowhere"]),
    (["import", "bad.csv", "--project", "x.modscope", "--protocol", "nonsense"], ["nonsense", "ketamine"]),
    (["verify", "."], ["plan.json"]),
    (["check", "nowhere.csv"], ["nowhere.csv"]),
    (["analyse", "bad.csv"], ["analyse"]),
    (["analyze", "bad.csv", "--out", "x", "--seed", "many"], ["many"]),
    (["analyze", "good.csv", "--out", "x", "--also", "rules"], ["Rules of every study", "Ask for it of a project"]),
    (["analyze", "good.csv", "--out", "x", "--also", "everything"], ["everything", "slides", "data-free"]),
])
def test_a_faulty_call_is_told_without_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str],
                                                   said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    Path("good.csv").write_text("study,arm,madrs_baseline,madrs_rapid\na,1,30,20\na,0,31,22\n", encoding="utf-8")
    Path("typo.json").write_text('{"schema": 1, "outcoms": []}', encoding="utf-8")
    try:
        status = main(words)
    except SystemExit as end:  # argparse ends the program itself
        status = int(end.code or 0)
    error = capsys.readouterr().err
    assert status == 2
    for word in said:
        assert word in error
    assert "Traceback" not in error
    assert not Path("x.modscope").exists()


def test_analyses_without_an_estimate_end_with_status_3(tmp_path: Path) -> None:
    table = ["study,patient,arm,score"]
    table += [f"s{i % 2},{i},{i % 2 if i < 20 else 1},5" for i in range(30)]
    (tmp_path / "flat.csv").write_text("\n".join(table), encoding="utf-8")
    (tmp_path / "plan.json").write_text('{"schema": 1, "outcomes": [{"name": "score", "value": "score"}]}', encoding="utf-8")
    out = tmp_path / "out"
    assert main(["analyze", str(tmp_path / "flat.csv"), "--plan", str(tmp_path / "plan.json"), "--out", str(out),
                 "--quiet"]) == 3
    effects = rows(out / "tables" / "main_effects.csv")
    assert effects and all(row["estimate"] == "" and row["note"] for row in effects)


def test_check_lists_an_issue_a_line(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(written / "harmonized.csv")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines and all(line.split(":")[0] in ("error", "question", "warning", "note") for line in lines)


def test_commands_never_load_qt() -> None:
    script = "import sys; sys.argv = ['main.py', 'selftest', '--help']; import main; " \
             "print(any(name.startswith('PySide6') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script + "\ntry:\n main.main(['selftest', '--help'])\nexcept SystemExit: pass\n"
                           "print('PySide6' in sys.modules)"], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[0] == "False" and done.stdout.splitlines()[-1] == "False"


def test_a_protocol_of_ones_own_goes_all_the_way(tmp_path: Path) -> None:
    """A two-arm psychotherapy pool with a generic score, by data alone."""
    draw_rows = ["participant,group,Distress baseline,Distress post-treatment,sex"]
    for number in range(1, 41):
        group = "BA" if number % 2 else "waiting list"
        draw_rows.append(f"{number:03d},{group},{20 + number % 7},{(12 if number % 2 else 17) + number % 5},"
                         f"{'female' if number % 3 else 'male'}")
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text("\n".join(draw_rows), encoding="utf-8")
    protocol = ROOT / "tests" / "data" / "protocols" / "psychotherapy.json"
    project = tmp_path / "p.modscope"
    assert main(["import", str(tmp_path / "one.csv"), str(tmp_path / "two.csv"), "--project", str(project), "--protocol",
                 str(protocol), "--quiet"]) == 0
    out = tmp_path / "out"
    assert main(["analyze", str(project), "--out", str(out), "--quiet"]) == 3, "the second timepoint is in neither file"
    effects = rows(out / "tables" / "main_effects.csv")
    post = [row for row in effects if (row["outcome"], row["measure"]) == ("post", "percent_improvement")]
    assert {row["n"] for row in post} == {"80"} and all(float(row["estimate"]) > 0 for row in post)
    assert all(row["note"] for row in effects if row["outcome"] != "post")
    assert main(["verify", str(out), "--quiet"]) == 0


def test_an_exported_table_is_read_under_the_protocol_beside_it(written: Path, tmp_path: Path) -> None:
    """Else its conversion, its scales and its variables would be those of another protocol."""
    folder = tmp_path / "exported"
    folder.mkdir()
    for name in ("harmonized.csv", "plan.json"):
        (folder / name).write_bytes((written / name).read_bytes())
    protocol = json.loads((written / "protocol.json").read_text(encoding="utf-8"))
    (folder / "protocol.json").write_text(json.dumps({**protocol, "title": "A protocol of one's own"}), encoding="utf-8")
    for conversion in protocol["conversions"]:
        (folder / conversion["table"]).write_bytes((written / conversion["table"]).read_bytes())
    out = tmp_path / "out"
    assert main(["analyze", str(folder / "harmonized.csv"), "--plan", str(folder / "plan.json"), "--out", str(out),
                 "--quiet"]) == 0
    assert json.loads((out / "results.json").read_text(encoding="utf-8"))["protocol"] == "A protocol of one's own"
    for name in ("main_effects", "two_stage", "sensitivity", "conversion", "availability"):
        assert (out / f"tables/{name}.csv").read_bytes() == (written / f"tables/{name}.csv").read_bytes()


def test_the_seventeen_lab_experiment_goes_through_with_a_small_plan(tmp_path: Path) -> None:
    """Wagenmakers et al. 2016, abstract: 0.03 (-0.11, 0.16); one-stage models as lme4 has them."""
    from tests.reference_data import SHARED, output, shared_rows

    shared_rows("facial_feedback_17labs.csv")  # where the data are missing, this skips and says so
    (tmp_path / "plan.json").write_text(json.dumps({
        "schema": 1, "columns": {"study": "lab", "patient": "subject_no", "arm": "condition"},
        "outcomes": [{"name": "rating", "value": "mean_rating_correct"}],
        "include": [{"column": "included", "equals": 1}]}), encoding="utf-8")
    out = tmp_path / "out"
    assert main(["analyze", str(SHARED / "facial_feedback_17labs.csv"), "--plan", str(tmp_path / "plan.json"), "--out",
                 str(out), "--quiet"]) == 0
    stored = output("facial_feedback_17labs")
    for row in rows(out / "tables" / "main_effects.csv"):
        if row["scale"] == "raw":
            theirs = stored[row["model"]]
            assert int(row["n"]) == theirs["n"] and row["engines_agree"] == "true"
            assert float(row["estimate"]) == pytest.approx(theirs["estimate"], rel=1e-4)
            assert float(row["se"]) == pytest.approx(theirs["se"], rel=1e-4)
            assert float(row["ci_low"]) == pytest.approx(theirs["ci_low"], rel=1e-4)
            assert float(row["ci_high"]) == pytest.approx(theirs["ci_high"], rel=1e-4)
            assert row["model"] == "published" or float(row["slope_var"]) == 0
    pool = next(row for row in rows(out / "tables" / "two_stage.csv")
                if row["study"] == "pooled" and row["scale"] == "raw")
    assert [round(float(pool[key]), 2) for key in ("estimate", "wald_low", "wald_high")] == [0.03, -0.11, 0.16]
