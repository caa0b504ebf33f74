"""Trying a wording on one stored event: what it says, and the value of every part of its conditions.

The features are those recorded with the decision, custom lists stand as they do now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone

from fraud_detection.models import Assessment, FeatureSetVersion
from fraud_detection.rules.compiled import CompiledRule, Lists, compile_rule
from fraud_detection.rules.fused import Outcome, compile_value
from fraud_detection.rules.language import Kind, Scope, bind
from fraud_detection.rules.language.places import Place, places
from fraud_detection.rules.language.tree import Call, IsMissing, Node, Variable
from fraud_detection.rules.missing import MISSING
from fraud_detection.rules.reasons import format_value
from fraud_detection.rules.ruleset import RuleSet
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.custom_lists import custom_lists
from fraud_detection.services.engine_in_use import engine_in_use

FAILED = "failed"
Value = float | str | bool | None


@dataclass(frozen=True)
class TriedPart:
    """A part of the condition or of the minimum history (`field`), with its value; None is missing.

    `operator` is that of a whole with parts of its own ("&&", ">="), empty for a name.
    """

    field: str
    text: str
    line: int
    column: int
    depth: int
    operator: str
    kind: str
    value: Value
    shown: str


@dataclass(frozen=True)
class Tried:
    """`outcome`: hit, no_hit, insufficient_data, not_evaluable or failed; the last five are a hit's."""

    outcome: str
    parts: tuple[TriedPart, ...]
    error: str = ""
    subject: str = ""
    severity: str = ""
    confidence: float | None = None
    weight: float | None = None
    reason: str = ""

    @property
    def why(self) -> str:
        """In one line: the reason of a hit, else the parts that stood against it, with their values."""
        if self.outcome == Outcome.HIT.value:
            return self.reason
        if self.outcome == FAILED:
            return self.error
        wanted = "requires" if self.outcome == Outcome.INSUFFICIENT_DATA.value else "condition"
        missing = self.outcome == Outcome.NOT_EVALUABLE.value
        field = "requires" if missing and self._top("requires", None) else wanted
        against = against_it(self.parts, field, None if missing else False)
        return "; ".join(f"{part.text}: {values}" for part, values in against)

    def _top(self, field: str, value: Value) -> bool:
        return any(part.value is value for part in self.parts if part.field == field and part.depth == 0)


class Trial:
    """One wording, compiled, to be tried on any number of events. RuleSyntaxError, ValueError, TypeError."""

    def __init__(self, definition: Mapping[str, Any], *, engine: str, lists: Lists | None = None) -> None:
        used = engine_in_use(engine)
        self._lists = custom_lists(timezone.now()) if lists is None else lists
        self._spec = RuleSpec.from_data(definition)
        self._vocabulary = Vocabulary.of(used.feature_set, used.context)
        self.rule: CompiledRule = compile_rule(self._spec, self._vocabulary, self._lists)
        self._order = tuple(self._vocabulary.kinds)
        self._rules = RuleSet([self.rule], self._vocabulary)
        self._parts = [
            (field, place, self._value_of(place.node))
            for field in ("condition", "requires")
            if getattr(self._spec, field)
            for place in self._places(getattr(self._spec, field))
        ]

    def on(self, assessment: Assessment) -> Tried:
        values = recorded_values(assessment)
        read = [values.get(name) for name in self._order]
        read = [MISSING if value is None else value for value in read]
        parts = tuple(self._part(field, place, value(read)) for field, place, value in self._parts)
        found = self._rules.evaluate(values)
        if found.failed:
            return Tried(FAILED, parts, error=found.failed[0][1])
        if found.hits:
            hit = found.hits[0]
            said = (hit.subject, hit.severity, hit.confidence, hit.weight, hit.reason)
            return Tried(Outcome.HIT.value, parts, "", *said)
        outcome = Outcome.NO_HIT
        if found.not_evaluable:
            outcome = Outcome.NOT_EVALUABLE
        elif found.insufficient:
            outcome = Outcome.INSUFFICIENT_DATA
        return Tried(outcome.value, parts)

    def _places(self, source: str) -> tuple[Place, ...]:
        return places(source, Scope.of(self._vocabulary.kinds, self._spec.params, self._lists))

    def _value_of(self, node: Node) -> Callable[[list], Value]:
        return compile_value(bind(node, self._spec.params, self._lists), self._order)

    def _part(self, field: str, place: Place, value: Value) -> TriedPart:
        node = place.node
        operator = (
            node.operator if isinstance(node, Call) else "missing" if isinstance(node, IsMissing) else ""
        )
        unit = self._vocabulary.units.get(node.name, "") if isinstance(node, Variable) else ""
        return TriedPart(
            field, place.text, place.line, place.column, place.depth, operator, str(node.kind),
            value, _shown(value, node.kind, unit),
        )  # fmt: skip


def try_on(definition: Mapping[str, Any], *, engine: str, assessment: Assessment) -> Tried:
    """What a wording says of a stored decision of this engine.

    Raises RuleSyntaxError, ValueError or TypeError when the wording does not hold.
    """
    return Trial(definition, engine=engine).on(assessment)


def recorded_values(assessment: Assessment) -> dict[str, Value]:
    """Everything a rule could read when the decision was made, by name; missing is None."""
    named = FeatureSetVersion.objects.filter(pk=assessment.feature_set_version).first()
    names = [name for name, *_ in named.numbers] if named else []
    numbers = np.frombuffer(bytes(assessment.features), "<f8").tolist()
    if len(numbers) != len(names):
        numbers = [float("nan")] * len(names)
    values = {name: None if value != value else value for name, value in zip(names, numbers, strict=True)}
    return values | assessment.texts


def against_it(parts: tuple[TriedPart, ...], field: str, value: bool | None) -> list[tuple[TriedPart, str]]:
    """The smallest parts with this value that decided the whole, each with the values it read.

    `&&` and `||` are followed to those of their terms that have the value; anything else is told as it is.
    """
    tree = [part for part in parts if part.field == field]
    found: list[tuple[TriedPart, str]] = []
    if tree:
        _descend(tree, 0, value, found)
    return found


def _descend(tree: list[TriedPart], at: int, value: bool | None, found: list[tuple[TriedPart, str]]) -> None:
    part = tree[at]
    below = _children(tree, at)
    if part.operator in ("&&", "||"):
        for child in below:
            if tree[child].value is value:
                _descend(tree, child, value, found)
        return
    end = at + 1
    while end < len(tree) and tree[end].depth > part.depth:
        end += 1
    names = {inner.text: inner.shown for inner in tree[at:end] if not inner.operator}
    values = ", ".join(f"{name} {shown}" if name != part.text else shown for name, shown in names.items())
    found.append((part, values or part.shown))


def _children(tree: list[TriedPart], at: int) -> list[int]:
    depth, found = tree[at].depth, []
    for index in range(at + 1, len(tree)):
        if tree[index].depth <= depth:
            break
        if tree[index].depth == depth + 1:
            found.append(index)
    return found


def _shown(value: Value, kind: Kind, unit: str) -> str:
    if value is None:
        return "missing"
    if kind is Kind.BOOL:
        return "true" if value else "false"
    return format_value(value, "time" if kind is Kind.TIMESTAMP else unit)


class NoSuchEvent(LookupError):
    """No decision of this engine is meant by what was given; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message.encode("utf-8", "replace").decode())
        self.field = field


def stored_decision(
    engine: str, *, assessment_id: int | None = None, event_id: str | None = None
) -> Assessment:
    """A decision by its id, or the newest one about an event by the client's own id; raises NoSuchEvent."""
    if (assessment_id is None) == (event_id is None):
        raise NoSuchEvent("assessment_id", "give either assessment_id or event_id")
    decided = Assessment.objects.filter(engine=engine)
    if assessment_id is not None:
        field, found = "assessment_id", decided.filter(pk=assessment_id)
        what = f"decision {assessment_id}"
    else:
        field, found = "event_id", _about(decided, engine, event_id)
        what = f"event '{event_id[:128]}'"
    assessment = found.order_by("-id").first()
    if assessment is None:
        raise NoSuchEvent(field, f"there is no {what} that {engine} decided")
    return assessment


def _about(decided: QuerySet[Assessment], engine: str, event_id: str) -> QuerySet[Assessment]:
    """Through the event: its table has an index on the id, assessments have none."""
    used = engine_in_use(engine)
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in event_id):
        return decided.none()
    return decided.filter(**{f"{used.link.removesuffix('_id')}__{used.id_field}": event_id})
