"""What rules read beside features: the event's own words, and what the lists say of its parties."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fraud_detection.services.lists import NOT_LISTED, listed

WORDS = ("currency", "merchant_category", "region", "sender_country", "receiver_country", "ip_country")


def context_of(
    values: Mapping[str, Any], *, lists_in_use: bool, now: datetime
) -> dict[str, str | bool | None]:
    """The context of a parsed payment, by the names of the engine's CONTEXT and `on_allow_list`."""
    words = {name: values.get(name) for name in WORDS}
    domain = values["email"].rpartition("@")[2].lower() if "email" in values else None
    found = listed(values, now) if lists_in_use else NOT_LISTED
    return {**words, "email_domain": domain, **found._asdict()}
