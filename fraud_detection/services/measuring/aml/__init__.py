"""What the aml engine asks of stored transactions beside its features."""

from collections.abc import Mapping
from typing import Any

from fraud_detection.services.measuring.aml import findings
from fraud_detection.services.measuring.aml.countries import found_countries, measured_countries
from fraud_detection.services.measuring.aml.deeper import ask_deeper
from fraud_detection.services.measuring.aml.round_trips import IN_REQUEST, Reach, round_trip
from ml.domains.moments import microseconds


def measured(event: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, int | None]:
    """The measures of the aml feature set for a stored transaction."""
    trip = measured_trip(event, IN_REQUEST)
    if trip["trip.cut"]:
        ask_deeper(event["id"])
    return measured_countries(event, settings) | trip


def measured_trip(event: Mapping[str, Any], reach: Reach) -> dict[str, int | None]:
    """The measures `trip.*` by a search of this reach; without a round trip all but two are missing."""
    trip = round_trip(event, reach)
    none = {"trip.hops": 0, "trip.start": None, "trip.lowest": None, "trip.lasted": None}
    if not trip.hops:
        return none | {"trip.cut": int(trip.cut)}
    first = trip.path[0]
    return {
        "trip.hops": trip.hops,
        "trip.start": first.amount,
        "trip.lowest": trip.lowest(event["amount_minor"]),
        "trip.lasted": microseconds(event["occurred_at"]) - first.at,
        "trip.cut": 0,
    }


FOUND = {
    "StructuringRule": findings.structuring,
    "SmurfingRule": findings.smurfing,
    "RapidMovementRule": findings.rapid_movement,
    "FunnelAccountRule": findings.funnel,
    "FanInRule": findings.fan_in,
    "FanOutRule": findings.fan_out,
    "RoundTripRule": findings.round_trip_path,
    "DormantAccountRule": findings.dormancy,
    "HighRiskGeographyRule": found_countries,
    "RoundAmountsRule": findings.round_amounts,
}
