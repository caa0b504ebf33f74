"""The page of all features with who reads them: rules of the packs, and the model."""

from fraud_detection.engines.registry import ENGINES, Engine
from fraud_detection.rules.language import depends_on
from fraud_detection.rules.ruleset import RuleSet
from ml.domains.aml.features import AML
from ml.domains.payments.features import PAYMENTS
from ml.features.catalogue import document

FEATURE_SETS = (PAYMENTS, AML)


def feature_page() -> str:
    """Markdown of every feature set, from the definitions themselves."""
    return document(FEATURE_SETS, {name: readers(engine) for name, engine in ENGINES.items()})


def readers(engine: Engine) -> dict[str, list[str]]:
    """By feature: the rules of the engine's pack that read it, and "model" when the model does."""
    from ml.domains.payments.training import model_features

    found: dict[str, list[str]] = {}
    for rule in RuleSet.build(engine.pack, engine.feature_set, engine.context).rules:
        read = depends_on(rule.logic.condition) | depends_on(rule.logic.requires) | set(rule.hit_names)
        for name in read:
            found.setdefault(name, []).append(rule.spec.code)
    for name in model_features(engine.feature_set):
        found.setdefault(name, []).append("model")
    return found
