"""The payments feature set: what its rules, models and people read."""

from ml.domains import movement, pass_through, profile
from ml.domains.payments import entity_features, event_features, flow_features, sender_features
from ml.domains.payments.history import DECLINED, ENTITIES, PRIMITIVES, RATED, STREAMS
from ml.features.spec import FeatureSet

PAYMENTS = FeatureSet(
    name="payments",
    streams=STREAMS,
    primitives=PRIMITIVES,
    features=(
        *movement.features(),
        *event_features.event_features(),
        *event_features.balance_features(),
        *(f for entity in ENTITIES for f in entity_features.activity_features(entity)),
        *profile.features(),
        *sender_features.baseline_features(),
        *entity_features.card_testing_features(),
        *sender_features.location_features(),
        *pass_through.features(),
        *flow_features.receiver_features(),
        *(f for entity in RATED for f in entity_features.fraud_rate_features(entity)),
        *(f for entity in DECLINED for f in entity_features.decline_features(entity)),
        *movement.texts(),
    ),
)
