"""Bringing shipped rule packs and policies into the database, as versions in force."""

import hashlib
import json
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max

from fraud_detection.engines.registry import ENGINES, MODELLED, Engine
from fraud_detection.models import (
    EngineState,
    FeatureSetVersion,
    PolicyVersion,
    Rule,
    RuleDraft,
    RuleStage,
    RuleStanding,
    RuleVersion,
)
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.services.rule_sets import new_rule_set, recompose, standings_of
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
            "base": feature_set.base,
            "added": feature_set.meanings(feature_set.added),
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
    rule_set = new_rule_set(engine.name, first_versions(engine.name, engine.pack))
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

    A rule that somebody here rewrote, rolls out or retired stays as they left it. One that is paused gets
    the new wording and stays paused.
    """
    return {name: changed for name, engine in ENGINES.items() if (changed := _upgrade_engine(engine))}


@transaction.atomic
def _upgrade_engine(engine: Engine) -> list[str]:
    state = EngineState.objects.select_for_update().get(engine=engine.name)
    rules = {rule.code: rule for rule in Rule.objects.filter(engine=engine.name)}
    changed = [spec for spec in engine.pack if _is_outdated(rules.get(spec.code), spec)]
    if not changed:
        return []
    before = str(state.rule_set)
    recompose(state, [_reworded(engine.name, spec) for spec in changed])
    codes = [spec.code for spec in changed]
    record(
        "engine.upgraded",
        actor_kind="system",
        actor="engine_setup",
        subject_kind="engine",
        subject=engine.name,
        before={"rule_set": before},
        after={"rule_set": str(state.rule_set), "rules": codes},
    )
    return codes


def _is_outdated(rule: Rule | None, spec: RuleSpec) -> bool:
    if rule is None:
        return True
    kept = [one for one in standings_of(rule) if one.stage in (RuleStage.ACTIVE, RuleStage.PAUSED)]
    if len(kept) != 1 or kept[0].version.author != PACK:
        return not RuleVersion.objects.filter(rule=rule).exists() and not _is_drafted(rule)
    return kept[0].version.digest != definition_digest(spec.as_data())


def _is_drafted(rule: Rule) -> bool:
    return RuleDraft.objects.filter(rule=rule).exists()


def _reworded(engine: str, spec: RuleSpec) -> Rule:
    """The rule with the shipped wording as its next version, which takes the place of the one before."""
    rule, _ = Rule.objects.get_or_create(engine=engine, code=spec.code)
    last = rule.versions.aggregate(last=Max("number"))["last"] or 0
    former = RuleStanding.objects.filter(
        version__rule=rule, stage__in=(RuleStage.ACTIVE, RuleStage.PAUSED)
    ).first()
    stage = former.stage if former else RuleStage.ACTIVE
    version = _wording(rule, last + 1, spec)
    version.save()
    if former:
        former.stage, former.revision = RuleStage.RETIRED, former.revision + 1
        former.note, former.changed_by = f"{version} was shipped in its place.", PACK
        former.save()
    RuleStanding.objects.create(version=version, stage=stage, changed_by=PACK)
    return rule


def _wording(rule: Rule, number: int, spec: RuleSpec) -> RuleVersion:
    """A shipped wording, not stored yet."""
    definition = spec.as_data()
    return RuleVersion(
        rule=rule,
        number=number,
        definition=definition,
        digest=definition_digest(definition),
        author=PACK,
    )


def first_versions(engine: str, specs: Sequence[RuleSpec]) -> list[RuleVersion]:
    """The shipped wordings of rules as their version 1, active, in the order given; those there stay."""
    codes = [spec.code for spec in specs]
    Rule.objects.bulk_create([Rule(engine=engine, code=code) for code in codes], ignore_conflicts=True)
    rules = {rule.code: rule for rule in Rule.objects.filter(engine=engine, code__in=codes)}
    RuleVersion.objects.bulk_create(
        [_wording(rules[spec.code], 1, spec) for spec in specs], ignore_conflicts=True
    )
    first = RuleVersion.objects.filter(rule__in=rules.values(), number=1).select_related("rule")
    versions = {version.rule.code: version for version in first}
    RuleStanding.objects.bulk_create(
        [RuleStanding(version=v, stage=RuleStage.ACTIVE, changed_by=PACK) for v in versions.values()],
        ignore_conflicts=True,
    )
    return [versions[code] for code in codes]


def definition_digest(definition: dict) -> str:
    """SHA-256 of a rule's definition in canonical JSON."""
    return hashlib.sha256(json.dumps(definition, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
