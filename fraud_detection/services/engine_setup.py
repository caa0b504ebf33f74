"""Bringing shipped rule packs and policies into the database, as versions in force."""

import hashlib
import json

from django.db import transaction
from django.db.models import F, Max

from fraud_detection.engines.registry import ENGINES, MODELLED, Engine
from fraud_detection.models import EngineState, FeatureSetVersion, PolicyVersion, Rule, RuleSet, RuleVersion
from fraud_detection.rules.spec import RuleSpec
from logs.services import record

PACK = "pack"  # the author of rules as they were shipped


def install() -> list[str]:
    """Put every engine's pack and policy in force where the engine has none; names of those installed.

    Safe to repeat: what people changed since stays as it is.
    """
    for engine in MODELLED.values():
        remember_feature_set(engine)
    return [name for name, engine in MODELLED.items() if _install_engine(engine)]


def remember_feature_set(engine: Engine) -> FeatureSetVersion:
    """Record the names of the engine's present features, once a version."""
    feature_set = engine.feature_set
    described = {f.name: [f.name, f.kind, f.unit] for f in feature_set.features}
    remembered, _ = FeatureSetVersion.objects.get_or_create(
        version=feature_set.version,
        defaults={
            "engine": engine.name,
            "numbers": [described[name] for name in feature_set.numbers],
            "texts": [described[name] for name in feature_set.texts],
        },
    )
    return remembered


@transaction.atomic
def _install_engine(engine: Engine) -> bool:
    if EngineState.objects.filter(engine=engine.name).exists():
        return False
    policy, _ = PolicyVersion.objects.get_or_create(
        engine=engine.name,
        number=1,
        defaults={
            "review_from": engine.review_from,
            "decline_from": engine.decline_from,
            "settings": dict(engine.settings),
        },
    )
    rule_set = new_rule_set(engine.name, [first_version(engine.name, spec) for spec in engine.pack])
    EngineState.objects.create(engine=engine.name, rule_set=rule_set, policy=policy)
    record(
        "engine.installed",
        actor_kind="system",
        actor="engine_setup",
        subject_kind="engine",
        subject=engine.name,
        after={"rule_set": str(rule_set), "policy": str(policy)},
    )
    return True


def upgrade() -> dict[str, list[str]]:
    """Bring rules of the pack that a new release added or reworded into force; codes by engine.

    A rule that somebody here rewrote stays as they wrote it.
    """
    return {name: changed for name, engine in ENGINES.items() if (changed := _upgrade_engine(engine))}


@transaction.atomic
def _upgrade_engine(engine: Engine) -> list[str]:
    state = EngineState.objects.select_for_update().get(engine=engine.name)
    versions = {v.rule.code: v for v in state.rule_set.rule_versions.select_related("rule")}
    changed = [spec for spec in engine.pack if _is_outdated(versions.get(spec.code), spec)]
    if not changed:
        return []
    versions |= {spec.code: _next_version(engine.name, spec) for spec in changed}
    rule_set = new_rule_set(engine.name, list(versions.values()))
    before = str(state.rule_set)
    EngineState.objects.filter(pk=state.pk).update(rule_set=rule_set, revision=F("revision") + 1)
    codes = [spec.code for spec in changed]
    record(
        "engine.upgraded",
        actor_kind="system",
        actor="engine_setup",
        subject_kind="engine",
        subject=engine.name,
        before={"rule_set": before},
        after={"rule_set": str(rule_set), "rules": codes},
    )
    return codes


def _is_outdated(version: RuleVersion | None, spec: RuleSpec) -> bool:
    if version is None:
        return True
    return version.author == PACK and version.digest != definition_digest(spec.as_data())


def _next_version(engine: str, spec: RuleSpec) -> RuleVersion:
    rule, _ = Rule.objects.get_or_create(engine=engine, code=spec.code)
    last = rule.versions.aggregate(last=Max("number"))["last"] or 0
    definition = spec.as_data()
    return RuleVersion.objects.create(
        rule=rule,
        number=last + 1,
        definition=definition,
        digest=definition_digest(definition),
        author=PACK,
    )


def first_version(engine: str, spec: RuleSpec) -> RuleVersion:
    """The shipped wording of a rule, as version 1."""
    rule, _ = Rule.objects.get_or_create(engine=engine, code=spec.code)
    definition = spec.as_data()
    version, _ = RuleVersion.objects.get_or_create(
        rule=rule,
        number=1,
        defaults={"definition": definition, "digest": definition_digest(definition), "author": PACK},
    )
    return version


def new_rule_set(engine: str, versions: list[RuleVersion]) -> RuleSet:
    """The next rule set of an engine, holding these versions."""
    last = RuleSet.objects.filter(engine=engine).aggregate(last=Max("number"))["last"] or 0
    rule_set = RuleSet.objects.create(engine=engine, number=last + 1)
    rule_set.rule_versions.set(versions)
    return rule_set


def definition_digest(definition: dict) -> str:
    """SHA-256 of a rule's definition in canonical JSON."""
    return hashlib.sha256(json.dumps(definition, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
