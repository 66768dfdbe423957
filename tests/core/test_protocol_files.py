"""Protocols are found, read and checked; the shipped one says what the specification says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.conversion import convert
from core.errors import UserError
from core.plan import protocol_plan
from core.protocol import Protocol
from core.protocol_files import find_protocol, load_conversion_tables, load_protocol, protocol_ids
from core.resources import resource

TINY = Path(__file__).parent.parent / "data" / "protocols" / "psychotherapy.json"


@pytest.fixture(scope="module")
def ketamine() -> Protocol:
    return load_protocol("ketamine")


def test_the_shipped_protocols_are_listed() -> None:
    assert "ketamine" in protocol_ids()


def test_the_key_of_every_shipped_protocol_is_its_file_name() -> None:
    assert all(load_protocol(name).id == name for name in protocol_ids())


def test_ketamine_has_the_46_variables(ketamine: Protocol) -> None:
    assert len(ketamine.variables) == 46
    kinds = [variable.kind for variable in ketamine.variables]
    assert (kinds.count("binary"), kinds.count("continuous"), kinds.count("categorical")) == (34, 11, 1)
    levels = {v.key for v in ketamine.variables if v.level == "study"}
    assert levels == {"psychoactive_placebo", "crossover", "us_site", "trd_2plus"}


def test_ketamine_core_columns_are_the_contract_s(ketamine: Protocol) -> None:
    assert ketamine.core_keys == (
        "study", "patient", "arm", "dose_mg_kg", "madrs_baseline", "madrs_rapid", "madrs_post_rapid",
        "hrsd17_baseline", "hrsd17_rapid", "hrsd17_post_rapid", "rapid_hours", "post_rapid_days")


def test_ketamine_arms_and_windows(ketamine: Protocol) -> None:
    assert ketamine.active.treatments == ("ketamine",) and ketamine.active.dose_minimum == 0.5
    assert {"saline", "midazolam", "placebo"} <= set(ketamine.control.treatments)
    windows = [(t.target_hours, t.from_hours, t.to_hours, t.before_second_treatment)
               for t in ketamine.timepoints]
    assert windows == [(24, 4, 72, True), (168, 144, 336, False)]
    assert (ketamine.response_percent, ketamine.remission_at_most) == (50, 9)


def test_ketamine_sets_are_set_1_and_its_additions(ketamine: Protocol) -> None:
    sets = {group.name: group for group in ketamine.sets}
    first = ("mdd", "inpatient", "age", "female", "us_site", "trd_2plus")
    assert list(sets) == ["1", "2a", "2b", "2c", "2d", "2e", "2f", "2g"]
    assert all(group.moderators[:6] == first for group in ketamine.sets)
    assert sets["2f"].moderators[6:] == ("bmi", "smoker")
    assert sets["2d"].moderators[6:] == ("ptsd", "any_anxiety")
    assert {name for name, group in sets.items() if group.assumed} == {"2a", "2b", "2c", "2e", "2g"}
    design = {variable.key for variable in ketamine.variables if variable.design_only}
    assert design == {"psychoactive_placebo", "crossover"}
    assert not design & {key for group in ketamine.sets for key in group.moderators}


def test_bipolar_is_never_tested_and_the_rest_is_by_availability(ketamine: Protocol) -> None:
    assert [v.key for v in ketamine.variables if v.tier != "auto"] == ["bipolar"]


def test_a_bipolar_diagnosis_overrides_mdd(ketamine: Protocol) -> None:
    rule = next(rule for rule in ketamine.implications if rule.override)
    assert (rule.when.variable, rule.when.equals) == ("bipolar", "1")
    assert (rule.then.variable, rule.then.equals) == ("mdd", "0")


def test_published_figures(ketamine: Protocol) -> None:
    main = {e.outcome: (e.estimate, e.low, e.high) for e in ketamine.published if e.term == "treatment"}
    assert main == {"rapid": (0.58, 0.44, 0.72), "post_rapid": (0.38, 0.23, 0.54)}
    known = {"treatment", "response", "remission", "set 2f", *ketamine.variables_by_key}
    assert {effect.term for effect in ketamine.published} <= known


def test_codes_lead_to_codes_of_the_kind_and_no_text_to_two(ketamine: Protocol) -> None:
    for variable in ketamine.variables:
        if variable.kind == "binary":
            assert set(variable.codes) <= {"0", "1"}
        texts = [text for texts in variable.codes.values() for text in texts]
        assert len(texts) == len(set(texts)), variable.key


def test_no_name_belongs_to_two_variables(ketamine: Protocol) -> None:
    owners: dict[str, str] = {}
    for variable in ketamine.variables:
        for name in variable.synonyms:
            assert owners.setdefault(name, variable.key) == variable.key, name


def test_ranges_hold_what_is_possible(ketamine: Protocol) -> None:
    for variable in ketamine.variables:
        if variable.kind == "continuous":
            assert variable.minimum is not None and variable.maximum is not None
            assert variable.minimum < variable.maximum


def test_the_tiny_protocol_needs_no_code(tmp_path: Path) -> None:
    protocol = load_protocol(TINY)
    plan = protocol_plan(protocol)
    assert [outcome.name for outcome in plan.outcomes] == ["post", "follow_up"]
    assert load_conversion_tables(protocol) == {}
    assert protocol.score_keys == ("distress_baseline", "distress_post", "distress_follow_up")


def test_the_shipped_table_keeps_its_fill_ins(ketamine: Protocol) -> None:
    table = load_conversion_tables(ketamine)["leucht2018_hrsd17_to_madrs.csv"]
    scores = np.array([0.0, 1, 2, 3, 4, 17, 40, 41])
    expected = [0, 0, 0, 3, 4.5, 22, 52.5, np.nan]
    np.testing.assert_array_equal(convert(scores, table, "midpoint"), expected)
    assert table.fills_in(scores).tolist() == [True] * 3 + [False] * 5


def test_a_table_beside_the_protocol_comes_first(ketamine: Protocol, tmp_path: Path) -> None:
    own = "hamd,madrs_low,madrs_high,madrs_mid\n3,1,1,1\n"
    (tmp_path / "leucht2018_hrsd17_to_madrs.csv").write_text(own, encoding="utf-8")
    table = load_conversion_tables(ketamine, tmp_path)["leucht2018_hrsd17_to_madrs.csv"]
    assert convert(np.array([3.0]), table, "midpoint").tolist() == [1.0]


def test_a_table_that_is_nowhere_or_in_a_folder_is_named(ketamine: Protocol, tmp_path: Path) -> None:
    for name, word in (("mine.csv", "is missing"), ("../mine.csv", "without folders")):
        conversion = ketamine.conversions[0].model_copy(update={"table": name})
        with pytest.raises(UserError, match=word):
            load_conversion_tables(ketamine.model_copy(update={"conversions": (conversion,)}), tmp_path)


def test_an_unknown_protocol_says_what_there_is() -> None:
    with pytest.raises(UserError, match="ketamine"):
        find_protocol("ketamin")


def test_a_misspelled_key_is_named(tmp_path: Path) -> None:
    data = json.loads(TINY.read_text(encoding="utf-8"))
    data["treatmnts"] = data.pop("treatments")
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(UserError, match="treatments"):
        load_protocol(path)


def test_the_frozen_program_finds_its_resources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "resources" / "protocols"
    folder.mkdir(parents=True)
    (folder / "psychotherapy.json").write_bytes(TINY.read_bytes())
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert protocol_ids() == ("psychotherapy",)
    assert resource("protocols") == folder


def test_the_line_of_usefulness_is_the_publications_unless_a_protocol_says_otherwise() -> None:
    from core.labels import labels_for

    protocol = load_protocol("ketamine")
    assert protocol.useful_r == 0.3 and "useful_r" not in protocol.model_dump(), "older fingerprints stay"
    stricter = protocol.model_copy(update={"useful_r": 0.4})
    assert labels_for(stricter).useful_r == 0.4 and stricter.fingerprint != protocol.fingerprint
