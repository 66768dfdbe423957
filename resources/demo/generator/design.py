"""The seventeen synthetic studies: sizes, arms, countries, designs, and who drops out.

Sizes, countries and designs of the first five follow published tables; their patients, and everything about the other
twelve, are invented.
"""

from __future__ import annotations

from dataclasses import dataclass

SEED = 20251
"""Of the sixty from 20220 on, one whose sample lies near the effects built in: chance hides fewer of them."""
KETAMINE, SALINE, MIDAZOLAM, LANICEMINE = "ketamine", "saline", "midazolam", "lanicemine"

UNTIMED = 9999
"""Stands for the hours of an extra visit whose time its file does not tell: a question that touches no outcome."""


@dataclass(frozen=True)
class Allocation:
    """`n` patients who got `drug` first and, in a crossover, `second` after it. `dose` in mg/kg, ketamine only."""

    drug: str
    n: int
    dose: float | None = None
    second: str | None = None

    @property
    def exclusion(self) -> str:
        """Why nobody of this arm is in the primary set; "" if they can be."""
        if self.drug == LANICEMINE:
            return "other_drug"
        return "other_dose" if self.dose is not None and self.dose < 0.5 else ""


@dataclass(frozen=True)
class StudyDesign:
    """One synthetic study, as randomized."""

    study: str
    label: str
    file: str
    year: int
    country: str
    """As the registry spells it; the spellings vary on purpose."""
    is_us: bool
    allocations: tuple[Allocation, ...]
    control_text: str
    trd_threshold: int | None
    """Failed trials required for entry; None: the study required none ("unspecified")."""
    follow_up_hours: tuple[int, ...]
    scales: tuple[str, ...] = ("madrs",)
    no_baseline: int = 0
    no_followup: int = 0
    diagnoses: tuple[tuple[str, int], ...] = ()
    """Principal diagnoses other than MDD among the patients analyzed."""
    inpatient_share: float = 0.0
    mean_age: float = 45.0
    mean_madrs: float = 32.0
    rob: tuple[str, str, str, str, str] = ("low", "low", "some", "low", "low")
    notes: str = ""

    @property
    def is_crossover(self) -> bool:
        """Whether patients got a second treatment."""
        return any(allocation.second for allocation in self.allocations)

    @property
    def is_psychoactive(self) -> bool:
        """Whether the control is midazolam."""
        return any(allocation.drug == MIDAZOLAM for allocation in self.allocations)

    @property
    def requires_two_failed(self) -> bool:
        """Whether entry required two or more failed trials."""
        return (self.trd_threshold or 0) >= 2

    @property
    def n(self) -> int:
        """Patients in the file."""
        return sum(allocation.n for allocation in self.allocations)


def _parallel(control: str, ketamine: int, controls: int) -> tuple[Allocation, ...]:
    return Allocation(KETAMINE, ketamine, 0.5), Allocation(control, controls)


def _crossover(control: str, ketamine_first: int, control_first: int) -> tuple[Allocation, ...]:
    return (Allocation(KETAMINE, ketamine_first, 0.5, second=control),
            Allocation(control, control_first, second=KETAMINE))


STUDIES: tuple[StudyDesign, ...] = (
    StudyDesign(
        "deakin_uk", "Deakin/Abdallah UK (synthetic)", "deakin_uk.xlsx", 2018, "United Kingdom", False,
        _parallel(SALINE, 19, 18), "Saline", None, (4, 24, 72, 168), no_followup=1, mean_age=43, mean_madrs=31,
        rob=("low", "low", "high", "some", "low")),
    StudyDesign(
        "feder_30", "Feder 30 US (synthetic)", "feder_30.csv", 2021, "USA", True,
        _parallel(MIDAZOLAM, 15, 15), "Midazolam 0.045 mg/kg", None, (24, 168, 336), diagnoses=(("ptsd", 30),),
        mean_age=39, mean_madrs=29, notes="Repeated infusions, the second on day 3."),
    StudyDesign(
        "feder_41", "Feder 41 US (synthetic)", "feder_41.xlsx", 2014, "United States", True,
        _crossover(MIDAZOLAM, 22, 19), "Midazolam 0.045 mg/kg", None, (24, 48, 72, 168), diagnoses=(("ptsd", 41),),
        mean_age=36, mean_madrs=29),
    StudyDesign(
        "grunebaum_us", "Grunebaum/Mann US (synthetic)", "grunebaum_us.xlsx", 2018, "US", True,
        _parallel(MIDAZOLAM, 48, 48), "Midazolam 0.02 mg/kg", None, (24, 168), scales=("hrsd17",),
        diagnoses=(("bipolar", 16),), inpatient_share=0.55, mean_age=40, mean_madrs=30),
    StudyDesign(
        "murrough_us", "Mathew/Murrough US (synthetic)", "murrough_us.csv", 2013, "U.S.A.", True,
        (Allocation(KETAMINE, 48, 0.5), Allocation(MIDAZOLAM, 25)), "Midazolam 0.045 mg/kg", 3,
        (24, 48, 72, 168), no_followup=1, inpatient_share=0.12, mean_age=46, mean_madrs=33),
    StudyDesign(
        "lakeside_us", "Lakeside US (synthetic)", "lakeside_us.xlsx", 2010, "United States of America", True,
        _crossover(SALINE, 18, 17), "Saline", 1, (4, 24, 72, 168), no_baseline=1, no_followup=1,
        diagnoses=(("bipolar", 33),), inpatient_share=0.9, mean_age=46, mean_madrs=33),
    StudyDesign(
        "harbor_us", "Harbor Hill US (synthetic)", "harbor_us.csv", 2012, "us", True,
        _crossover(SALINE, 14, 14), "Saline", 2, (4, 24, 72, 168), scales=("madrs", "hrsd17"), no_followup=1,
        inpatient_share=0.25, mean_age=42, mean_madrs=34, rob=("some", "unclear", "high", "some", "low")),
    StudyDesign(
        "serra_br", "Serra Clara Brazil (synthetic)", "serra_br.csv", 2016, "Brazil", False,
        _crossover(SALINE, 12, 12), "Saline", None, (4, 24, 72, 168), inpatient_share=0.1, mean_age=44,
        rob=("some", "unclear", "high", "unclear", "some")),
    StudyDesign(
        "riviere_ca", "Belle Rivière Canada (synthetic)", "riviere_ca.xlsx", 2019, "Canada", False,
        _crossover(MIDAZOLAM, 21, 21), "Midazolam 0.03 mg/kg", 2, (24, 168), scales=("madrs", "hrsd17"), no_followup=1,
        diagnoses=(("bipolar", 10),), inpatient_share=0.05, mean_age=42, mean_madrs=34),
    StudyDesign(
        "bundara_au", "Bundara Australia (synthetic)", "bundara_au.xlsx", 2017, "AU", False,
        _crossover(MIDAZOLAM, 18, 17), "Midazolam 0.03 mg/kg", 2, (4, 24, 72, 168), no_baseline=1,
        diagnoses=(("bipolar", 7),), inpatient_share=0.15, mean_age=47, mean_madrs=33),
    StudyDesign(
        "rheinau_ch", "Rheinau Switzerland (synthetic)", "rheinau_ch.csv", 2015, "Switzerland", False,
        _crossover(SALINE, 11, 11), "Saline (0.9 % NaCl)", None, (24, 168), inpatient_share=0.5, mean_age=48,
        rob=("low", "some", "high", "some", "low")),
    StudyDesign(
        "elm_us", "Elm Hollow US (synthetic)", "elm_us.xlsx", 2011, "U.S.", True,
        _crossover(MIDAZOLAM, 10, 10), "Midazolam 0.045 mg/kg", 1, (4, 24, 72), inpatient_share=0.2, mean_age=41,
        rob=("some", "unclear", "some", "unclear", "some"), notes="No rating later than 72 hours."),
    StudyDesign(
        "prairie_us", "Prairie Line US (synthetic)", "prairie_us.xlsx", 2018, "United States", True,
        (Allocation(KETAMINE, 18, 0.1), Allocation(KETAMINE, 19, 0.2), Allocation(KETAMINE, 21, 0.5),
         Allocation(KETAMINE, 20, 1.0), Allocation(MIDAZOLAM, 19)),
        "Midazolam 0.045 mg/kg", 2, (24, 72, 168, 336), scales=("hrsd17",), no_followup=1, mean_age=46, mean_madrs=33),
    StudyDesign(
        "formosa_tw", "Formosa Bay Taiwan (synthetic)", "formosa_tw.csv", 2017, "Taiwan", False,
        (Allocation(KETAMINE, 24, 0.5), Allocation(KETAMINE, 23, 0.2), Allocation(SALINE, 24)),
        "Normal saline", 2, (4, 24, 72, 168, 336), scales=("hrsd17",), no_followup=1, inpatient_share=0.6,
        mean_age=47, mean_madrs=34),
    StudyDesign(
        "stonebridge_us", "Stonebridge US (synthetic)", "stonebridge_us.xlsx", 2016, "USA", True,
        (Allocation(KETAMINE, 28, 0.5), Allocation(SALINE, 27), Allocation(LANICEMINE, 18)),
        "Saline", 1, (4, 24, 168), no_baseline=1, mean_age=45, rob=("low", "low", "high", "low", "low"),
        notes="Third arm: lanicemine, not analyzed."),
    StudyDesign(
        "lindental_de", "Lindental Germany (synthetic)", "lindental_de.csv", 2020, "Germany", False,
        _parallel(MIDAZOLAM, 26, 25), "Midazolam 0.02 mg/kg", 2, (4, 24, 168, 336), scales=("madrs", "hrsd17"),
        no_followup=1, inpatient_share=0.45, mean_age=45, mean_madrs=33),
    StudyDesign(
        "duinzicht_nl", "Duinzicht Netherlands (synthetic)", "duinzicht_nl.xlsx", 2021, "The Netherlands", False,
        _parallel(MIDAZOLAM, 17, 17), "Midazolam 0.045 mg/kg", None, (24, 168), scales=("madrs", "hrsd17"),
        diagnoses=(("ptsd", 3), ("other", 1)), inpatient_share=0.1, mean_age=44, mean_madrs=31),
)

BY_STUDY = {design.study: design for design in STUDIES}
