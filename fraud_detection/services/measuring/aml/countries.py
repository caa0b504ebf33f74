"""Countries of an event that the lists of the policy in force name."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from fraud_detection.models import EngineState, PolicyVersion
from ml.features.columns import EVENT_TABLE
from ml.features.keys import country_text
from ml.features.spec import BOUND

PLACES = ("country", "sender_country", "receiver_country", "ip_country")
PERIOD = timedelta(days=30)
NAMES = ("country.list", "country.black", "country.grey", "country.grey_sum.30d")

_KNOWN_BEFORE = f"""
    select c.created_at < e.received_at
        or exists (select from {EVENT_TABLE} o where o.customer_id = c.id and o.id < e.id)
    from {EVENT_TABLE} e join users_customer c on c.id = e.customer_id where e.id = %s
"""


def measured_countries(event: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, int | None]:
    """The measures `country.*`; all missing when the event names no country, or the policy has no lists."""
    lists, given = settings.get("countries"), _given(event)
    if not lists or not given:
        return dict.fromkeys(NAMES)
    grey = watched(lists, event)
    black, seen = given & set(lists["black"]), given & grey
    total = _earlier_sum(event, sorted(grey)) + event["amount_minor"] if seen else 0
    return dict(zip(NAMES, (lists["version"], len(black), len(seen), total), strict=True))


def watched(lists: Mapping[str, Any], event: Mapping[str, Any]) -> set[str]:
    """The grey list without the customer's home; where this very event takes place makes no home of it."""
    code = event.get("home_country_code")
    home = country_text(code) if code else None
    grey = set(lists["grey"])
    return (
        grey - {home} if home in grey and (event.get("country") != home or _was_home(event, home)) else grey
    )


def _was_home(event: Mapping[str, Any], home: str) -> bool:
    """The event names it for its customer's side, or the customer was known before the event."""
    side = "receiver" if event["user_id"] == event["receiver_id"] else "sender"
    if event.get(f"{side}_country") == home:
        return True
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_BEFORE, (event["id"],))
        found = cursor.fetchone()
    return found is not None and found[0]


def found_countries(event: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Which country stands where, on which list, and where that list comes from."""
    lists = _lists(metadata["country_list"])
    grey = watched(lists, event)
    named = [
        {"place": place, "country": country, "list": "black" if country in lists["black"] else "grey"}
        for place in PLACES
        if (country := event.get(place)) and (country in lists["black"] or country in grey)
    ]
    return {"countries": named, "list": {name: lists[name] for name in ("version", "source", "date")}}


def _given(event: Mapping[str, Any]) -> set[str]:
    return {event[place] for place in PLACES if event.get(place)}


def _lists(version: float) -> Mapping[str, Any]:
    """The lists of that version: those in force if it is theirs, else the newest."""
    policies = PolicyVersion.objects.filter(engine="aml", settings__countries__version=int(version))
    in_force = Exists(EngineState.objects.filter(policy=OuterRef("pk")))
    return policies.order_by(in_force.desc(), "-number").first().settings["countries"]


def _earlier_sum(event: Mapping[str, Any], countries: list[str]) -> int:
    """What the sender moved before this event in the period, with any of these countries."""
    named = " or ".join(f"{place} = any(%(countries)s)" for place in PLACES)
    query = f"""
        select coalesce(sum(amount_minor), 0)::bigint from (
            select amount_minor, {", ".join(PLACES)} from {EVENT_TABLE}
            where sender_key = %(sender)s and (occurred_at, id) < (%(at)s, %(id)s) and id < %(id)s
              and occurred_at > %(since)s and (superseded_by_id is null or superseded_by_id > %(id)s)
            order by occurred_at desc, id desc limit {BOUND - 1}
        ) newest
        where {named}
    """
    arguments = {
        "sender": event["sender_key"],
        "at": event["occurred_at"],
        "id": event["id"],
        "since": event["occurred_at"] - PERIOD,
        "countries": countries,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return cursor.fetchone()[0]
