"""The aml feature set: what its rules, models and people read."""

from ml.domains import movement, pass_through, profile
from ml.domains.aml import account_features, flow_features
from ml.domains.aml.history import PRIMITIVES, SIDES, STREAMS
from ml.features.spec import FeatureSet

AML = FeatureSet(
    name="aml",
    streams=STREAMS,
    primitives=PRIMITIVES,
    features=(
        *movement.features(),
        *flow_features.event_features(),
        *(f for side in SIDES for f in account_features.activity_features(side)),
        *flow_features.structuring_features(),
        *flow_features.smurfing_features(),
        *pass_through.features(),
        *flow_features.funnel_features(),
        *(f for side in SIDES for f in account_features.fan_features(side)),
        *(f for side in SIDES for f in account_features.dormancy_features(side)),
        *profile.features(),
        *account_features.habit_features(),
        *movement.texts(),
        movement.country("sender_country", "The sender's country", "sender_country_code"),
        movement.country("receiver_country", "The receiver's country", "receiver_country_code"),
        movement.country("ip_country", "Country of the IP address", "ip_country_code"),
    ),
)
