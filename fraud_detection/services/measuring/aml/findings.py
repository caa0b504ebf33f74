"""What the hits of the aml rules rest on, found once there is a hit: lists, flows, graphs and paths."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from fraud_detection.services.measuring.aml.movements import (
    MOST,
    RECEIVED,
    SENT,
    grouped,
    moment,
    money,
    movements,
    shown,
)
from fraud_detection.services.measuring.aml.round_trips import IN_REQUEST, Reach, round_trip
from ml.domains.codes import CASH_IN, OUTGOING
from ml.domains.money import MINOR
from ml.features.columns import EVENT_TABLE
from ml.features.keys import entity_key

DAY, WEEK, QUARTER = timedelta(days=1), timedelta(days=7), timedelta(days=90)
TWO_DAYS, THREE_DAYS = timedelta(days=2), timedelta(days=3)
Event = Mapping[str, Any]


def structuring(event: Event, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The amounts just below T, and how far below."""
    threshold = settings.REPORTING_THRESHOLD * MINOR
    near = [
        row
        for row in movements(event, SENT, event["sender_key"], DAY)
        if threshold * 8 // 10 <= row["amount_minor"] < threshold
    ]
    return {
        "num_transactions": len(near),
        "total_amount": money(sum(row["amount_minor"] for row in near)),
        "reporting_threshold": money(threshold),
        "distances": [money(threshold - row["amount_minor"]) for row in near[:MOST]],
        "transactions": [shown(row) for row in near[:MOST]],
    }


def smurfing(event: Event, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Who sent the small credits, and how much each."""
    near = settings.REPORTING_THRESHOLD * MINOR * 8 // 10
    small = [
        row for row in movements(event, RECEIVED, event["receiver_key"], WEEK) if row["amount_minor"] < near
    ]
    return {
        "num_transactions": len(small),
        "total_amount": money(sum(row["amount_minor"] for row in small)),
        "senders": grouped(small, "sender_id"),
    }


def rapid_movement(event: Event, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """From whom it came, to whom it went, and how long it stayed."""
    sent = movements(event, SENT, event["sender_key"], TWO_DAYS)
    received = movements(event, RECEIVED, event["sender_key"], TWO_DAYS)
    credits = [row for row in received if row["type"] != CASH_IN]
    deposits = [row for row in sent if row["type"] == CASH_IN]
    debits = [row for row in sent if row["type"] in OUTGOING]
    return {
        "account": event["sender_id"],
        "in": grouped([*credits, *({**row, "sender_id": "cash"} for row in deposits)], "sender_id"),
        "out": grouped(debits, "receiver_id"),
        "dwell_hours": metadata["sender_dwell_hours_48h"],
        "events": _ids([*sent, *credits]),
    }


def funnel(event: Event, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The regions it was gathered from, and where it left."""
    threshold = settings.REPORTING_THRESHOLD * MINOR
    credits = [
        row
        for row in movements(event, RECEIVED, event["sender_key"], WEEK)
        if row["type"] != CASH_IN and row["amount_minor"] < threshold
    ]
    debits = [
        row for row in movements(event, SENT, event["sender_key"], THREE_DAYS) if row["type"] in OUTGOING
    ]
    return {
        "account": event["sender_id"],
        "regions_in": grouped(credits, "region"),
        "regions_out": grouped(debits, "region"),
        "transactions": [shown(row) for row in [*debits, *credits][:MOST]],
        "events": _ids([*debits, *credits]),
    }


def fan_in(event: Event, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The account and all that sent to it within the day."""
    return _ego(event, RECEIVED, "receiver_id", "sender_id")


def fan_out(event: Event, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The account and all that it sent to within the day."""
    return _ego(event, SENT, "sender_id", "receiver_id")


def _ego(event: Event, side: str, own: str, other: str) -> dict[str, Any]:
    today = movements(event, side, event[side], DAY)
    neighbours = grouped(today, other)
    known = _known_before(event, side, [group["name"] for group in neighbours])
    return {
        "account": event[own],
        "direction": "in" if side == RECEIVED else "out",
        "neighbours": [group | {"new": group["name"] not in known} for group in neighbours],
        "not_listed": len({row[other] for row in today}) - len(neighbours),
    }


def _known_before(event: Event, side: str, others: list[str]) -> set[str]:
    """Those of the counterparties with a movement in the 90 days up to a day ago."""
    other = SENT if side == RECEIVED else RECEIVED
    query = f"""
        select o.name from unnest(%s::text[], %s::bigint[]) as o(name, key)
        where exists (
            select from {EVENT_TABLE}
            where {side} = %s and {other} = o.key and occurred_at > %s and occurred_at <= %s and id < %s
              and (superseded_by_id is null or superseded_by_id > %s)
        )
    """
    at, number = event["occurred_at"], event["id"]
    keys = [entity_key("account", name) for name in others]
    with connection.cursor() as cursor:
        cursor.execute(query, (others, keys, event[side], at - QUARTER, at - DAY, number, number))
        return {row[0] for row in cursor.fetchall()}


def round_trip_path(event: Event, metadata: Mapping[str, Any], reach: Reach = IN_REQUEST) -> dict[str, Any]:
    """Hop after hop, this event the last; the same search finds the same path."""
    ids = [edge.id for edge in round_trip(event, reach).path]
    query = f"""
        select transaction_id, sender_id, receiver_id, amount_minor, occurred_at
        from {EVENT_TABLE} where id = any(%s) order by occurred_at, id
    """
    names = ("transaction_id", "from", "to", "amount", "at")
    with connection.cursor() as cursor:
        cursor.execute(query, ([*ids, event["id"]],))
        rows = [(*row[:3], money(row[3]), moment(row[4])) for row in cursor.fetchall()]
    path = [dict(zip(names, row, strict=True)) for row in rows]
    return {"path": path, "events": [hop["transaction_id"] for hop in path]}


def dormancy(event: Event, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Which account rested, and until when."""
    least = metadata["thresholds"]["min_gap_days"]
    rested = [
        {"account": event[f"{side}_id"], "side": side, "rested_days": round(metadata[f"{side}_gap_days"], 2)}
        for side in ("sender", "receiver")
        if (metadata[f"{side}_gap_days"] or 0) >= least
    ]
    key = event[f"{rested[0]['side']}_key"]
    moved = [*movements(event, SENT, key, WEEK), *movements(event, RECEIVED, key, WEEK)]
    return {"rested": rested, "events": _ids(moved)}


def round_amounts(event: Event, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The round amounts, in the currency in which they are round."""
    step = settings.REPORTING_THRESHOLD * MINOR // 10
    rows = [
        row
        for row in movements(event, SENT, event["sender_key"], WEEK)
        if row["original_minor"] > 0 and row["original_minor"] % step == 0
    ]
    return {
        "amounts": [
            {
                "transaction_id": row["transaction_id"],
                "amount": money(row["original_minor"]),
                "currency": row["currency"],
                "at": moment(row["occurred_at"]),
            }
            for row in rows[:MOST]
        ]
    }


def _ids(rows: list[dict[str, Any]]) -> list[str]:
    """Of at most MOST movements, the newest first."""
    newest = sorted(rows, key=lambda row: row["occurred_at"], reverse=True)
    return [row["transaction_id"] for row in newest[:MOST]]
