"""The aml feature set: what its rules, models and people read."""

from functools import lru_cache

from ml.domains import movement, pass_through, profile
from ml.domains.aml import account_features, flow_features, measured_features
from ml.domains.aml.history import SIDES, STREAMS, Limits, primitives
from ml.features.spec import FeatureSet


@lru_cache
def aml_features(threshold: int = Limits().threshold) -> FeatureSet:
    """The features under a reporting threshold, in minor units; another one makes another version."""
    limits = Limits(threshold)
    return FeatureSet(
        name="aml",
        streams=STREAMS,
        primitives=primitives(limits),
        measures=measured_features.MEASURES,
        features=(
            *movement.features(),
            *flow_features.event_features(limits),
            *(f for side in SIDES for f in account_features.activity_features(side)),
            *flow_features.structuring_features(limits),
            *flow_features.smurfing_features(limits),
            *pass_through.features(),
            *flow_features.dwell_features(),
            *flow_features.funnel_features(limits),
            *(f for side in SIDES for f in account_features.fan_features(side)),
            *(f for side in SIDES for f in account_features.dormancy_features(side)),
            *profile.features(),
            *account_features.habit_features(limits),
            *measured_features.country_features(),
            *measured_features.round_trip_features(),
            *movement.texts(),
            movement.country("sender_country", "The sender's country", "sender_country_code"),
            movement.country("receiver_country", "The receiver's country", "receiver_country_code"),
            movement.country("ip_country", "Country of the IP address", "ip_country_code"),
        ),
    )


AML = aml_features()
