"""Which models a process serves: the champion, what stands in for it, and the models in shadow."""

from collections.abc import Iterable
from dataclasses import dataclass

from fraud_detection.engines.registry import MODELLED
from fraud_detection.models import EngineState, ModelStage, ModelVersion
from fraud_detection.predictor import Predictor, load_predictor
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.model_faults import tell_of_recovery, tell_of_refusal
from fraud_detection.services.model_stages import former_champions
from ml.features.spec import FeatureSet

TRIED = 5  # champions before the present one that may stand in for it
HELD = "Processes that hold it in memory serve on; one that starts anew takes the champion before it."
RULES_DECIDE = "No earlier champion can stand in: rules and the fail policy decide."


@dataclass(frozen=True)
class ServingModels:
    """`stands_in` says why `champion` is an older model than the registry's; empty when it is that one."""

    champion: Predictor
    shadows: tuple[Predictor, ...]
    stands_in: str = ""


def serving_models(
    state: EngineState, feature_set: FeatureSet, *, held: Iterable[Predictor] = ()
) -> ServingModels:
    """Load what the registry names; a model that is `held` in memory already is not read again.

    A refused champion is told of, and the champion before it serves: it was approved once, which the
    fail policy for every event would not be. A refused shadow is told of and scores nothing.
    """
    known = {(one.version, one.sha256, one.feature_set): one for one in held if one.fault is None}
    champion, stands_in = _champion(state.model, feature_set, known)
    shadows = ModelVersion.objects.filter(engine=state.engine, stage=ModelStage.SHADOW).order_by("number")
    return ServingModels(champion, tuple(_shadow(one, feature_set, known) for one in shadows), stands_in)


def verify_models() -> list[str]:
    """Load every champion and shadow from its file, as a new process would; tells of each that is refused.

    Processes hold models in memory, so a file that was swapped would go unseen until a restart.
    """
    used = ModelVersion.objects.filter(stage__in=(ModelStage.CHAMPION, ModelStage.SHADOW))
    refused = []
    for version in used.filter(engine__in=MODELLED).order_by("engine", "number"):
        fault = load_predictor(version, engine_in_use(version.engine).feature_set).fault
        if fault is None:
            tell_of_recovery(version)
        else:
            tell_of_refusal(version, fault, consequence=HELD)
            refused.append(str(version))
    return refused


def _champion(version: ModelVersion | None, feature_set: FeatureSet, known: dict) -> tuple[Predictor, str]:
    champion = _predictor(version, feature_set, known)
    if version is None or champion.fault is None:
        return champion, ""
    for former in former_champions(version)[:TRIED]:
        found = _predictor(former, feature_set, known)
        if found.fault is None:
            serves = f"{former} serves in its place."
            tell_of_refusal(version, champion.fault, consequence=serves)
            return found, f"{version} is refused: {champion.fault}. {serves}"
    tell_of_refusal(version, champion.fault, consequence=RULES_DECIDE)
    return champion, ""


def _shadow(version: ModelVersion, feature_set: FeatureSet, known: dict) -> Predictor:
    shadow = _predictor(version, feature_set, known)
    if shadow.fault is not None:
        tell_of_refusal(version, shadow.fault, consequence="It scores nothing in shadow.")
    return shadow


def _predictor(version: ModelVersion | None, feature_set: FeatureSet, known: dict) -> Predictor:
    if version is not None and (held := known.get((str(version), version.sha256, feature_set.version))):
        return held
    found = load_predictor(version, feature_set)
    if version is not None and found.fault is None:
        tell_of_recovery(version)
    return found
