"""Who was given what at the first infusion: arms by treatment and dose (METHODS section 1)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.cells import read_numbers, texts_of
from core.errors import Severity
from core.findings import Findings
from core.harmonized import CellSource, ColumnOrigins
from core.mapping import DoseSource, Factor, StudyMapping, TreatmentSource
from core.protocol import ArmRule, Protocol
from core.records import Records
from core.registry import Study
from core.stated_doses import leaves_dose_unstated
from core.windows import chosen_values

DOSE_ROUNDING = 1e-9


@dataclass(frozen=True)
class Given:
    """What each patient got: `treatment` a protocol's key, "?" for a text without a meaning, "" for nothing known.

    `row` is the index of the table's row that says so (-1: none), `source` the one of the mapping; all (n,).
    """

    treatment: np.ndarray = field(repr=False)
    text: np.ndarray = field(repr=False)
    row: np.ndarray = field(repr=False)
    source: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Allocation:
    """Arms of n patients: `arm` 1 active, 0 control, NaN not eligible, with the `reason`; `dose` NaN if not known.

    `treatment` is the key of what was given first, "?" or "" if that is not known.
    """

    treatment: np.ndarray = field(repr=False)
    arm: np.ndarray = field(repr=False)
    dose: np.ndarray = field(repr=False)
    reason: np.ndarray = field(repr=False)
    arm_origins: ColumnOrigins
    dose_origins: ColumnOrigins


def allocate(mapping: StudyMapping, records: Records, study: Study, protocol: Protocol,
             findings: Findings) -> Allocation:
    """Arm and dose of every patient, with an issue for each treatment or dose that is not known."""
    given = _given(mapping, records, protocol, findings)
    dose, dose_origins = _doses(mapping, given, records, protocol, findings)
    n = len(records.patients)
    arm, reason = np.full(n, np.nan), np.full(n, "", dtype=object)
    reason[given.treatment == ""] = "other"
    is_unstated = leaves_dose_unstated(findings.table, mapping, study, protocol)
    for key in sorted(set(given.treatment) - {""}):
        who = np.flatnonzero(given.treatment == key)
        arm[who], reason[who] = _eligible(key, dose[who], protocol, is_unstated)
    _tell_accepted(np.flatnonzero((arm == 1) & np.isnan(dose)), records, protocol, findings)
    _ask_for_doses(np.flatnonzero((reason == "other") & (given.treatment != "")), mapping, records, protocol, findings)
    sources = tuple(CellSource(s.column, "arm by treatment and dose", mapping.structure_by, raw=s.constant or "")
                    for s in mapping.treatments)
    codes = np.where(np.isnan(arm), -1, given.source)
    return Allocation(given.treatment, arm, dose, reason, _origins(given.row, codes, sources, findings), dose_origins)


def _eligible(key: str, dose: np.ndarray, protocol: Protocol, is_unstated: bool) -> tuple[np.ndarray, np.ndarray]:
    """Arm and reason of patients on one treatment. A dose that an arm asks for and nobody knows is "other"."""
    arm, reason = np.full(len(dose), np.nan), np.full(len(dose), "other_drug", dtype=object)
    for code, rule in ((1.0, protocol.active), (0.0, protocol.control)):
        if key not in rule.treatments:
            continue
        open_arm = np.isnan(arm)
        accepted = is_unstated and rule.dose_unstated == "accept"
        fits = open_arm & (_dose_fits(dose, rule) | (accepted & np.isnan(dose)))
        arm[fits] = code
        reason[open_arm & ~fits] = np.where(np.isnan(dose[open_arm & ~fits]), "other", "other_dose")
    reason[~np.isnan(arm)] = ""
    return arm, reason


def _dose_fits(dose: np.ndarray, rule: ArmRule) -> np.ndarray:
    fits = np.ones(len(dose), dtype=bool)
    if rule.dose_minimum is not None:
        fits &= dose >= rule.dose_minimum - DOSE_ROUNDING
    if rule.dose_maximum is not None:
        fits &= dose <= rule.dose_maximum + DOSE_ROUNDING
    return fits


def _tell_accepted(who: np.ndarray, records: Records, protocol: Protocol, findings: Findings) -> None:
    """The patients taken into the active arm without a dose, in one issue for the study."""
    rule = protocol.active
    if not len(who) or (rule.dose_minimum is None and rule.dose_maximum is None):
        return
    limits = [f"{limit:g} {protocol.dose.unit} or {which}" for limit, which in (
        (rule.dose_minimum, "more"), (rule.dose_maximum, "less")) if limit is not None]
    findings.add(Severity.WARNING, "dose_unstated", f"Study {findings.study} states no {rule.label.lower()} dose; its "
                 f"patients are taken to have had {' and '.join(limits)}.", "Set the dose on the Map page if that is "
                 "wrong.", record=int(records.home[who[0]]), variable=protocol.dose.key)


def _given(mapping: StudyMapping, records: Records, protocol: Protocol, findings: Findings) -> Given:
    n = len(records.patients)
    given = Given(np.full(n, "", dtype=object), np.full(n, "", dtype=object), np.full(n, -1), np.full(n, -1))
    sources = [(i, s) for i, s in enumerate(mapping.treatments) if s.period in (None, records.first_period)]
    for index, source in sources:
        if source.constant is not None:
            _take_constant(given, index, source, protocol, findings)
        else:
            _take_column(given, index, source, records, protocol, findings)
    if not sources:
        findings.add(Severity.ERROR, "no_treatment_column", "Nothing says what the patients were given; nobody is "
                     "analyzed.", "Choose the treatment's column on the Map page.")
    nothing = np.flatnonzero(given.treatment == "") if sources else np.empty(0, dtype=int)
    findings.add_each(
        Severity.WARNING, "no_treatment", records.home[nothing].tolist(),
        lambda j: f"Patient {records.patients[nothing[j]]} has no treatment and is not analyzed.",
        "Fill in the treatment in the file and load it again.", patients=records.patients[nothing].tolist(),
        column=next((s.column for _, s in sources), None))
    return given


def _take_constant(given: Given, index: int, source: TreatmentSource, protocol: Protocol, findings: Findings) -> None:
    text = source.constant or ""
    key = text if text in protocol.treatments_by_key else source.values.get(text)
    if key not in protocol.treatments_by_key:
        _ask_treatment(text, None, None, findings)
        key = "?"
    who = given.treatment == ""
    given.treatment[who], given.text[who], given.source[who] = key, text, index


def _take_column(given: Given, index: int, source: TreatmentSource, records: Records, protocol: Protocol,
                 findings: Findings) -> None:
    column = findings.column(source.column or "")
    if column is None:
        return
    texts = texts_of(column, records)
    keys = {text: source.values.get(text, "?") or "" for text in dict.fromkeys(texts)} | {"": ""}
    for text, key in keys.items():
        if key and key not in protocol.treatments_by_key:
            keys[text] = "?"
            _ask_treatment(text, column.name, int(records.rows[texts.index(text)]), findings)
    key_of = np.array([keys[text] for text in texts], dtype=object)
    chosen = records.first_with(key_of != "")
    records.tell_differing(key_of, chosen, key_of != "", column, "treatment", findings)
    who = np.flatnonzero((chosen >= 0) & (given.treatment == ""))
    rows = chosen[who]
    given.treatment[who], given.row[who], given.source[who] = key_of[rows], records.rows[rows], index
    given.text[who] = np.array(texts, dtype=object)[rows]


def _ask_treatment(text: str, column: str | None, record: int | None, findings: Findings) -> None:
    findings.add(Severity.QUESTION, "unknown_treatment", f'"{text}" is not known as a treatment; its patients are not '
                 "analyzed.", "Say on the Map page which treatment it is.", record=record, column=column)


def _doses(mapping: StudyMapping, given: Given, records: Records, protocol: Protocol,
           findings: Findings) -> tuple[np.ndarray, ColumnOrigins]:
    n = len(records.patients)
    dose, row, code = np.full(n, np.nan), np.full(n, -1), np.full(n, -1)
    sources = [s for s in mapping.doses if s.period in (None, records.first_period)]
    for index, source in enumerate(sources):
        value, at = _dose_of(source, given, records, protocol, findings)
        if source.constant is not None:  # an arm without a rule on doses has none of its own
            value[np.isnan(value) & np.isin(given.treatment, protocol.active.treatments)] = source.constant
        new = np.isnan(dose) & ~np.isnan(value)
        dose[new], row[new], code[new] = value[new], at[new], index
    names = tuple(_dose_source(s, mapping) for s in sources)
    return dose, _origins(row, code, names, findings)


def _dose_of(source: DoseSource, given: Given, records: Records, protocol: Protocol,
             findings: Findings) -> tuple[np.ndarray, np.ndarray]:
    """One source's dose for each patient, and the table's row it stands in (-1: none)."""
    n = len(records.patients)
    if source.column is None:
        stated = {text: np.nan if value is None else value for text, value in source.values.items()}
        value = np.array([stated.get(text, np.nan) for text in given.text], dtype=float)
        return value, np.where(np.isnan(value), -1, given.row)
    column = findings.column(source.column)
    if column is None:
        return np.full(n, np.nan), np.full(n, -1)
    texts = texts_of(column, records)
    listed = np.array([source.values.get(text) if text else None for text in texts], dtype=float)
    form = source.format.model_copy(update={"missing": (*source.format.missing, *source.values)})
    numbers = read_numbers(column, form, records, findings, protocol.dose.key) * source.factor
    if source.per is not None:
        numbers = numbers / _divisors(source.per, records, findings, protocol)
    values = np.where(np.isnan(listed), numbers, listed)
    values = _plausible(values, column.name, records, protocol, findings)
    chosen = records.first_with(~np.isnan(values))
    records.tell_differing(values, chosen, ~np.isnan(values), column, protocol.dose.key, findings)
    return chosen_values(chosen, values), np.append(records.rows, -1)[chosen]


def _divisors(per: Factor, records: Records, findings: Findings, protocol: Protocol) -> np.ndarray:
    """What each row's dose is divided by, (m,); of a patient's rows without one, the one the others tell."""
    column = findings.column(per.column)
    if column is None:
        return np.full(len(records.rows), np.nan)
    numbers = read_numbers(column, per.format, records, findings, protocol.dose.key) * per.factor
    numbers = np.where(numbers > 0, numbers, np.nan)
    for patient in np.unique(records.patient[np.isnan(numbers)]):
        own = records.patient == patient
        told = np.unique(numbers[own & ~np.isnan(numbers)])
        if len(told) == 1:
            numbers[own] = told[0]
    return numbers


def _plausible(values: np.ndarray, column: str, records: Records, protocol: Protocol,
               findings: Findings) -> np.ndarray:
    high = np.inf if protocol.dose.maximum is None else protocol.dose.maximum
    off = np.flatnonzero((values < 0) | (values > high))
    patients = records.names(off)
    findings.add_each(
        Severity.ERROR, "implausible", records.rows[off].tolist(),
        lambda j: f"A dose of {values[off[j]]:g} {protocol.dose.unit} is not plausible and is not used.",
        "Correct it in the file, or give the column's unit on the Map page.", column=column,
        variable=protocol.dose.key, patients=patients)
    for at, patient in zip(off, patients, strict=True):
        findings.change(patient, protocol.dose.key, f"{values[at]:g} is not plausible and not used",
                        int(records.rows[at]))
    return np.where(np.isin(np.arange(len(values)), off), np.nan, values)


def _ask_for_doses(who: np.ndarray, mapping: StudyMapping, records: Records, protocol: Protocol,
                   findings: Findings) -> None:
    """Patients on a treatment of an arm that asks for a dose nobody knows: a question, until answered "other"."""
    unit, remedy = protocol.dose.unit, "Say the dose on the Map page, or add it to the file."
    column = next((s.column for s in mapping.doses if s.column), None)
    if column is None and len(who):
        n = len(who)
        findings.add(Severity.QUESTION, "dose_unknown", f"Which dose, in {unit}, did {n} "
                     f"{'patient' if n == 1 else 'patients'} get? They are not analyzed until it is known.", remedy,
                     record=int(records.home[who[0]]), variable=protocol.dose.key)
    elif column is not None:
        findings.add_each(
            Severity.QUESTION, "dose_unknown", records.home[who].tolist(),
            lambda j: f"Which dose, in {unit}, did patient {records.patients[who[j]]} get? The patient is not "
                      "analyzed until it is known.", remedy, column=column, variable=protocol.dose.key,
            patients=records.patients[who].tolist())


def _dose_source(source: DoseSource, mapping: StudyMapping) -> CellSource:
    if source.constant is not None and source.column is None and not source.values:
        return CellSource(None, "one dose for all patients", mapping.structure_by, raw=f"{source.constant:g}")
    column = source.column or next((s.column for s in mapping.treatments if s.column), None)
    stated = "" if source.constant is None else f"{source.constant:g}"
    rule = "dose at the first treatment" if source.per is None else f'dose divided by "{source.per.column}"'
    beside = (source.per.column,) if source.per is not None else ()
    return CellSource(column, rule, mapping.structure_by, raw=stated, beside=beside)


def _origins(row: np.ndarray, codes: np.ndarray, sources: tuple[CellSource, ...], findings: Findings) -> ColumnOrigins:
    """Origins with the file's own row numbers."""
    return ColumnOrigins(findings.file_rows(row), codes, sources)
