"""An engine as the benchmarks use it: a model trained once and kept, a hundred rules, a key."""

from pathlib import Path

from django.conf import settings
from django.db.models import F

from benchmarks.traffic import ALERTING_AMOUNT
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.services.engine_setup import first_versions, install, new_rule_set
from fraud_detection.services.model_registry import needs_first_model, promote_first, register
from fraud_detection.services.training import train_engine
from ml.artifacts import load, read_card
from users.roles import Scope
from users.services import create_api_key

ENGINE = "payments"
RULES = 100
CLIENT = "benchmark"


def prepare(progress) -> None:
    """Install the engine, give it a champion that fits, and put RULES rules in force."""
    install()
    state = EngineState.objects.select_related("model").get(engine=ENGINE)
    feature_set = ENGINES[ENGINE].feature_set
    if needs_first_model(state, feature_set.version):
        version = _kept_model(feature_set) or train_engine(
            ENGINE, file=None, seed=1, created_by=CLIENT, progress=progress
        )
        promote_first(version, created_by=CLIENT)
    versions = first_versions(ENGINE, list(rules()))
    EngineState.objects.filter(engine=ENGINE).update(
        rule_set=new_rule_set(ENGINE, versions), revision=F("revision") + 1
    )


def _kept_model(feature_set):
    """The model of an earlier run in MODEL_DIR, registered here; None when none fits."""
    for card_file in sorted(Path(settings.MODEL_DIR).glob("*.json")):
        path = card_file.with_suffix(".joblib")
        card = read_card(path)
        if card.feature_set == feature_set.version:
            return register(load(path, sha256=card.sha256, feature_set=feature_set), created_by=CLIENT)
    return None


def rules() -> list[RuleSpec]:
    """The shipped pack, one rule that the alerting part of the traffic meets, and distinct quiet ones."""
    pack = list(ENGINES[ENGINE].pack)
    numbers = [f for f in ENGINES[ENGINE].feature_set.features if f.kind == "number"]
    quiet = [_quiet(place, numbers) for place in range(RULES - len(pack) - 1)]
    return [*pack, _alerting(), *quiet]


def _alerting() -> RuleSpec:
    return RuleSpec(
        code="BENCH_ALERT",
        family="benchmark",
        subject="sender",
        description="Met by the share of the traffic that is to alert.",
        condition="amount == p.amount",
        severity="high",
        params={"amount": ALERTING_AMOUNT},
        reason="{amount}",
        outcome="review",
        evidence=("amount", "sender_count_1h"),
    )


def _quiet(place: int, numbers: list) -> RuleSpec:
    one, other = numbers[place % len(numbers)].name, numbers[(place * 7 + 3) % len(numbers)].name
    return RuleSpec(
        code=f"BENCH_{place:03d}",
        family="benchmark",
        subject="sender",
        description="Read and never met.",
        condition=f"{one} > p.high + {place} && ({other} >= p.low || {other} < {place})",
        severity="medium",
        params={"high": 1e15, "low": float(place)},
        reason="{" + one + "}",
        evidence=(one,),
    )


def new_key() -> str:
    """The secret of a key without a limit of requests."""
    scopes = [Scope.INGEST, Scope.READ, Scope.LABELS]
    return create_api_key(name=CLIENT, scopes=scopes, created_by="benchmarks")[1]
