"""How far a change of the effect with a moderator is to be believed: the ICEMAN form for meta-analyses of trials.

Eight questions and a rating, after Schandelmaier et al. 2020 (Can Med Assoc J 192:E901), in our words. Each is answered
by the program from the results (`core.credibility_answers`) until a person answers otherwise; what a person answered is
a decision, kept in the project with reason, name and time. The instrument is meant for changes that the data suggest
(p of 0.1 or less); of the others it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from core.documents import Document
from core.results import ModeratorEffect, Results
from core.tables import Table

Answer = Literal["definitely_no", "probably_no", "probably_yes", "definitely_yes", "not_applicable"]
ORDER: tuple[Answer, ...] = ("definitely_no", "probably_no", "probably_yes", "definitely_yes")
"""From what lowers credibility to what raises it."""
SIGNS: dict[Answer, str] = {"definitely_no": "\N{MINUS SIGN}\N{MINUS SIGN}", "probably_no": "\N{MINUS SIGN}",
                            "probably_yes": "+", "definitely_yes": "++", "not_applicable": "n/a"}
SUGGESTED = 0.1
"""p up to which the instrument applies."""
PROGRAM = "Modscope"
"""Who answers what no person has answered."""
COLUMNS = ("outcome", "moderator", "question", "answer", "reason", "by")


@dataclass(frozen=True)
class Question:
    """`words` are the four answers in the order of `ORDER`."""

    key: str
    short: str
    text: str
    words: tuple[str, str, str, str]

    def said(self, answer: Answer) -> str:
        """An answer in the question's words."""
        return "Does not apply" if answer == "not_applicable" else self.words[ORDER.index(answer)]


OVERALL = Question("overall", "Overall", "How credible is the change, all in all?",
                   ("Very low", "Low", "Moderate", "High"))
QUESTIONS = (
    Question("within", "Within trials", "Are patients of the same trial compared, rather than trials with trials?",
             ("Only between trials", "Mostly between trials, or unclear", "Mostly within trials",
              "Only within trials")),
    Question("similar", "Alike", "Within trials: is the change alike from trial to trial?",
             ("Not alike", "Probably not alike, or unclear", "Probably alike", "Alike")),
    Question("many", "Many trials", "Between trials: are there many trials?",
             ("Very few", "Rather few, or unclear", "Rather many", "Many")),
    Question("foreseen", "Foreseen", "Was the direction of the change foreseen before the data were seen?",
             ("No, or the opposite was", "Probably not, or unclear", "Probably", "Yes")),
    Question("chance", "Not chance", "Does a test of interaction make chance an unlikely explanation?",
             ("Chance is very likely (p above 0.05)", "Chance is likely, or unclear (p above 0.01)",
              "Chance may not explain it (p above 0.005)", "Chance is unlikely (p at most 0.005)")),
    Question("few", "Few tests", "Were only a few moderators tested, or was their number taken into account?",
             ("No", "Probably not, or unclear", "Probably", "Yes")),
    Question("random", "Random effects", "Was a random-effects model used?",
             ("No", "Probably not, or unclear", "Probably", "Yes")),
    Question("whole", "No cut points", "A continuous moderator: were arbitrary cut points avoided?",
             ("No, a cut point was searched for", "Probably not, or unclear", "Probably, it was set before",
              "Yes, its whole range is used")),
    OVERALL,
)
BY_KEY = {question.key: question for question in QUESTIONS}


class PersonsAnswer(Document):
    """What a person answered to one question on one moderator and outcome."""

    outcome: str
    moderator: str
    question: str
    answer: Answer
    reason: str = ""
    by: str = ""
    at: str = ""


class Credibility(Document):
    """All answers of persons in a project."""

    answers: tuple[PersonsAnswer, ...] = ()

    def of(self, outcome: str, moderator: str) -> dict[str, PersonsAnswer]:
        """A moderator's answers by question."""
        return {one.question: one for one in self.answers if (one.outcome, one.moderator) == (outcome, moderator)}

    def with_answer(self, answer: PersonsAnswer) -> Credibility:
        """One question answered anew."""
        return Credibility(answers=(*self._but(answer.outcome, answer.moderator, answer.question), answer))

    def without(self, outcome: str, moderator: str, question: str) -> Credibility:
        """One question left to the program again."""
        return Credibility(answers=self._but(outcome, moderator, question))

    def _but(self, *place: str) -> tuple[PersonsAnswer, ...]:
        return tuple(one for one in self.answers if (one.outcome, one.moderator, one.question) != place)


@dataclass(frozen=True)
class Prefilled:
    """An answer of the program, and why."""

    answer: Answer
    reason: str


@dataclass(frozen=True)
class FormLine:
    """One question of one moderator's form as it stands; `prefilled` is what the program would answer."""

    question: Question
    answer: Answer
    reason: str
    by: str
    prefilled: Prefilled

    @property
    def said(self) -> str:
        """The answer in words."""
        return self.question.said(self.answer)


@dataclass(frozen=True)
class Form:
    """One moderator and outcome."""

    outcome: str
    moderator: str
    lines: tuple[FormLine, ...]


def form_of(outcome: str, moderator: str, prefilled: dict[str, Prefilled], answers: dict[str, PersonsAnswer]) -> Form:
    """The program's answers with a person's in their place; the rating follows from both, unless a person gave it."""
    lines = [_line(question, prefilled[question.key], answers.get(question.key))
             for question in QUESTIONS if question is not OVERALL]
    rated = rating([line.answer for line in lines])
    return Form(outcome, moderator, (*lines, _line(OVERALL, rated, answers.get(OVERALL.key))))


def _line(question: Question, prefilled: Prefilled, own: PersonsAnswer | None) -> FormLine:
    if own is None:
        return FormLine(question, prefilled.answer, prefilled.reason, PROGRAM, prefilled)
    return FormLine(question, own.answer, own.reason, own.by, prefilled)


def rating(answers: Iterable[Answer]) -> Prefilled:
    """The highest rating that answers allow: what lowers credibility most decides."""
    kept = [answer for answer in answers if answer != "not_applicable"]
    if all(answer in ("definitely_no", "probably_no") for answer in kept):
        return Prefilled("definitely_no", "Every answer lowers credibility.")
    worst = kept.count("definitely_no")
    if worst:
        return Prefilled("probably_no", f"Low at most: {_answers(worst)} clearly lowers credibility.")
    doubtful = kept.count("probably_no")
    if doubtful:
        return Prefilled("probably_yes", f"Moderate at most: {_answers(doubtful)} may lower credibility.")
    return Prefilled("definitely_yes", "No answer lowers credibility.")


def _answers(n: int) -> str:
    return "one answer" if n == 1 else f"each of {n} answers"


def asked_of(results: Results, credibility: Credibility) -> tuple[tuple[str, str], ...]:
    """(outcome, moderator) of the forms worth keeping: what the data suggest, and what a person has answered."""
    answered = {(one.outcome, one.moderator) for one in credibility.answers}
    own = [row for row in results.moderators if ":" not in row.moderator]
    found = dict.fromkeys((row.outcome, row.moderator) for row in own
                          if is_suggested(row) or (row.outcome, row.moderator) in answered)
    return tuple(found)


def is_suggested(row: ModeratorEffect) -> bool:
    """Whether a result is one the instrument is made for."""
    return row.p is not None and row.p <= SUGGESTED


def iceman_table(forms: Sequence[Form]) -> Table:
    """The forms as `iceman.csv`, a row a question."""
    return Table("iceman", "Credibility of moderators (ICEMAN)", COLUMNS, tuple(
        (form.outcome, form.moderator, line.question.text, line.said, line.reason, line.by)
        for form in forms for line in form.lines))
