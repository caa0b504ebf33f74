"""Who reads a feature: rules by any wording that may still decide, models that score live events."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from fraud_detection.models import (
    EngineState,
    FeatureDefinition,
    FeatureStage,
    ModelStage,
    ModelVersion,
    RuleDraft,
    RuleStage,
    RuleStanding,
)

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OPEN = (FeatureStage.DRAFT, FeatureStage.PENDING, FeatureStage.ACTIVE)


def rule_wordings(engine: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(what it is called, definition) of every wording that decides, watches or may yet."""
    state = EngineState.objects.select_related("rule_set").filter(engine=engine).first()
    seen = set()
    if state is not None:
        for versions, word in (
            (state.rule_set.rule_versions, ""),
            (state.rule_set.shadow_versions, " in shadow"),
        ):
            for version in versions.select_related("rule").order_by("rule__code"):
                seen.add(version.pk)
                yield f"rule {version.rule.code}{word}", version.definition
    waiting = RuleStanding.objects.filter(version__rule__engine=engine).exclude(stage=RuleStage.RETIRED)
    for standing in waiting.exclude(version__in=seen).select_related("version__rule"):
        yield (
            f"rule {standing.version.rule.code} ({standing.get_stage_display().lower()})",
            standing.version.definition,
        )
    for draft in RuleDraft.objects.filter(rule__engine=engine).select_related("rule"):
        yield f"the draft of rule {draft.rule.code}", draft.definition


def readers_by_name(engine: str, names: Iterable[str]) -> dict[str, list[str]]:
    """Who reads each of these features now, by name: rules, then models in use."""
    wanted = set(names)
    found: dict[str, list[str]] = {name: [] for name in wanted}
    for called, definition in rule_wordings(engine):
        for name in sorted(wanted & set(_words(definition))):
            found[name].append(called)
    for model in models_in_use(engine):
        for name in wanted & set(model.card.get("features", ())):
            found[name].append(f"model {model}")
    return found


def models_in_use(engine: str) -> Iterator[ModelVersion]:
    """The champion and the models in shadow."""
    stages = (ModelStage.CHAMPION, ModelStage.SHADOW)
    yield from ModelVersion.objects.filter(engine=engine, stage__in=stages).order_by("number")


def models_reading(engine: str, name: str) -> list[str]:
    """The models in use that read a feature."""
    return [f"model {model}" for model in models_in_use(engine) if name in model.card.get("features", ())]


def definitions_reading(column: str) -> list[str]:
    """The definitions, not retired, that look at a declared field."""
    rows = FeatureDefinition.objects.filter(stage__in=OPEN)
    return [f"feature {row}" for row in rows if column in set(_words(row.spec))]


def _words(value: Any) -> Iterator[str]:
    """Every identifier in the texts of a definition."""
    if isinstance(value, str):
        yield from _WORD.findall(value)
    elif isinstance(value, dict):
        for child in value.values():
            yield from _words(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from _words(child)
