"""What is in force for an engine in this process: compiled rules, policy and champion model.

Each process asks the database at most every CHECK_SECONDS whether something changed, so an
activation is served everywhere within that time, without a restart.
"""

import threading
import time
from dataclasses import dataclass, replace

import structlog
from django.utils import timezone

from fraud_detection.engines.registry import Engine
from fraud_detection.models import EngineState, ModelVersion, PolicyVersion, RuleVersion
from fraud_detection.models import RuleSet as StoredRuleSet
from fraud_detection.policy import Policy
from fraud_detection.predictor import Predictor, load_predictor
from fraud_detection.rules.ruleset import RuleSet
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.services.custom_lists import Lists, custom_lists, lists_mark
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.engine_setup import remember_feature_set
from fraud_detection.services.lists import ListsInUse, lists_in_use
from fraud_detection.services.rule_shares import Part, SharedRule
from fraud_detection.services.serving_models import ServingModels, serving_models
from fraud_detection.services.shadow_rules import Watching
from fraud_detection.services.snoozing import NO_SNOOZES, Snoozes, snoozes_mark, standing_snoozes

CHECK_SECONDS = 2.0
RETRY_MODEL_SECONDS = 30.0
log = structlog.get_logger(__name__)
_lock = threading.Lock()
_serving: dict[str, "Serving"] = {}
_checked_at: dict[str, float] = {}


class EngineNotInstalled(RuntimeError):
    """The engine has no rules in the database yet; the message says what to run."""

    def __init__(self, engine: str):
        super().__init__(f"engine '{engine}' is not installed: run manage.py install_engines")


@dataclass(frozen=True)
class Serving:
    """One consistent state: everything a decision names as its versions.

    `broken_rules` are codes that no longer compile, say after an upgrade: each decision lacks them.
    `rule_set` and `rule_numbers` hold the rules of one version; those of two, each for its share of the
    entities, are `shared` (see rule_shares.outcomes_of). `watching` are the versions in shadow.
    """

    engine: Engine
    revision: int
    rule_set: RuleSet
    broken_rules: tuple[str, ...]
    rule_set_version: str
    rule_numbers: dict[str, int]
    policy: Policy
    predictor: Predictor
    lists_in_use: ListsInUse | None
    lists_mark: tuple
    loaded_at: float
    snoozes: Snoozes = NO_SNOOZES
    shadows: tuple[Predictor, ...] = ()
    shared: tuple[SharedRule, ...] = ()
    watching: Watching | None = None
    stands_in: str = ""  # why an older model than the champion serves; empty when the champion does


def serving(name: str) -> Serving:
    """What is in force now, at most CHECK_SECONDS old; raises EngineNotInstalled."""
    now = time.monotonic()
    current = _serving.get(name)
    if current is not None and now - _checked_at.get(name, 0.0) < CHECK_SECONDS:
        return current
    if not _lock.acquire(blocking=current is None):
        return current  # another thread is looking; loading a model must not hold up the rest
    try:
        if current is None or _serving.get(name) is current:
            _serving[name] = _refreshed(name, _serving.get(name), now)
            _checked_at[name] = now
        return _serving[name]
    finally:
        _lock.release()


def forget() -> None:
    """Make this process look again at its next decision."""
    with _lock:
        _serving.clear()
        _checked_at.clear()


def assembled(
    engine: Engine,
    *,
    rule_set: StoredRuleSet,
    policy: PolicyVersion,
    model: ModelVersion | None,
    revision: int = 0,
    lists: Lists | None = None,
    mark: tuple = (),
    now: float = 0.0,
    models: ServingModels | None = None,
) -> Serving:
    """Stored versions, compiled and loaded, ready to decide; `models` when they are loaded already."""
    versions = list(rule_set.rule_versions.select_related("rule").order_by("rule__code", "number"))
    alone = [version for version in versions if str(version.pk) not in rule_set.shares]
    rules, broken = _compiled(engine, alone, lists or {})
    shared, broken_parts = _shared(engine, versions, rule_set.shares, lists or {})
    return Serving(
        engine=engine,
        revision=revision,
        rule_set=rules,
        broken_rules=broken + broken_parts,
        rule_set_version=str(rule_set),
        rule_numbers={version.rule.code: version.number for version in alone},
        policy=Policy(
            version=str(policy),
            review_from=policy.review_from,
            decline_from=policy.decline_from,
            fail_decision=policy.fail_decision,
            settings=policy.settings,
            release_share=policy.release_share,
            release_seed=policy.release_seed,
        ),
        predictor=models.champion if models else load_predictor(model, engine.feature_set),
        lists_in_use=None,
        lists_mark=mark,
        loaded_at=now,
        shadows=models.shadows if models else (),
        shared=shared,
        watching=_watching(engine, rule_set, lists or {}),
        stands_in=models.stands_in if models else "",
    )


def _compiled(engine: Engine, versions: list[RuleVersion], lists: Lists) -> tuple[RuleSet, tuple[str, ...]]:
    """The rules that hold under the engine's features, and the codes of those that do not."""

    def build(some: list[RuleVersion]) -> RuleSet:
        specs = [RuleSpec.from_data(version.definition) for version in some]
        return RuleSet.build(specs, engine.feature_set, engine.context, lists)

    try:
        return build(versions), ()
    except (ValueError, TypeError):
        sound, broken = [], []
    for version in versions:
        try:
            build([version])
        except (ValueError, TypeError) as error:
            log.error("rule_broken", rule=str(version), error=str(error))
            broken.append(version.rule.code)
        else:
            sound.append(version)
    return build(sound), tuple(broken)


def _shared(
    engine: Engine, versions: list[RuleVersion], shares: dict[str, list[float]], lists: Lists
) -> tuple[tuple[SharedRule, ...], tuple[str, ...]]:
    """The rules of several versions, and the codes of those whose versions do not all compile."""
    parts: dict[str, list[Part]] = {}
    broken: list[str] = []
    for version in versions:
        if str(version.pk) not in shares:
            continue
        rules, failed = _compiled(engine, [version], lists)
        broken += failed
        if not failed:
            begins, ends = shares[str(version.pk)]
            parts.setdefault(version.rule.code, []).append(Part(rules, version.number, begins, ends))
    return tuple(SharedRule(code, tuple(found)) for code, found in parts.items()), tuple(broken)


def _watching(engine: Engine, rule_set: StoredRuleSet, lists: Lists) -> Watching | None:
    """The versions in shadow; one that does not compile watches nothing, and the log says so."""
    versions = list(rule_set.shadow_versions.select_related("rule").order_by("rule__code", "number"))
    if not versions:
        return None
    rules, broken = _compiled(engine, versions, lists)
    sound = {v.rule.code: (v.pk, v.number) for v in versions if v.rule.code not in broken}
    return Watching(engine.name, rules, sound)


def _refreshed(name: str, current: Serving | None, now: float) -> Serving:
    revision = EngineState.objects.filter(engine=name).values_list("revision", flat=True).first()
    if revision is None:
        raise EngineNotInstalled(name)
    mark = (*lists_mark(timezone.now()), snoozes_mark(name, timezone.now()))
    # What rules read is compiled into them; the block and allow lists and snoozes are not.
    compiled = current is not None and (current.revision, current.lists_mark[:1]) == (revision, mark[:1])
    if compiled and (not _wants_retry(current) or now - current.loaded_at < RETRY_MODEL_SECONDS):
        return current if current.lists_mark == mark else _with_entities(current, mark)
    return _with_entities(_loaded(name, current, mark, now), mark)


def _with_entities(state: Serving, mark: tuple) -> Serving:
    """The same rules and model with the block and allow lists and the snoozes as they stand now."""
    snoozes = standing_snoozes(state.engine.name, timezone.now())
    return replace(state, lists_in_use=lists_in_use(), snoozes=snoozes, lists_mark=mark)


def _wants_retry(current: Serving) -> bool:
    return current.predictor.fault is not None or current.stands_in != ""


def _loaded(name: str, current: Serving | None, mark: tuple, now: float) -> Serving:
    state = EngineState.objects.select_related("rule_set", "policy", "model").get(engine=name)
    engine = engine_in_use(name)
    remember_feature_set(engine)
    loaded = assembled(
        engine,
        rule_set=state.rule_set,
        policy=state.policy,
        model=state.model,
        revision=state.revision,
        lists=custom_lists(timezone.now()),
        mark=mark,
        now=now,
        models=serving_models(state, engine.feature_set, held=_held(current)),
    )
    predictor = loaded.predictor
    log.info(
        "engine_loaded", engine=name, revision=state.revision, model=predictor.version, fault=predictor.fault
    )
    return loaded


def _held(current: Serving | None) -> tuple[Predictor, ...]:
    return (current.predictor, *current.shadows) if current else ()
