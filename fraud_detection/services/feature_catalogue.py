"""The page of all features with who reads them: rules of the packs, and the model."""

from importlib import import_module

from fraud_detection.engines.registry import ENGINES, Engine
from fraud_detection.rules.language import depends_on
from fraud_detection.rules.ruleset import RuleSet
from ml.domains.aml.features import AML
from ml.domains.credit.features import CREDIT
from ml.domains.insurance.features import INSURANCE
from ml.domains.market.features import MARKET
from ml.domains.payments.features import PAYMENTS
from ml.features.catalogue import document

FEATURE_SETS = (PAYMENTS, AML, CREDIT, INSURANCE, MARKET)


def feature_page() -> str:
    """Markdown of every feature set, from the definitions themselves."""
    return document(FEATURE_SETS, {each.name: readers(ENGINES[each.name]) for each in FEATURE_SETS})


def readers(engine: Engine) -> dict[str, list[str]]:
    """By feature: the rules of the engine's pack that read it, and "model" when the model does."""
    found: dict[str, list[str]] = {}
    for rule in RuleSet.build(engine.pack, engine.feature_set, engine.context).rules:
        read = depends_on(rule.logic.condition) | depends_on(rule.logic.requires) | set(rule.hit_names)
        for name in read:
            found.setdefault(name, []).append(rule.spec.code)
    for name in import_module(f"ml.domains.{engine.name}.training").model_features():
        found.setdefault(name, []).append("model")
    return found
