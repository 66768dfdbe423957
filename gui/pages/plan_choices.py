"""The plan in sentences, with its choices in place. What `core.plan` refuses is said below the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from core.documents import build_document
from core.errors import UserError
from core.plan import Outcome, Plan
from core.wording import count
from gui.theme import GRID
from gui.widgets.frame import button, clear, label
from gui.widgets.message_line import MessageLine
from gui.widgets.sentence import Sentence

if TYPE_CHECKING:
    from core.labels import Labels

Path = tuple[str | int, ...]
ON_COMBINED = "A run combines the moderators of every set (tab Sets); what it finds stands under Results, Combined."

ON_CURVES = ("A line cannot show a benefit that rises and falls again; a curve (restricted cubic spline, by both "
             "models) can. It stands in the moderator's benefit figure, with a test of its bend in the details, and "
             "changes no other number. More knots bend more and need more patients.")

ON_FURTHER = ("They change nothing above or below. A ticked one gets its main effect: the follow-up score adjusted for "
              "baseline, by both models; no moderator is tested on it.")


@dataclass(frozen=True)
class Choice:
    """A place in the plan that a person may change. `options`: words and values; without them, a number."""

    path: Path
    name: str
    options: tuple[tuple[str, object], ...] = ()
    is_share: bool = False
    """Kept as a share (0 to 1), shown in percent."""
    may_be_empty: bool = False

    def as_text(self, value: object) -> str:
        """A number as the field shows it."""
        if value is None:
            return ""
        assert isinstance(value, int | float)
        return f"{100 * value if self.is_share else value:.12g}"

    def as_value(self, text: str) -> object:
        """What a person typed, as the plan keeps it; what is no number is left for the plan to refuse."""
        plain = text.strip().replace(",", ".")
        if not plain and self.may_be_empty:
            return None
        try:
            return round(float(plain) / 100, 12) if self.is_share else plain
        except ValueError:
            return text


LEAD = Choice(("model", "random_slope"), "Model to lead with",
              (("the published model", False), ("the recommended model", True)))
DF = Choice(("model", "df"), "Degrees of freedom", (("Satterthwaite", "satterthwaite"),
                                                    ("Kenward-Roger", "kenward_roger")))
INTERVAL = Choice(("model", "ci"), "Kind of interval", (("profile-likelihood", "profile"), ("t", "t")))
QUADRATURE = Choice(("model", "quadrature"), "Quadrature nodes")
REPLICATES = Choice(("bootstrap", "replicates"), "Bootstrap replicates")
UNIT = Choice(("bootstrap", "unit"), "What moderators' bootstrap resamples",
              (("patients within study and arm", "patient"), ("whole studies", "study")))
SEED = Choice(("seed",), "Random seed")
CONVERSION = Choice(("conversion",), "Conversion of scores", (
    ("the midpoint", "midpoint"), ("the lower", "low"), ("the higher", "high"),
    ("none: scores are not converted", "none")))
TIER1 = Choice(("tiers", "tier1"), "Smallest availability in Tier 1, percent", is_share=True)
TIER2 = Choice(("tiers", "tier2"), "Smallest availability in Tier 2, percent", is_share=True)
MULTIPLICITY = Choice(("multiplicity",), "Adjustment for multiplicity", (("Bonferroni", "bonferroni"),
                                                                        ("Holm", "holm")))
FAMILY = Choice(("family",), "Family of tests", (("each timepoint", "per_timepoint"),
                                                 ("all timepoints together", "all_timepoints")))
SPLINES = Choice(("splines", "knots"), "Curve of the benefit", (
    ("a line", 0), *((f"a line and a {knots}-knot curve", knots) for knots in (3, 4, 5))))
PENALTY = Choice(("combined", "penalty"), "Penalty", (("elastic net", "elastic_net"), ("ridge", "ridge"),
                                                      ("lasso", "lasso"), ("no penalty", "none")))
L1_RATIO = Choice(("combined", "l1_ratio"), "Share of the lasso penalty, 0 to 1")
FOLDS = Choice(("combined", "folds"), "Folds of the cross-validation")
PERMUTATIONS = Choice(("combined", "permutations"), "Permutations")


class PlanChoices(QWidget):
    """`edited` carries the next plan and what was changed: "Quadrature nodes"."""

    edited = Signal(object, str)
    refused = Signal(QWidget)
    """The words that say why a value was refused."""
    asked_for_board = Signal()
    """The person wants to choose what the sensitivity board is about."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[Path, QWidget] = {}
        self.faults: dict[Path, MessageLine] = {}
        self._choices: dict[Path, Choice] = {}
        self._plan: Plan | None = None
        self._labels: Labels | None = None
        self._curves: int | None = None
        self.curves, self.board = QLabel(), QLabel()
        self._shape: object = None
        self.further: dict[Outcome, QCheckBox] = {}
        self.tiers = {tier: QLabel() for tier in ("1", "2", "none")}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 2 * GRID, 0)
        self._column.setSpacing(GRID + 4)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the widest control; how high follows from the width there is."""
        return QSize(self._column.minimumSize().width(), 0)

    def show_plan(self, plan: Plan, labels: Labels, has_conversion: bool, further: tuple[Outcome, ...] = ()) -> None:
        """Fill the sentences; what was refused before is forgotten, if the plan is another.

        `further` are the further outcomes that can be ticked.
        """
        offered = (*further, *(one for one in plan.further_outcomes if one not in further))
        shape = (tuple((o.name, o.baseline, o.followup, o.value) for o in plan.outcomes),
                 has_conversion, offered)
        if shape != self._shape:
            self._build(plan, labels, has_conversion, offered)
            self._shape = shape
        elif self._plan is not None and self._plan.fingerprint == plan.fingerprint:
            return
        self._plan, self._labels = plan, labels
        self._show_additions()
        document = plan.model_dump(mode="json", by_alias=True)
        for path, field in self.fields.items():
            self._show(path, field, _at(document, path))
        for one, box in self.further.items():
            box.setChecked(one in plan.further_outcomes)

    def show_counts(self, counts: dict[str, int] | None, curves: int | None = None) -> None:
        """How many moderators are in each tier today, and how many curves there would be; None: not counted yet."""
        self._curves = curves
        self._show_additions()
        for tier, words in (("1", "{} today."), ("2", "{} today."), ("none", "{} are in neither and not tested.")):
            self.tiers[tier].setText("counting..." if counts is None else words.format(counts.get(tier, 0)))

    def _show_additions(self) -> None:
        """What is asked beside the rest: curves, and what the board is about."""
        if self._plan is None or self._labels is None:
            return
        asks = bool(self._plan.splines.knots)
        number = "" if self._curves is None else "No continuous moderator is tested." if not self._curves else (
            f"{'This adds' if asks else 'It would add'} up to {self._curves:,} curves, a line beside each: "
            f"{2 * self._curves:,} fits, some seconds.")
        self.curves.setText(f"{ON_CURVES} {number}".strip())
        named = [self._labels.variable(name) for name in self._plan.consistent.sensitivity.moderators]
        also = f"how it changes with {count(len(named), 'moderator')}: {'; '.join(named)}" if named else "no moderator"
        self.board.setText("The main effect is estimated again under other choices, such as without each study in "
                           f"turn: the rows of the sensitivity board. The same is asked of {also}.")

    # --- building ---------------------------------------------------------------------------------------------------

    def _build(self, plan: Plan, labels: Labels, has_conversion: bool, further: tuple[Outcome, ...]) -> None:
        clear(self._column)
        self.further = {}
        self.fields, self.faults = {}, {}
        self.tiers = {tier: QLabel("counting...") for tier in self.tiers}
        self._section("Outcomes")
        for place, outcome in enumerate(plan.outcomes):
            self._outcome(place, outcome, labels)
        if has_conversion:
            self._say("Of two", labels.score, "values that one converted score allows,", CONVERSION, "is taken.")
        if further:
            self._section("Further outcomes", ON_FURTHER)
        for one in further:
            self._further(one, labels)
        self._section("Models")
        self._say("Each effect is estimated by two mixed models, side by side: with a random intercept for study (as "
                  "published), and with a random slope for treatment as well (recommended). The report leads with",
                  LEAD, ".")
        self._say("Tests use", DF, "degrees of freedom; 95 % intervals are", INTERVAL, "intervals.")
        self._say("Response and remission: logistic mixed model, adaptive quadrature with", QUADRATURE,
                  "nodes (1 is the Laplace approximation).")
        self._say("Risk differences: bootstrap of patients within study and arm,", REPLICATES, "replicates, seed",
                  SEED, ".")
        self._section("Moderators")
        self._say("Tier 1 are moderators available in at least", TIER1, "% of patients:", self.tiers["1"])
        self._say("Tier 2 are moderators available in at least", TIER2, "%:", self.tiers["2"], self.tiers["none"])
        self._say("P values of Tier 1 are adjusted by", MULTIPLICITY, "over", FAMILY, ".")
        self._say("The bootstrap of effect sizes resamples", UNIT, ".")
        self._say("The benefit over a continuous moderator is estimated as", SPLINES, ".")
        self.curves = label(kind="secondary", wrap=True)
        self._column.addWidget(self.curves)
        self._section("Combined moderator", ON_COMBINED)
        self._say("Weights by", PENALTY, "(lasso share", L1_RATIO, "), penalty by cross-validation in", FOLDS,
                  "folds, tested with", PERMUTATIONS, "permutations.")
        self._sensitivity()
        self._column.addStretch(1)

    def _sensitivity(self) -> None:
        self._section("Sensitivity")
        self.board = label(wrap=True)
        self._column.addWidget(self.board)
        choose = button("Choose its moderators")
        choose.setToolTip("In the tab Sensitivity")
        choose.clicked.connect(self.asked_for_board)
        self._column.addWidget(choose, 0, Qt.AlignmentFlag.AlignLeft)

    def _outcome(self, place: int, outcome: Outcome, labels: Labels) -> None:
        name = labels.outcome(outcome.name)
        if outcome.value is not None:
            self._say(f"{name}: the column {outcome.value} as it stands.")
            return
        response = Choice(("outcomes", place, "response"), f"{name}: smallest improvement that is a response, percent",
                          may_be_empty=True)
        remission = Choice(("outcomes", place, "remission"), f"{name}: highest score that is remission",
                           may_be_empty=True)
        self._say(f"{name}: percent improvement from {labels.variable(outcome.baseline or '')} to "
                  f"{labels.variable(outcome.followup or '')}. Response is an "
                  "improvement of at least", response, "%, remission a score of at most", remission, ".")

    def _further(self, outcome: Outcome, labels: Labels) -> None:
        box = self.further[outcome] = QCheckBox(labels.outcome(outcome.name))
        box.setAccessibleName(box.text())
        box.clicked.connect(lambda: self._take_further(labels))
        self._column.addWidget(box)

    def _section(self, title: str, note: str = "") -> None:
        if self._column.count():
            self._column.addSpacing(GRID)
        self._column.addWidget(label(title, "section"))
        if note:
            self._column.addWidget(label(note, "secondary", wrap=True))

    def _say(self, *parts: str | Choice | QWidget) -> None:
        """One sentence, and below it room for what is refused."""
        fault = MessageLine()
        made: list[str | QWidget] = []
        for part in parts:
            if isinstance(part, Choice):
                made.append(self._field(part))
                self.faults[part.path] = fault
            else:
                made.append(part)
        self._column.addWidget(Sentence(*made))
        self._column.addWidget(fault)

    def _field(self, choice: Choice) -> QWidget:
        field: QComboBox | QLineEdit
        if choice.options:
            field = _Options(choice.options)
            field.activated.connect(lambda _: self._take(choice, field.currentData()))
        else:
            field = QLineEdit()
            field.setFixedWidth(field.fontMetrics().horizontalAdvance("0" * 7) + 2 * GRID)
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            if choice.may_be_empty:
                field.setPlaceholderText("none")
            field.editingFinished.connect(lambda: self._take_text(choice, field))
        field.setAccessibleName(choice.name)
        field.setToolTip(choice.name)
        self.fields[choice.path], self._choices[choice.path] = field, choice
        return field

    # --- values -----------------------------------------------------------------------------------------------------

    def _show(self, path: Path, field: QWidget, value: object) -> None:
        self.faults[path].clear()
        if isinstance(field, QComboBox):
            field.setCurrentIndex(max(0, field.findData(value)))
        elif isinstance(field, QLineEdit):
            field.setText(self._choices[path].as_text(value))

    def _take_further(self, labels: Labels) -> None:
        assert self._plan is not None
        ticked = tuple(one for one, box in self.further.items() if box.isChecked())
        changed = set(ticked) ^ set(self._plan.further_outcomes)
        named = ", ".join(labels.outcome(one.name) for one in self.further if one in changed)
        self.edited.emit(self._plan.model_copy(update={"further_outcomes": ticked}), f"Further outcome {named}")

    def _take_text(self, choice: Choice, field: QLineEdit) -> None:
        if field.text().strip() == self._kept(choice):
            self.faults[choice.path].clear()
        else:
            self._take(choice, choice.as_value(field.text()))

    def _kept(self, choice: Choice) -> str:
        """The plan's own value as a field of numbers shows it; "" for a choice of words."""
        if self._plan is None or choice.options:
            return ""
        return choice.as_text(_at(self._plan.model_dump(mode="json", by_alias=True), choice.path))

    def _take(self, choice: Choice, value: object) -> None:
        if self._plan is None:
            return
        document = self._plan.model_dump(mode="json", by_alias=True)
        _at(document, choice.path[:-1])[choice.path[-1]] = value
        try:
            plan = build_document(Plan, document, "plan")
        except UserError as fault:
            said = fault.text.rpartition('": ')[2]  # the plan's own words name a key of its file
            line, kept = self.faults[choice.path], self._kept(choice) or "its value"
            line.show_fault(UserError(f"{choice.name}: {said}", remedy=f"The plan keeps {kept}."))
            self.refused.emit(line)
            return
        if plan.fingerprint == self._plan.fingerprint:
            self._show(choice.path, self.fields[choice.path], _at(document, choice.path))
        else:
            self.edited.emit(plan, choice.name)


class _Options(QComboBox):
    """A choice that the wheel does not change in passing."""

    def __init__(self, options: Sequence[tuple[str, object]]) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for words, value in options:
            self.addItem(words, value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page, unless the keyboard is here."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _at(document: Any, path: Path) -> Any:
    for part in path:
        document = document[part]
    return document
