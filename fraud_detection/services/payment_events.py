"""A payment on its way in: parsed, fingerprinted, and turned into the row that is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from fraud_detection.services.card_numbers import masked_refusal, masked_values, print_of
from ml.definitions.event_fields import EventField, columns_of, read_fields, split
from ml.domains.fields import Problem, RecordRefused
from ml.domains.payments import schema
from ml.domains.readers import MONEY_LIMIT, Context
from ml.features.keys import country_code, entity_key
from transactions.fx import NoRate, rate_between
from users.models import ClientSystem

GIVEN_COUNTRIES = ("sender_country", "receiver_country", "ip_country")
MONEY = ("amount", *schema.BALANCES.values())


@dataclass(frozen=True)
class Request:
    """A parsed payment of a client system; `digest` tells whether two bodies say the same.

    `given` names the values that were sent, not filled in; `fields` are those that people declared.
    """

    values: dict[str, Any]
    digest: bytes
    client_id: int
    given: frozenset[str] = frozenset()
    fields: tuple[EventField, ...] = ()

    @property
    def transaction_id(self) -> str:
        return self.values["transaction_id"]

    @property
    def customer(self) -> str:
        return self.values["user_id"]


def read_request(
    record: Mapping[str, Any],
    *,
    client: ClientSystem,
    text: bool = False,
    fields: tuple[EventField, ...] = (),
) -> Request:
    """Parse a record; raises RecordRefused, for a currency without a rate too.

    Declared `fields` may stand in `metadata` or beside it; they are kept in the metadata.
    """
    try:
        values = _parsed(record, text, fields)
    except RecordRefused as refused:
        raise masked_refusal(refused) from None
    told = print_of(record)
    if told.suspect:
        values = masked_values(values, schema.FIELDS, "transaction_id")
    currency = values.setdefault("currency", settings.REPORTING_CURRENCY)
    moment = values.get("occurred_at") or datetime.now(UTC)
    try:
        factor = rate(currency, moment.astimezone(UTC).date())
    except NoRate as missing:
        raise RecordRefused([Problem("currency", "no_rate", str(missing))]) from None
    too_large = [name for name in MONEY if name in values and abs(values[name]) * factor >= MONEY_LIMIT]
    if too_large:
        detail = f"must be below {MONEY_LIMIT:,} in {settings.REPORTING_CURRENCY}"
        raise RecordRefused([Problem(name, "too_large", detail) for name in too_large])
    given = schema.given(record) & values.keys()
    if any(field.name in record for field in fields):
        given |= {"metadata"} & values.keys()
    return Request(values, told.digest, client.pk, given, fields)


def _parsed(record: Mapping[str, Any], text: bool, fields: tuple[EventField, ...]) -> dict[str, Any]:
    now, own, problems = datetime.now(UTC), {}, []
    if fields and isinstance(record, Mapping):
        record, own = split(record, fields)
    values: dict[str, Any] = {}
    try:
        values = schema.parse(record, now=now, text=text, paysim_start=settings.PAYSIM_START)
    except RecordRefused as refused:
        problems += refused.problems
    if fields:
        try:
            metadata = read_fields(values.get("metadata"), own, fields, Context(now, text))
        except RecordRefused as refused:
            problems += refused.problems
        else:
            values |= {"metadata": metadata} if metadata is not None else {}
    if problems:
        raise RecordRefused(problems)
    return values


def rate(currency: str, day: date) -> Decimal:
    """Price of one unit of `currency` in the reporting currency on that day."""
    if currency == settings.REPORTING_CURRENCY:
        return Decimal(1)
    return rate_between(currency, settings.REPORTING_CURRENCY, day)


def accounts_of(values: Mapping[str, Any]) -> list[int]:
    """What a payment locks: sender, card, device, and the receiver unless it is a merchant."""
    locked = [("account", values["sender_id"])]
    if "merchant_id" not in values:
        locked.append(("account", values["receiver_id"]))
    locked += [
        (kind, values[name])
        for kind, name in (("card", "card_token"), ("device", "device_id"))
        if name in values
    ]
    return [entity_key(kind, text) for kind, text in locked]


def subjects_of(values: Mapping[str, Any]) -> dict[str, str | None]:
    """Whom a hit can be about, by the subject kinds of rules."""
    return {
        "customer": values["user_id"],
        "sender": values["sender_id"],
        "receiver": values["receiver_id"],
        "card": values.get("card_token"),
        "device": values.get("device_id"),
        "ip": values.get("ip_address"),
        "merchant": values.get("merchant_id"),
    }


def moment_of(values: Mapping[str, Any], now: datetime, time_zone: str | None) -> datetime:
    """When it happened, at the offset that tells the local hour: as sent, else the customer's zone."""
    return values.get("occurred_at") or now.astimezone(ZoneInfo(time_zone or settings.TIME_ZONE))


def home_country(values: Mapping[str, Any], known: str | None) -> str:
    """A customer's home: as recorded, else the country given for its side, else where it was first seen."""
    return known or values.get(f"{customer_side(values)}_country") or values.get("country", "")


def customer_side(values: Mapping[str, Any]) -> str:
    """The side of the payment on which its customer stands."""
    return "receiver" if values["user_id"] == values["receiver_id"] else "sender"


def event_row(
    request: Request, *, event_id: int, now: datetime, moment: datetime, home: str
) -> dict[str, Any]:
    """The stored row but for `customer_id`, with the integer columns that features read."""
    values = request.values
    metadata = values.get("metadata")
    return {
        **values,
        **columns_of(metadata, request.fields),
        **schema.encode(values, rate=rate, reporting_currency=settings.REPORTING_CURRENCY, moment=moment),
        "id": event_id,
        "client_id": request.client_id,
        "body_digest": request.digest,
        "occurred_at": moment,
        "received_at": now,
        "metadata": json.dumps(metadata) if metadata is not None else None,
        "home_country_code": country_code(home) if home else None,
        **{f"{name}_code": country_code(values[name]) for name in GIVEN_COUNTRIES if name in values},
    }
