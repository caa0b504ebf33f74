"""Where lists are used: rules that read a custom list, hits of the block list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fraud_detection.models import BLOCK, EngineState, RuleDraft, RuleHit, RuleStanding
from fraud_detection.models.rulebook import RuleStage
from fraud_detection.rules.language.errors import RuleSyntaxError
from fraud_detection.rules.language.lexer import tokenize

EXPRESSIONS = ("subject", "condition", "requires", "severity", "confidence", "weight")
DRAFT = "draft"
HIT_DAYS = 30


@dataclass(frozen=True, order=True)
class Reading:
    """A rule that reads a list, in the stage of its wording: active, shadow, pending, paused or draft."""

    engine: str
    rule: str
    stage: str
    rule_id: int


def rules_reading(names: Iterable[str]) -> dict[str, list[Reading]]:
    """The rules that read each of these lists, but for retired wordings."""
    found: dict[str, set[Reading]] = {name: set() for name in names}
    for definition, reading in _wordings():
        for name in names_in(definition) & found.keys():
            found[name].add(reading)
    return {name: sorted(readings) for name, readings in found.items()}


def names_in(definition: Mapping[str, Any]) -> set[str]:
    """Every name that a rule's expressions mention; an unfinished one is searched as far as it goes."""
    return {
        name
        for part in EXPRESSIONS
        if isinstance(definition.get(part), str)
        for name in _names(definition[part])
    }


def block_list_hits(now: datetime) -> int:
    """How often the block list hit in 30 days."""
    since = now - timedelta(days=HIT_DAYS)
    found = RuleHit.objects.filter(rule="BLOCKLIST", assessment__decided_at__gte=since)
    return found.count()


def entity_hits(name: str, now: datetime) -> int | None:
    """Hits in 30 days of the block list; None for a list whose use leaves no hit."""
    return block_list_hits(now) if name == BLOCK else None


def _wordings() -> Iterable[tuple[Mapping[str, Any], Reading]]:
    for state in EngineState.objects.select_related("rule_set"):
        for stage, versions in (
            (RuleStage.ACTIVE, state.rule_set.rule_versions),
            (RuleStage.SHADOW, state.rule_set.shadow_versions),
        ):
            for version in versions.select_related("rule"):
                yield version.definition, _reading(version.rule, stage)
    standing = RuleStanding.objects.exclude(stage=RuleStage.RETIRED).select_related("version__rule")
    for each in standing:
        yield each.version.definition, _reading(each.version.rule, each.stage)
    for draft in RuleDraft.objects.select_related("rule"):
        yield draft.definition, _reading(draft.rule, DRAFT)


def _reading(rule: Any, stage: str) -> Reading:
    return Reading(rule.engine, rule.code, str(stage), rule.pk)


def _names(expression: str) -> set[str]:
    try:
        return {token.text for token in tokenize(expression) if token.kind == "name"}
    except RuleSyntaxError:
        words = "".join(each if each.isalnum() or each == "_" else " " for each in expression)
        return set(words.split())
