"""verify finds every change to a folder, whatever it is, and finds none where nothing was changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.analysis import Pooled, run_analysis
from core.export import csv_of_frame, csv_of_table, digest_of, export_all
from core.plan import Plan
from core.tables import result_tables
from core.verify import verify_folder
from tests.core.test_pooled import PLAN, patients

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    pooled = Pooled(patients().assign(site="007", eyes="brown"), "pool.csv")
    export_all(folder, run_analysis(pooled, PLAN), pooled)
    return folder


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    """The folder again, without what is only drawn."""
    return Path(shutil.copytree(written, tmp_path / "copy", ignore=shutil.ignore_patterns("figures", "report*", "*.xlsx")))


def in_text(name: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
    return change


def in_results(*keys: str | int) -> Change:
    """Another value in results.json, with a digest that fits it."""
    def change(folder: Path) -> None:
        path = folder / "results.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        part = document
        for key in keys[:-1]:
            part = part[key]
        old = part[keys[-1]]
        part[keys[-1]] = old + 1 if isinstance(old, (int, float)) else f"{old} changed"
        document["digest"] = digest_of(document)
        path.write_text(json.dumps(document), encoding="utf-8")
    return change


def test_nothing_changed_nothing_found(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy.parent)
    assert verify_folder(Path("copy")) == ()


@pytest.mark.parametrize(("change", "told"), [
    (in_text("harmonized.csv", "brown", "green"), "harmonized.csv"),
    (in_text("harmonized.csv", "007", "7"), "harmonized.csv"),
    (in_text("plan.json", '"seed": 20220', '"seed": 20221'), "plan.json"),
    (in_text("plan.json", '"folds": 10', '"folds": 9'), "plan.json"),
    (in_text("tables/two_stage.csv", "pooled", "Pooled"), "two_stage"),
    (in_text("tables/flow.csv", "analyzed", "excluded"), "flow"),
    (in_text("issues.csv", "severity", "gravity"), "issues.csv"),
    (in_text("results.json", '"seed": 20220', '"seed": 1'), "results.json"),
    (in_text("results.json", '"program": "', '"program": "x'), "results.json"),
    (in_results("tables", "main_effects", 0, "estimate"), "results.json, main_effects, row 1, estimate"),
    (in_results("tables", "sensitivity", 1, "ci_low"), "results.json, sensitivity, row 2, ci_low"),
    (in_results("tables", "flow", 0, "n"), "results.json, flow, row 1, n"),
    (in_results("plan", "seed"), "its plan or seed"),
    (lambda folder: (folder / "issues.csv").unlink(), "issues.csv: the file is missing"),
])
def test_every_change_is_found(copy: Path, change: Change, told: str) -> None:
    change(copy)
    assert any(told in sentence for sentence in verify_folder(copy))


def test_data_changed_with_their_hash_are_found_by_their_numbers(copy: Path) -> None:
    """Whoever mends every hash still has to mend every number."""
    frame = patients().assign(site="007", eyes="brown")
    frame.loc[0, "f"] += 5
    (copy / "harmonized.csv").write_text(csv_of_frame(frame), encoding="utf-8", newline="")
    assert any("tables/main_effects.csv, row 1, estimate" in sentence for sentence in verify_folder(copy))


def test_a_seed_changed_everywhere_is_found_by_what_it_draws(copy: Path) -> None:
    plan = Plan.model_validate({**PLAN.model_dump(by_alias=True), "seed": 7})
    (copy / "plan.json").write_text(plan.pretty_json(), encoding="utf-8", newline="")
    assert any("ard_low" in sentence for sentence in verify_folder(copy))


def test_columns_no_table_has_are_found(copy: Path) -> None:
    table = next(t for t in result_tables(run_analysis(Pooled(patients(), "pool.csv"), PLAN)) if t.name == "availability")
    (copy / "tables" / "availability.csv").write_text(csv_of_table(table) + "age,patient\n", encoding="utf-8", newline="")
    assert any("availability" in sentence for sentence in verify_folder(copy))
