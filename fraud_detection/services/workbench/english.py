"""A rule in plain English: when it hits, about whom, and what follows.

Groups that are nested stand in brackets, "not" only inside single phrases: a sentence has one reading.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from fraud_detection.engines.registry import Engine
from fraud_detection.rules.compiled import Lists
from fraud_detection.rules.language import MAX_CHARACTERS, Kind, Node, RuleSyntaxError, depends_on, parse
from fraud_detection.rules.language.lexer import Token, tokenize
from fraud_detection.rules.language.tree import Call, Constant
from fraud_detection.rules.spec import SEVERITIES, SUBJECTS, WEIGHTS
from fraud_detection.services.workbench.phrases import Group, Leaf, Phrase, Phrasing
from fraud_detection.services.workbench.reading import Reading
from fraud_detection.services.workbench.wording import Wording

LONGEST = 6_000
MOST_PARTS = 25  # each is parsed by itself while the whole is not understood


class Piece(NamedTuple):
    """A part of the sentence; `kind`: leaf, unknown, strong, and, or, if, open, close, or plain."""

    text: str
    kind: str = "plain"


def in_english(reading: Reading, engine: Engine, lists: Lists) -> list[Piece]:
    """The sentence in pieces; parts of the condition that are not understood are marked `unknown`."""
    read = frozenset().union(*(depends_on(tree) for tree in reading.trees.values()))
    phrasing = Phrasing(Wording(engine, read), reading.params, lists)
    pieces = [Piece("When "), *_when(reading, phrasing), Piece(": ")]
    if reading.text("severity") in SEVERITIES or "severity" not in reading.trees:
        pieces += [Piece("raise "), *_severity(reading, phrasing), *_subject(reading, phrasing)]
    else:
        about = [Piece(piece.text.removeprefix(" "), piece.kind) for piece in _subject(reading, phrasing)]
        pieces += [*about, Piece(", raise "), *_severity(reading, phrasing)]
    pieces += [*_weight(reading, phrasing), *_outcome(reading), Piece(".")]
    return [*pieces, *_requires(reading, phrasing)]


def joined(pieces: list[Piece]) -> str:
    text = "".join(piece.text for piece in pieces)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _when(reading: Reading, phrasing: Phrasing) -> list[Piece]:
    tree = reading.trees.get("condition")
    if tree is not None:
        return list(pieces_of(phrasing.condition(tree)))
    return _as_far_as_understood(reading, phrasing)


def pieces_of(phrase: Phrase, *, inner: bool = False) -> Iterator[Piece]:
    """The phrase in words; below the top every group is in brackets."""
    if isinstance(phrase, Leaf):
        yield Piece(phrase.text, "leaf")
        return
    if inner:
        yield Piece("(", "open")
    if phrase.joined == "if":
        yield from _choice(phrase)
    else:
        parts, exceptions = _with_exceptions(phrase, inner)
        for place, part in enumerate(parts):
            if place:
                yield Piece(f", {phrase.joined} ", phrase.joined)
            yield from pieces_of(_after(part, parts[place - 1] if place else None), inner=True)
        for place, exception in enumerate(exceptions):
            yield Piece(", and unless " if place else ", unless ", "and")
            yield Piece(exception.unless, "leaf")
    if inner:
        yield Piece(")", "close")


def _with_exceptions(group: Group, inner: bool) -> tuple[list[Phrase], list[Leaf]]:
    """At the top, "and is not on the list" reads better as "unless it is on the list", at the end."""
    if inner or group.joined != "and":
        return list(group.parts), []
    exceptions = [part for part in group.parts if isinstance(part, Leaf) and part.unless]
    parts = [part for part in group.parts if part not in exceptions]
    return (parts, exceptions) if parts else (list(group.parts), [])


def _after(part: Phrase, before: Phrase | None) -> Phrase:
    """Only the limit when the comparison before it was about the same: "at least 3, and at most 6"."""
    if isinstance(part, Leaf) and isinstance(before, Leaf) and part.briefly and part.about == before.about:
        return Leaf(part.briefly)
    return part


def _choice(phrase: Group) -> Iterator[Piece]:
    condition, then, otherwise = phrase.parts
    yield Piece("if ", "if")
    yield from pieces_of(condition, inner=True)
    yield Piece(" then ", "if")
    yield from pieces_of(then, inner=True)
    yield Piece(", otherwise ", "if")
    yield from pieces_of(otherwise, inner=True)


def _as_far_as_understood(reading: Reading, phrasing: Phrasing) -> list[Piece]:
    """The condition part by part, when its outermost parts are joined by && alone."""
    source = reading.text("condition")
    whole = [Piece("the condition (not understood yet)", "unknown")]
    if len(source) > MAX_CHARACTERS:
        return whole
    try:
        parts = _conjuncts(source, tokenize(source))
    except RuleSyntaxError:
        return whole
    if len(parts) > MOST_PARTS:
        return whole
    pieces: list[Piece] = []
    for line, text in parts:
        try:
            phrase = phrasing.condition(parse(text, reading.scope, Kind.BOOL))
            told = list(pieces_of(phrase, inner=True))
        except RuleSyntaxError:
            told = [Piece(f"line {line} (not understood yet)", "unknown")]
        if told != pieces[-1:]:  # several parts of one line are told once
            pieces += [*([Piece(", and ", "and")] if pieces else []), *told]
    return pieces


def _conjuncts(source: str, tokens: list[Token]) -> list[tuple[int, str]]:
    """(line, text) of each part; the whole in one where something else than && joins them."""
    starts, depth, ends = [tokens[0].start if tokens else 0], 0, []
    for token in tokens:
        if token.kind != "symbol":
            continue
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if not depth and token.text in ("||", "?"):
            return [(1, source)]
        if not depth and token.text == "&&":
            ends.append(token.start)
            starts.append(token.start + 2)
    spans = zip(starts, [*ends, len(source)], strict=True)
    return [(_line_of(source, start, end), source[start:end]) for start, end in spans]


def _line_of(source: str, start: int, end: int) -> int:
    """Where the part's first word stands."""
    blanks = len(source[start:end]) - len(source[start:end].lstrip())
    return source.count("\n", 0, start + blanks) + 1


def _severity(reading: Reading, phrasing: Phrasing) -> Iterator[Piece]:
    given = reading.text("severity")
    if given in SEVERITIES:
        yield Piece(given, "strong")
    elif "severity" in reading.trees:
        yield from _chosen(reading.trees["severity"], phrasing)
    else:
        yield Piece("a severity (not understood yet)", "unknown")


def _subject(reading: Reading, phrasing: Phrasing) -> Iterator[Piece]:
    given = reading.text("subject")
    yield Piece(" about ")
    if given in SUBJECTS:
        yield Piece(f"the {'IP address' if given == 'ip' else given}")
    elif "subject" in reading.trees:
        yield Piece("the ")
        yield from _chosen(reading.trees["subject"], phrasing)
    else:
        yield Piece("a subject (not understood yet)", "unknown")


def _weight(reading: Reading, phrasing: Phrasing) -> Iterator[Piece]:
    """The share that a hit adds to the risk: the weight, else the confidence, else the severity's."""
    for name in ("weight", "confidence"):
        given: Any = reading.definition.get(name)
        if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 1:
            yield Piece(f", weight {given:.2f}")
            return
        if isinstance(given, str) and given:
            yield Piece("; weight ")
            if name in reading.trees:
                yield from _chosen(reading.trees[name], phrasing)
            else:
                yield Piece("(not understood yet)", "unknown")
            return
    if reading.text("severity") in WEIGHTS:
        yield Piece(f", weight {WEIGHTS[reading.text('severity')]:.2f}")


def _chosen(node: Node, phrasing: Phrasing) -> Iterator[Piece]:
    """A severity, subject or number that depends on the event."""
    if isinstance(node, Constant):
        is_number = node.kind is Kind.NUMBER
        yield Piece(f"{node.value:.2f}" if is_number else str(node.value), "plain" if is_number else "strong")
    elif isinstance(node, Call) and node.operator == "?:":
        condition, then, otherwise = node.arguments
        yield from _chosen(then, phrasing)
        yield Piece(" when ", "if")
        yield from pieces_of(phrasing.condition(condition), inner=True)
        yield Piece(", otherwise ", "if")
        yield from _chosen(otherwise, phrasing)
    else:
        yield Piece(phrasing.value(node), "leaf")


def _outcome(reading: Reading) -> Iterator[Piece]:
    outcome = reading.text("outcome")
    if outcome in ("review", "decline"):
        yield Piece(", and ")
        yield Piece("send it to review" if outcome == "review" else "decline it", "strong")
        if reading.definition.get("cannot_be_overridden") is True:
            yield Piece(" whatever an allow list says")


def _requires(reading: Reading, phrasing: Phrasing) -> Iterator[Piece]:
    if "requires" in reading.trees:
        yield Piece(" Judged only when ")
        yield from pieces_of(phrasing.condition(reading.trees["requires"]))
        yield Piece("; otherwise there is not enough data.")
    elif reading.text("requires"):
        yield Piece(" ")
        yield Piece("What it requires is not understood yet.", "unknown")
