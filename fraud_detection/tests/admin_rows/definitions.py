"""A defined feature and a declared field."""

from fraud_detection.services.feature_definitions import declare_field, new_definition


def make(user) -> None:
    declare_field(name="basket", kind="number", unit="items", meaning="Items in it.", acting_user=user)
    spec = {"entity": "sender", "aggregate": "count", "window": "24h"}
    new_definition(engine="payments", name="sent_today", spec=spec, acting_user=user)
