"""Rules that already say the same: the same condition in another order, or the same hits."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from fraud_detection.engines.registry import Engine
from fraud_detection.models import EngineState, Rule, RuleVersion
from fraud_detection.rules.backtest import backtest
from fraud_detection.rules.compiled import CompiledRule, Lists, compile_rule
from fraud_detection.rules.language import Kind, Node, depends_on
from fraud_detection.rules.language.tree import Call, Constant, IsMissing, Members, Variable
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.workbench.findings import Finding
from fraud_detection.services.workbench.sample import Sample

_MIRRORED = {">": "<", ">=": "<=", "==": "==", "!=": "!="}
_ANY_ORDER = ("&&", "||", "==", "!=", "+", "*", "min", "max")
MOST_RULES = 500


@lru_cache(maxsize=4_096)
def normal_form(node: Node) -> tuple:
    """The same for conditions that differ only in the order of parts or the side a value stands on."""
    if isinstance(node, Constant):
        return ("value", node.kind, node.value)
    if isinstance(node, Variable):
        return ("name", node.name)
    if isinstance(node, IsMissing):
        return ("missing", node.variable.name)
    if isinstance(node, Members):
        return ("in", tuple(sorted(node.values, key=repr)))
    if not isinstance(node, Call):
        return ("list", node.name)
    operator, parts = node.operator, [normal_form(each) for each in node.arguments]
    if operator in (">", ">="):
        operator, parts = _MIRRORED[operator], parts[::-1]
    if operator in _ANY_ORDER:
        parts = sorted(set(parts) if operator in ("&&", "||") else parts, key=repr)
        if len(parts) == 1:
            return parts[0]
    return (operator, *parts)


def like_rules(
    made: CompiledRule, engine: Engine, lists: Lists, sample: Sample, rule: Rule | None
) -> Iterator[Finding]:
    """Rules in force with the same condition, else with exactly the same hits over the sample."""
    vocabulary = Vocabulary.of(engine.feature_set, engine.context)
    own = _form(made)
    others = []
    for version in _in_force(engine.name, rule):
        try:
            others.append(_compiled(version, vocabulary, lists))
        except (ValueError, TypeError):
            continue  # no longer holds; its own page says so
    same = {other.spec.code for other in others if _form(other) == own}
    for code in sorted(same):
        yield Finding("condition", f"the same condition as {code}, which is in force", code="duplicate")
    if sample.is_enough:
        yield from _same_hits(
            made, [each for each in others if each.spec.code not in same], vocabulary, sample
        )


def _form(rule: CompiledRule) -> tuple:
    return normal_form(rule.logic.condition), normal_form(rule.logic.requires)


def _in_force(engine: str, rule: Rule | None) -> list[RuleVersion]:
    state = EngineState.objects.filter(engine=engine).select_related("rule_set").first()
    if state is None:
        return []
    versions = state.rule_set.rule_versions.select_related("rule")
    return list((versions.exclude(rule=rule) if rule else versions)[:MOST_RULES])


def _compiled(version: RuleVersion, vocabulary: Vocabulary, lists: Lists) -> CompiledRule:
    """Compiled once a process: a version never changes, but the names and lists it reads may.

    Lists that it does not mention are not compared: they may be long, and this is asked as somebody types.
    """
    spec = RuleSpec.from_data(version.definition)
    said = str(version.definition)
    mentioned = tuple((name, lists[name]) for name in sorted(lists) if name in said)
    key = version.pk, version.digest, _names(vocabulary), mentioned
    found = _kept.get(key)
    if found is None:
        if len(_kept) > 2 * MOST_RULES:
            _kept.clear()
        found = _kept[key] = compile_rule(spec, vocabulary, lists)
    return found


_kept: dict[tuple, CompiledRule] = {}


def _names(vocabulary: Vocabulary) -> tuple:
    return tuple(vocabulary.kinds.items())


def _same_hits(
    made: CompiledRule, others: list[CompiledRule], vocabulary: Vocabulary, sample: Sample
) -> Iterator[Finding]:
    read = [rule for rule in (made, *others) if Kind.BOOL is rule.logic.condition.kind]
    names = set().union(*(_read(rule) for rule in read))
    masks = backtest([made, *others], sample.columns(vocabulary.kinds, names))
    own = masks[made.spec.code].hit if made.spec.code in masks else np.zeros(0, bool)
    if not own.any():
        return
    for other in others:
        if np.array_equal(masks[other.spec.code].hit, own):
            hits = f"the same {int(own.sum()):,} hits in the newest {sample.rows:,} decisions"
            message = f"{hits} as {other.spec.code}, which is in force"
            yield Finding("condition", message, code="same_hits")


def _read(rule: CompiledRule) -> frozenset[str]:
    expressions = (rule.logic.condition, rule.logic.requires, rule.severity, rule.confidence)
    return frozenset().union(*(depends_on(each) for each in expressions if each is not None))
