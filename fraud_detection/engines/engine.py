"""What an engine is: a frozen value, the serving half of a domain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fraud_detection.policy import Verdict
from fraud_detection.rules.spec import RuleSpec
from ml.definitions.event_fields import EventField
from ml.features.spec import FeatureSet

Fields = Mapping[str, Any]


def _as_decided(body: Fields, event: Fields, details: Fields) -> dict[str, Any]:
    return dict(body)


@dataclass(frozen=True)
class Engine:
    """A domain's serving half: its features, its rule pack, its policy and how it answers.

    context   values that rules read beside the features: name -> (kind, unit)
    fields    what clients may send beyond the request's own fields
    settings  what its first policy version holds beside thresholds, say country lists
    check_settings  raises ValueError for settings of a policy that do not hold
    judge     how evidence becomes a verdict, when not as fraud_detection.policy.judge does; it takes the
              same arguments and `values`, the features by name (missing is None)
    respond   (common decision body, the event's fields as sent, the verdict's details) -> the answer
    own_rule  (code, family) of a suspicion that no rule explains
    link      column of the assessment that names its event
    id_field  the client's own id of the event
    one_alert  the hits of an event open one alert together, under the gravest; else one a family and subject
    """

    name: str
    feature_set: FeatureSet
    pack: tuple[RuleSpec, ...]
    context: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    review_from: float = 60.0
    decline_from: float = 85.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    check_settings: Callable[[Fields], None] = lambda settings: None
    judge: Callable[..., Verdict] | None = None
    respond: Callable[[Fields, Fields, Fields], dict[str, Any]] = _as_decided
    own_rule: tuple[str, str] = ("MODEL_SCORE", "model")
    link: str = "transaction_id"
    id_field: str = "transaction_id"
    one_alert: bool = False
    fields: tuple[EventField, ...] = ()
