"""What a header says: its words, the codes it states ("1=m, 2=f"), and how well it names a thing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from rapidfuzz.distance import OSA

from core.plain_text import plain
from core.protocol import Protocol
from core.suggest import words as w
from core.suggest.east_asian import in_english
from core.suggest.ideas import Ideas, are_apart, ideas_of, names_in

Words = tuple[str, ...]

_STATEMENT = re.compile(r"(?<![\w.])([-−]?\w+)\s*=\s*")
_PIECE = re.compile(r"[A-Za-z]+|\d+(?:[.,]\d+)?")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_YES_NO = re.compile(r"(?<![A-Za-z0-9])(?:(?:j|y|o|s|yes|ja|oui|si)\s*[/,|_ ]\s*(?:n|no|nein|non|nao)|[jy]n)"
                     r"(?![A-Za-z0-9])|[(\[]\s*[01]\s*[/,|-]\s*[01]\s*[)\]]", re.I)
"""That the cells are yes or no: "(J/N)", "yn", "(0/1)"; not the Spanish "sin"."""
_BEFORE_NUMBER = re.compile(r"(?<![A-Za-z])(d|day|days|dy|tag|dia|jour|wk|week|h|hour|hours|min)[-−](?=\d)", re.I)
_DOTTED = re.compile(r"(?<![\w.])(?:[A-Za-z]\.){2,}(?:[A-Za-z](?![\w.]))?")
"""Letters with dots between them: "M.A.D.R.S.", "B.M.I."."""
_BEFORE_IN_DANISH = re.compile(r"\bfør\b", re.I)
"""Without its stroke it would be an English "for"."""
_NEGATIVE = re.compile(r"(?:(?<=[\s_(])|^)[-−](?=\d)")
_TIME_EQUALS = re.compile(r"(?<![A-Za-z])(t|time|hour|day|week)\s*=\s*(?=[-−+]?\d+(?![\d.,]*\s*[=,;]))", re.I)
"""A time, not a code: "MADRS t=24h"."""
_BRACKET = re.compile(r"[(\[]([^()\[\]=]*)[)\]]")
_ANSWER = re.compile(r"([^\d()/,;|=]+?)\s*\((\d)\)\s*(?:[/,;|]\s*|$)")
"""An answer with its code behind it: "Inpatient (1)/Outpatient (0)"."""
_NUMBERED = re.compile(r"(?<!\w)(\d{1,2})\s*[:=.)]?\s*([^\W\d_][^\d:=()]*?)\s*(?=[\s,;/|]\d{1,2}(?!\w)|$)")
_KEY = re.compile(r"(?P<code>-?\d{1,2})\s*[:.\-–]?\s*(?P<meaning>[^\W\d_][^:\d]*)|"
                  r"(?P<first>[^\W\d_][^:\d]*?)\s*[:\-–]?\s*(?P<last>\d{1,2})|(?P<short>\w{1,3})\s*:\s*(?P<long>[^:\d]+)")
"""A code beside its meaning within brackets: "M:1", "1 male", "K: ketamine"."""


@dataclass(frozen=True)
class Vocabulary:
    """Words known to the protocol or to any clinical table; run-together names are cut where they meet."""

    known: frozenset[str] = field(repr=False)
    ideas: Ideas = field(default_factory=Ideas, repr=False, compare=False)
    memo: dict[str, Words] = field(default_factory=dict, repr=False, compare=False)
    indexes: dict[tuple[str, ...], NameIndex] = field(default_factory=dict, repr=False, compare=False)

    def split(self, text: str) -> Words:
        """The words of a text, lower case: cut at signs, between letters and digits, in camelCase, at known words."""
        if text not in self.memo:
            self.memo[text] = tuple(self._pieces(_signs_spelled(text)))
        return self.memo[text]

    def index(self, names: tuple[str, ...]) -> NameIndex:
        """Names, to be found by the words they begin with."""
        if names not in self.indexes:
            self.indexes[names] = NameIndex(map(self.split, names))
        return self.indexes[names]

    def _pieces(self, text: str) -> Iterable[str]:
        pieces = _PIECE.findall(text)
        for piece, after in zip(pieces, [*pieces[1:], ""], strict=False):
            if piece[0].isdigit():
                yield _number(piece)
            elif after[:1].isdigit() and self._ends_in_mark(piece):
                yield from (*self._letters(piece[:-1]), piece[-1].lower())
            else:
                yield from self._letters(piece)

    def _ends_in_mark(self, piece: str) -> bool:
        """Whether a piece before a number is a known word and one letter for a day, hour, week or visit ("MADRSD7")."""
        return piece[-1] in "dDhHwWvVtTjJ" and len(piece) > 4 and piece[:-1].lower() in self.known and (
            piece.lower() not in self.known)

    def _letters(self, piece: str) -> Sequence[str]:
        whole = piece.lower()
        if whole[0] == "n" and len(whole) > 5 and whole[1:] in self.known:
            return ["n", whole[1:]]
        if whole in self.known:
            return [whole]
        camel = [part.lower() for part in _CAMEL.findall(piece)]
        if len(camel) > 1 and all(part in self.known or len(part) == 1 for part in camel):
            return camel
        return self._segments(whole) or (camel if len(camel) > 1 else [whole])

    def _segments(self, text: str) -> list[str] | None:
        """The fewest known words that make up the text, three at most; short ones only where they are usual."""
        best: list[list[str] | None] = [[], *([None] * len(text))]
        for end in range(2, len(text) + 1):
            for start in range(end - 1):
                head = best[start]
                part = text[start:end]
                if head is None or part not in self.known or (len(part) < 3 and part not in w.SHORT):
                    continue
                found = best[end]
                if found is None or len(head) + 1 < len(found):
                    best[end] = [*head, part]
        found = best[len(text)]
        return found if found and max(map(len, found)) >= 3 and len(found) <= 3 else None


def without_code(text: str) -> str:
    """The words of a text that begins with its own code: "1_female", "2 = saline", "0: no"."""
    return re.sub(r"^\s*-?\d+\s*[_=:.)\-–]\s*(?=[^\W\d_]{2})", "", text)


def _signs_spelled(text: str) -> str:
    text = _BEFORE_IN_DANISH.sub("fore", in_english(text))
    text = _DOTTED.sub(lambda found: found.group().replace(".", ""), text)
    text = _NEGATIVE.sub(" minus ", _BEFORE_NUMBER.sub(r"\1 dash ", plain(text)))
    text = re.sub(r"(?<![A-Za-z])[nN]°", " number ", text)
    text = re.sub(r"(?<![A-Za-z])[dlDL]['’]|(?<=[A-Za-z])\((?:e|a|s|in)\)", "", text)  # d'études, marié(e), casado(a)
    return text.replace("%", " percent ").replace("#", " number ").replace("Δ", " delta ").replace("Δ", " delta ")


def _number(piece: str) -> str:
    piece = piece.replace(",", ".")
    return piece if "." in piece else str(int(piece))


@lru_cache(maxsize=8)
def vocabulary(protocol_json: str) -> Vocabulary:
    """The vocabulary of a protocol, from its canonical JSON."""
    protocol = Protocol.model_validate_json(protocol_json)
    texts = [name for scale in protocol.scales for name in (*scale.synonyms, *scale.lookalikes)]
    texts += [name for one in protocol.treatments for name in one.synonyms]
    texts += [name for v in protocol.variables for name in (*v.synonyms, *v.categories_in, *v.opposites)]
    texts += [name for timepoint in protocol.timepoints for name in timepoint.synonyms]
    ideas = ideas_of(protocol)
    known = {word for word in _words_of(texts) if len(word) > 1} | ideas.words
    return Vocabulary(general_vocabulary().known | known, ideas)


@lru_cache(maxsize=1)
def general_vocabulary() -> Vocabulary:
    """The words known to any clinical table, whatever the protocol."""
    known = _words_of((*w.TREATMENT_NAMES, *w.SEQUENCE_NAMES, *w.PATIENT_NAMES, *w.VISIT_NAMES, *w.PERIOD_NAMES))
    general = (w.TIME_UNITS, w.BASELINE, w.BEFORE, w.SCREENING, w.AFTER, w.EVENT, w.VISIT, w.PERIOD, w.DERIVED, w.SCORE,
               w.NEUTRAL, w.NOT_TREATMENT,
               w.ORDINALS, w.SHORT)
    for group in general:
        known |= set(group)
    return Vocabulary(frozenset(word for word in known if len(word) > 1))


def _words_of(texts: Iterable[str]) -> set[str]:
    return {piece.lower() for text in texts for piece in re.findall(r"[A-Za-z]+", plain(text))}


@dataclass(frozen=True)
class Header:
    """A column's name or label, taken apart. `codes` are those it states: raw text -> what it means."""

    text: str
    vocabulary: Vocabulary = field(repr=False)

    @cached_property
    def _spelled(self) -> str:
        text = _BEFORE_IN_DANISH.sub("fore", in_english(self.text))
        return keys_spelled(_TIME_EQUALS.sub(r"\1 ", text))

    @cached_property
    def codes(self) -> dict[str, str]:
        """Codes stated in the header; "(m=1, f=2)" and "(1=m, 2=f)" both give {"1": "m", "2": "f"}."""
        return stated_codes(self._spelled)

    @cached_property
    def says_yes_no(self) -> bool:
        """Whether the header ends like "(J/N)"."""
        return bool(_YES_NO.search(plain(self.text)))

    @cached_property
    def words(self) -> Words:
        """The words without stated codes."""
        text = _YES_NO.sub(" ", plain(self._spelled))
        start = _STATEMENT.search(text)
        if start and self.codes:
            text = text[:start.start()].rstrip(" (,;:-[")
        return self.vocabulary.split(text)


def keys_spelled(text: str) -> str:
    """The text with "=" in its keys: "Sex (M:1, F:2)" as "Sex (M=1, F=2)", "In (1)/Out (0)" as "In/Out (1=In, 0=Out)".
    """
    answers = _ANSWER.findall(text)
    if len(answers) >= 2 and not _ANSWER.sub("", text).strip() and len({code for _, code in answers}) == len(answers):
        named = "/".join(answer.strip() for answer, _ in answers)
        return f"{named} ({', '.join(f'{code}={answer.strip()}' for answer, code in answers)})"
    return _BRACKET.sub(_with_equals, text)


def _with_equals(bracket: re.Match[str]) -> str:
    """A bracket that is a key, with "=" between codes and meanings; any other as it stands."""
    if listed := _keys_by_number(bracket.group(1)):
        return f"({', '.join(f'{code}={meaning}' for code, meaning in listed)})"
    found = [_KEY.fullmatch(part.strip()) for part in re.split(r"[,;/|]", bracket.group(1))]
    pairs = [(one["code"] or one["last"] or one["short"], (one["meaning"] or one["first"] or one["long"]).strip())
             for one in found if one]
    codes, meanings = {code for code, _ in pairs}, {meaning.lower() for _, meaning in pairs}
    timed = any(set(re.findall(r"[a-z]+", meaning)) & (w.TIME_UNITS.keys() - {"m"} | w.VISIT | w.PERIOD - {"p"})
                for meaning in meanings)
    if timed or len(pairs) < max(2, len(found)) or len(codes) < len(pairs) or len(meanings) < len(pairs):
        return bracket.group()
    return f"({', '.join(f'{code}={meaning}' for code, meaning in pairs)})"


def _keys_by_number(text: str) -> list[tuple[str, str]]:
    """Meanings behind numbers, however they are set apart: "1 white 2 black 3 other"; [] if it is no such key."""
    pairs = _NUMBERED.findall(text)
    rebuilt = re.sub(r"[\s,;/|]+", "", "".join(code + meaning for code, meaning in pairs))
    numbers, meanings = [int(code) for code, _ in pairs], {meaning.lower() for _, meaning in pairs}
    timed = any(set(re.findall(r"[a-z]+", meaning)) & w.TIME_UNITS.keys() for meaning in meanings)
    if len(pairs) < 2 or timed or len(set(numbers)) < len(pairs) or len(meanings) < len(pairs) or (
            rebuilt != re.sub(r"[\s,;/|:=.)]+", "", text)):
        return []
    return [(code, meaning.strip(" ,;/|")) for code, meaning in pairs]


def stated_codes(text: str) -> dict[str, str]:
    """Pairs "code = meaning" in a text; the side made of digits is the code, else the shorter left one."""
    found = list(_STATEMENT.finditer(text))
    pairs: list[tuple[str, str]] = []
    for i, match in enumerate(found):
        end = found[i + 1].start() if i + 1 < len(found) else len(text)
        meaning = re.split(r",(?!\d)|[;|\n\])]", text[match.end():end])[0].strip(" ,/()[].:-")
        if meaning:
            pairs.append((match.group(1).replace("−", "-"), meaning))
    if pairs and all(re.fullmatch(r"-?\d+", meaning) for _, meaning in pairs) and not all(
            re.fullmatch(r"-?\d+", code) for code, _ in pairs):
        pairs = [(meaning, code) for code, meaning in pairs]
    return dict(pairs)


@dataclass(frozen=True)
class Match:
    """How a name fits: `quality` 0 to 1, the words not explained, how many words were."""

    quality: float
    leftover: Words = ()
    matched: int = 0


NO_MATCH = Match(0.0)
FUZZY = 0.85


def find_phrase(phrase: Words, text: Words) -> int:
    """Where the phrase stands in the text as a run of words, or -1."""
    if phrase and phrase[0] not in text:
        return -1
    for start in range(len(text) - len(phrase) + 1):
        if text[start:start + len(phrase)] == phrase:
            return start
    return -1


def _is_typo(a: str, b: str) -> bool:
    return a[0] == b[0] and len(b) >= 5 and abs(len(a) - len(b)) <= 1 and OSA.distance(a, b, score_cutoff=1) <= 1


def match_name(text: Words, phrase: Words, neutral: frozenset[str]) -> Match:
    """How well a header's words name what the phrase names.

    1 for the same words, .95 with neutral ones beside, .9 in another order, less by a typing error, at most .6 where
    words remain that could mean something else.
    """
    if not phrase or not text:
        return NO_MATCH
    if len(phrase) > len(text):
        return NO_MATCH
    rest, quality = list(text), 1.0
    for word in phrase:
        if word in rest:
            rest.remove(word)
            continue
        near = next((other for other in rest if _is_typo(word, other)), None) if len(word) >= 5 else None
        if near is None:
            return NO_MATCH
        rest.remove(near)
        quality *= FUZZY
    if quality == 1.0 and find_phrase(phrase, text) < 0:
        quality = 0.9
    strange = tuple(word for word in rest if word not in neutral)
    if rest and not strange:
        quality = min(quality, 0.95)
    if strange:
        quality = min(quality, 0.6) - 0.1 * (len(strange) - 1)
    return Match(max(quality, 0.2), strange, len(phrase))


def match_meaning(text: Words, rules: Iterable[str], beside: str, neutral: frozenset[str], ideas: Ideas) -> Match:
    """How well a header says what one of the rules says: .95 if no other word is left, at most .6 else."""
    found, best = ideas.places(text), NO_MATCH
    for rule in rules:
        wanted = names_in(rule)
        if not all(name in found for name in wanted) or not are_apart(tuple(found[name] for name in wanted)):
            continue
        said = {at for name in (*wanted, *names_in(beside)) for run in found.get(name, ()) for at in run}
        strange = tuple(word for at, word in enumerate(text) if at not in said and word not in neutral)
        quality = max(0.6 - 0.1 * (len(strange) - 1), 0.2) if strange else 0.95
        if (quality, len(said)) > (best.quality, best.matched):
            best = Match(quality, strange, len(said))
    return best


def best_match(text: Words, phrases: Iterable[Words], neutral: frozenset[str]) -> Match:
    """The best of several names; of equals the one that explains more words."""
    found = [match_name(text, phrase, neutral) for phrase in begun(phrases, text)]
    return max(found, key=lambda match: (match.quality, match.matched), default=NO_MATCH)


def begun(phrases: Iterable[Words], text: Words | frozenset[str]) -> list[Words]:
    """Those of the phrases whose first word, or one like it, is in the text: no other can name it."""
    shapes = _near_shapes(text)
    return [phrase for phrase in phrases if phrase and (phrase[0] in text or _shape(phrase[0]) in shapes)]


def _shape(word: str) -> tuple[str, int]:
    """What a word and one with a typing error share, but for a letter: the first letter and the length."""
    return word[0], len(word)


@lru_cache(maxsize=20_000)
def _near_shapes(text: Words | frozenset[str]) -> frozenset[tuple[str, int]]:
    """The shapes of words that may be one of these with a typing error."""
    return frozenset((word[0], length) for word in text if len(word) >= 5
                     for length in (len(word) - 1, len(word), len(word) + 1) if length >= 5)


class NameIndex:
    """Phrases found by the words they begin with, as `begun` finds them."""

    def __init__(self, phrases: Iterable[Words]) -> None:
        self._by_word: dict[str, list[Words]] = {}
        self._by_shape: dict[tuple[str, int], list[Words]] = {}
        for phrase in dict.fromkeys(phrases):
            if phrase:
                self._by_word.setdefault(phrase[0], []).append(phrase)
                self._by_shape.setdefault(_shape(phrase[0]), []).append(phrase)

    def begun(self, text: frozenset[str]) -> list[Words]:
        """Those whose first word, or one like it, is in the text."""
        found = [phrase for word in text for phrase in self._by_word.get(word, ())]
        found += [phrase for shape in _near_shapes(text) for phrase in self._by_shape.get(shape, ())]
        return list(dict.fromkeys(found))
