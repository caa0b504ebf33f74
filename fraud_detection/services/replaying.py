"""Replaying a decision from its record alone: the same features, versions and policy give the same score."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from fraud_detection.engines.registry import Engine
from fraud_detection.models import Assessment, FeatureSetVersion, ModelVersion, PolicyVersion, RuleSet
from fraud_detection.services.custom_lists import custom_lists
from fraud_detection.services.engine_in_use import engine_in_use, engine_of_records
from fraud_detection.services.features import FeatureValues
from fraud_detection.services.recording import unpacked
from fraud_detection.services.releasing import release
from fraud_detection.services.scoring import Scored, score
from fraud_detection.services.serving import Serving, assembled
from fraud_detection.services.snoozing import snoozes_recorded


class NotReplayable(LookupError):
    """A version the record names is gone; the message says which."""


@dataclass(frozen=True)
class Replay:
    """A record judged again. `equal` says that score, decision and hits came out the same."""

    assessment: Assessment
    serving: Serving
    features: FeatureValues
    scored: Scored
    equal: bool


@dataclass(frozen=True)
class StoredFeature:
    name: str
    kind: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class StoredFeatureSet:
    """A feature set as a record names it: enough to read values, not to compute them."""

    version: str
    numbers: tuple[str, ...]
    texts: tuple[str, ...]
    described: dict[str, StoredFeature]
    base: str = ""
    added: Mapping[str, str] = field(default_factory=dict)

    def meanings(self, names: Iterable[str]) -> dict[str, str]:
        """What those of the names that people added computed then."""
        return {name: self.added[name] for name in names if name in self.added}

    @property
    def names(self) -> tuple[str, ...]:
        return self.numbers + self.texts

    @property
    def features(self) -> tuple[StoredFeature, ...]:
        return tuple(self.described[name] for name in self.names)

    def feature(self, name: str) -> StoredFeature:
        return self.described[name]


def replay(assessment: Assessment) -> Replay:
    """Judge a stored decision again; raises NotReplayable."""
    serving = _as_recorded(assessment)
    features = FeatureValues(unpacked(assessment.features), dict(assessment.texts))
    subjects = {hit.subject_kind: hit.subject for hit in assessment.hits.all()} | {
        "customer": _customer(assessment)
    }
    failed = [part for part in assessment.degraded_parts if part == "features"]
    scored = score(serving, features, subjects, failed, at=assessment.decided_at)
    release(serving, scored, client_id=assessment.client_id, external_id=assessment.external_id)
    return Replay(assessment, serving, features, scored, _equal(assessment, scored))


def stored_feature_set(version: str, engine: Engine) -> StoredFeatureSet:
    """The feature set behind a version a record names, its meanings as far as they still stand."""
    stored = FeatureSetVersion.objects.filter(version=version).first()
    if stored is None:
        raise NotReplayable(f"feature set {version} is not on record")
    in_use = engine_in_use(engine.name).feature_set
    meanings = {feature.name: feature.meaning for feature in in_use.features}
    described = {
        name: StoredFeature(name, kind, unit, meanings.get(name, name))
        for name, kind, unit in (*stored.numbers, *stored.texts)
    }
    return StoredFeatureSet(
        version,
        tuple(row[0] for row in stored.numbers),
        tuple(row[0] for row in stored.texts),
        described,
        stored.base,
        stored.added,
    )


def _as_recorded(assessment: Assessment) -> Serving:
    engine = engine_of_records(assessment.engine)
    engine = replace(engine, feature_set=stored_feature_set(assessment.feature_set_version, engine))
    model = None
    if assessment.model_version:
        model = _version(ModelVersion, engine.name, assessment.model_version)
    judged_with = assembled(
        engine,
        rule_set=_version(RuleSet, engine.name, assessment.rule_set_version),
        policy=_version(PolicyVersion, engine.name, assessment.policy_version),
        model=model,
        lists=custom_lists(assessment.decided_at),
    )
    return replace(judged_with, snoozes=snoozes_recorded(assessment.hits.all()))


def _version(kind, engine: str, name: str):
    found = kind.objects.filter(engine=engine, number=int(name.rpartition("-")[2])).first()
    if found is None:
        raise NotReplayable(f"{name} is not on record")
    return found


def _customer(assessment: Assessment) -> str:
    return assessment.customer.external_id if assessment.customer else assessment.external_id


def _equal(assessment: Assessment, scored: Scored) -> bool:
    verdict = scored.verdict
    hits = [hit for hit in assessment.hits.all() if hit.rule_version and not hit.late]
    recorded = {(hit.rule, hit.severity, hit.confidence, hit.snoozed) for hit in hits}
    again = {(hit.rule, hit.severity, hit.confidence, False) for hit in scored.hits}
    again |= {(hit.rule, hit.severity, hit.confidence, True) for hit in scored.snoozed}
    return (verdict.risk_score, verdict.decision, verdict.fraud_probability) == (
        assessment.risk_score,
        assessment.decision,
        assessment.fraud_probability,
    ) and recorded == again
