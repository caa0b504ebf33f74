"""The engines by name. An engine is a frozen value: what it computes and with what rules it starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fraud_detection.engines import payments
from fraud_detection.rules.spec import RuleSpec
from ml.domains.payments.features import PAYMENTS
from ml.features.spec import FeatureSet


@dataclass(frozen=True)
class Engine:
    """A domain's serving half: its features, its rule pack, and its default thresholds (0-100).

    `context` names values that rules read beside the features: name -> (kind, unit).
    """

    name: str
    feature_set: FeatureSet
    pack: tuple[RuleSpec, ...]
    context: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    review_from: float = 60.0
    decline_from: float = 85.0


_ALL = (Engine("payments", PAYMENTS, payments.RULES, payments.CONTEXT),)
ENGINES: dict[str, Engine] = {engine.name: engine for engine in _ALL}
