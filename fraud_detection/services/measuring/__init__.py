"""What only a domain can ask its history: measures that enter features, findings that explain hits.

MEASURES   engine -> measure(event, settings), integers by the names of the feature set's measures
FINDINGS   (engine, rule) -> find(event, metadata), what joins the metadata of a hit, after the hit

`event` is the stored row with its id; `settings` are those of the policy in force. Both run inside the
decision's transaction, and must be bounded.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fraud_detection.services.measuring import aml, insurance, market

Event = Mapping[str, Any]
Measure = Callable[[Event, Mapping[str, Any]], dict[str, int | None]]
Finding = Callable[[Event, Mapping[str, Any]], dict[str, Any]]

MEASURES: dict[str, Measure] = {
    "aml": aml.measured,
    "insurance": insurance.measured,
    "market": market.measured,
}
_FOUND = {"aml": aml.FOUND, "insurance": insurance.FOUND, "market": market.FOUND}
FINDINGS: dict[tuple[str, str], Finding] = {
    (engine, rule): find for engine, found in _FOUND.items() for rule, find in found.items()
}
