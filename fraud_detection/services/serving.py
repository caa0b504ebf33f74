"""What is in force for an engine in this process: compiled rules, policy and champion model.

Each process asks the database at most every CHECK_SECONDS whether something changed, so an
activation is served everywhere within that time, without a restart.
"""

import threading
import time
from dataclasses import dataclass

import structlog
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES, Engine
from fraud_detection.models import EngineState, ModelVersion, PolicyVersion, RuleVersion
from fraud_detection.models import RuleSet as StoredRuleSet
from fraud_detection.policy import Policy
from fraud_detection.predictor import Predictor, load_predictor
from fraud_detection.rules.ruleset import RuleSet
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.services.custom_lists import Lists, custom_lists, lists_mark
from fraud_detection.services.engine_setup import remember_feature_set
from fraud_detection.services.lists import any_entries
from fraud_detection.services.serving_models import ServingModels, serving_models

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
    """

    engine: Engine
    revision: int
    rule_set: RuleSet
    broken_rules: tuple[str, ...]
    rule_set_version: str
    rule_numbers: dict[str, int]
    policy: Policy
    predictor: Predictor
    lists_in_use: bool
    lists_mark: tuple
    loaded_at: float
    shadows: tuple[Predictor, ...] = ()
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
    lists_in_use: bool = False,
    mark: tuple = (),
    now: float = 0.0,
    models: ServingModels | None = None,
) -> Serving:
    """Stored versions, compiled and loaded, ready to decide; `models` when they are loaded already."""
    versions = list(rule_set.rule_versions.select_related("rule").order_by("rule__code"))
    rules, broken = _compiled(engine, versions, lists or {})
    return Serving(
        engine=engine,
        revision=revision,
        rule_set=rules,
        broken_rules=broken,
        rule_set_version=str(rule_set),
        rule_numbers={version.rule.code: version.number for version in versions},
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
        lists_in_use=lists_in_use,
        lists_mark=mark,
        loaded_at=now,
        shadows=models.shadows if models else (),
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


def _refreshed(name: str, current: Serving | None, now: float) -> Serving:
    revision = EngineState.objects.filter(engine=name).values_list("revision", flat=True).first()
    if revision is None:
        raise EngineNotInstalled(name)
    lists_in_use, mark = any_entries(), lists_mark(timezone.now())
    unchanged = current is not None and (
        (current.revision, current.lists_in_use, current.lists_mark) == (revision, lists_in_use, mark)
    )
    if unchanged and (not _wants_retry(current) or now - current.loaded_at < RETRY_MODEL_SECONDS):
        return current
    return _loaded(name, current, lists_in_use, mark, now)


def _wants_retry(current: Serving) -> bool:
    return current.predictor.fault is not None or current.stands_in != ""


def _loaded(name: str, current: Serving | None, lists_in_use: bool, mark: tuple, now: float) -> Serving:
    state = EngineState.objects.select_related("rule_set", "policy", "model").get(engine=name)
    engine = ENGINES[name]
    remember_feature_set(engine)
    loaded = assembled(
        engine,
        rule_set=state.rule_set,
        policy=state.policy,
        model=state.model,
        revision=state.revision,
        lists=custom_lists(timezone.now()),
        lists_in_use=lists_in_use,
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
