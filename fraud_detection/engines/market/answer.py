"""What a market client is told."""

from collections.abc import Mapping
from typing import Any

OWN_WORDS = {"transaction_id": "event_id", "risk_score": "manipulation_risk"}
UNKNOWN_ORDER = "order {order_id} of {trader_id} in {symbol} is not stored: nothing could be compared with it"


def respond(body: Mapping[str, Any], event: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, Any]:
    """The common decision in this engine's words, with the event and what could not be said."""
    common = {OWN_WORDS.get(name, name): value for name, value in body.items()}
    unknown = details["texts"].get("order_reference") == "unknown"
    return common | {
        "symbol": event["symbol"],
        "trader_id": event["trader_id"],
        "event": event["event"],
        "price": plain(event["price"]),
        "volume": plain(event["volume"]),
        "alerts": [_alert(hit) for hit in body["alerts"]],
        "not_evaluable": details["not_evaluable"],
        "insufficient_data": details["insufficient"],
        "notes": [UNKNOWN_ORDER.format_map(event)] if unknown else [],
    }


def _alert(hit: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **hit,
        "alert_type": hit["rule"].lower().replace(" ", "_"),
        "evidence": _evidence(hit["metadata"]),
    }


def _evidence(metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Values first, then thresholds, the window, and the events."""
    apart = ("thresholds", "window", "events", "flagged")
    found = [
        {"kind": "value", "name": name, "value": value}
        for name, value in metadata.items()
        if name not in apart and value is not None
    ]
    found += [
        {"kind": "threshold", "name": name, "value": value}
        for name, value in metadata.get("thresholds", {}).items()
    ]
    if "window" in metadata:
        found.append({"kind": "window", **metadata["window"]})
    return found + [{"kind": "event", "id": event} for event in metadata.get("events", ())]


def plain(number: float) -> float | int:
    """12000 as it was sent, not 12000.0."""
    return int(number) if float(number).is_integer() else float(number)
