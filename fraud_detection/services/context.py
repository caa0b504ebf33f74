"""What rules read beside features: the event's own words, and what the lists say of its parties."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fraud_detection.engines.payments import PARTY_WORDS
from fraud_detection.services.lists import NOT_LISTED, ListsInUse, listed
from ml.definitions.event_fields import EventField, words_of

WORDS = ("currency", "merchant_category", "region", "sender_country", "receiver_country", "ip_country")
PARTIES = tuple(PARTY_WORDS)


def context_of(
    values: Mapping[str, Any],
    *,
    lists_in_use: ListsInUse | None,
    now: datetime,
    fields: tuple[EventField, ...] = (),
) -> dict[str, str | bool | None]:
    """The context of a parsed payment, by the names of the engine's CONTEXT and `on_allow_list`.

    `fields` are those that people declared; their texts are read too.
    """
    words = {name: values.get(name) for name in (*WORDS, *PARTIES)}
    domain = values["email"].rpartition("@")[2].lower() if "email" in values else None
    found = listed(values, now, lists_in_use.networks) if lists_in_use else NOT_LISTED
    declared = words_of(values.get("metadata"), fields)
    return {**words, "email_domain": domain, **declared, **found._asdict()}
