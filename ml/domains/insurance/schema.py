"""The insurance request: a claim's fields, and its form as integer columns."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from ml.domains.fields import Problem, RecordReader, RecordRefused
from ml.domains.insurance.days import first_moment, span
from ml.domains.moments import microseconds
from ml.domains.money import MINOR, amount_ln, minor
from ml.domains.readers import Context, Field
from ml.features.keys import entity_key
from ml.features.spec import NULL

CENT = 0.01
FIELDS = (
    Field("claim_id", "text", "The client's own id; idempotency key.", required=True, example="CLM-001"),
    Field("policy_id", "text", "Policy it is made on.", required=True, example="POL-9"),
    Field("claim_amount", "money", "What is claimed.", required=True, minimum=CENT, example="45000"),
    Field("estimated_value", "money", "Value as stated.", required=True, minimum=CENT, example="52000"),
    Field("claimant_id", "text", "Who claims; without it the policy stands for its holder."),
    Field("product", "text", "Line of business: motor, home, health ...", limit=64, example="motor"),
    Field("cover", "text", "Cover claimed on.", limit=64, example="collision"),
    Field("peril", "text", "What happened.", limit=64, example="collision"),
    Field("renewed", "flag", "The policy was renewed for its next term."),
    Field("address", "text", "The claimant's address.", limit=300),
    Field("loss_date", "past_day", "When the loss happened."),
    Field("reported_at", "past_day", "When it was reported; default: the moment it is decided."),
    Field("policy_inception", "day", "When the cover began."),
    Field("policy_end", "day", "When the cover ends."),
    Field("last_cover_increase", "day", "When the cover was last raised."),
    Field("cover_limit", "money", "The most the cover pays.", minimum=CENT),
    Field("market_value", "money", "Value by an independent source.", minimum=CENT),
    Field("provider_id", "text", "Garage, clinic, adjuster ... paid by the claim."),
    Field("phone", "text", "The claimant's phone number.", limit=32),
    Field("bank_account", "text", "Account to be paid.", limit=64),
    Field("device_id", "text", "Device the claim came from."),
    Field("object_id", "text", "What was damaged: plate, VIN, address.", limit=300),
    Field("document_hash", "text", "Hash of the document handed in."),
    Field("details_changed_at", "past_day", "When bank, address or phone were last changed."),
)
READER = RecordReader(FIELDS)
MONEY = {
    "amount_minor": "claim_amount",
    "estimated_minor": "estimated_value",
    "market_minor": "market_value",
    "limit_minor": "cover_limit",
}
# Named by the client's systems: the same id is the same thing.
IDS = {"policy": "policy_id", "provider": "provider_id", "device": "device_id"}
# Written by people: "+1 555-01 23" and "+15550123" are one phone.
WRITTEN = {
    "phone": "phone",
    "bank": "bank_account",
    "object": "object_id",
    "document": "document_hash",
    "peril": "peril",
    "cover": "cover",
}
WORDS = ("product", "cover", "peril")  # what rules read as texts
KEYS = tuple(f"{kind}_key" for kind in ("claimant", *IDS, *WRITTEN, "product"))
SPANS = ("after_inception", "after_increase", "before_end", "report_delay", "details_age")
CONTEXT = ("estimated_minor", "market_minor", "limit_minor", "is_renewed", *SPANS)
COLUMNS = ("occurred_at", "amount_minor", "amount_ln", *KEYS, *CONTEXT)


def parse(record: Mapping[str, Any], *, now: datetime, text: bool = False) -> dict[str, Any]:
    """Clean values of a claim; raises RecordRefused naming every problem, days out of order too.

    `occurred_at` stands beside them when it was said when the claim was reported. A report of today without
    a time comes in now: at midnight it would come before the claims that this day has already seen.
    """
    values = READER.read(record, Context(now, text))
    problems = list(_out_of_order(values))
    if problems:
        raise RecordRefused(problems)
    reported = values.get("reported_at")
    if isinstance(reported, datetime) or (reported is not None and reported < now.astimezone(UTC).date()):
        values["occurred_at"] = first_moment(reported)
    return values


def _out_of_order(values: Mapping[str, Any]) -> Iterable[Problem]:
    for earlier, later in (("loss_date", "reported_at"), ("policy_inception", "policy_end")):
        if earlier in values and later in values and span(values[later], values[earlier]) < 0:
            yield Problem(later, "before", f"lies before {earlier}")


def encode(values: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """The integer columns of parsed values, with those that the stored row alone has.

    Money is in hundredths, spans are microseconds; `moment` stands in for an absent reported_at.
    """
    columns: dict[str, Any] = {name: _minor(values.get(field)) for name, field in MONEY.items()}
    columns["amount_ln"] = amount_ln(columns["amount_minor"])
    columns["is_renewed"] = int(values["renewed"]) if "renewed" in values else None
    columns["loss_has_time"] = isinstance(values.get("loss_date"), datetime)
    return columns | _keys(values) | _spans(values, values.get("reported_at", moment))


def _keys(values: Mapping[str, Any]) -> dict[str, int | None]:
    claimant = values.get("claimant_id")
    who = ("claimant", claimant) if claimant else ("policy", values["policy_id"])
    keys: dict[str, int | None] = {"claimant_key": entity_key(*who)}
    for kind, field in IDS.items():
        keys[f"{kind}_key"] = entity_key(kind, values[field]) if field in values else None
    for kind, field in WRITTEN.items():
        keys[f"{kind}_key"] = entity_key(kind, plain(values[field])) if field in values else None
    keys["product_key"] = entity_key("product", plain(values.get("product", "")))
    return keys


def _spans(values: Mapping[str, Any], reported: date | datetime) -> dict[str, int | None]:
    loss = values.get("loss_date")
    increase = values.get("last_cover_increase")
    if increase is not None and span(increase, reported) > 0:
        increase = None  # nobody who reported could know of it
    return {
        "after_inception": _between(loss, values.get("policy_inception")),
        "after_increase": _between(loss, increase),
        "before_end": _between(values.get("policy_end"), loss),
        "report_delay": _between(reported, loss),
        "details_age": _between(reported, values.get("details_changed_at")),
    }


def _between(later: date | datetime | None, earlier: date | datetime | None) -> int | None:
    return None if later is None or earlier is None else span(later, earlier)


def plain(text: str) -> str:
    """A text that people write in many ways, in one: letters and digits in lower case, if it has any."""
    return "".join(char for char in text.casefold() if char.isalnum()) or text


def _minor(amount: Decimal | None) -> int | None:
    return None if amount is None else minor(amount * MINOR)


def columns(claims: Iterable[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Columns of many parsed claims as int64 arrays, missing as NULL, ids 1..n in the given order.

    Every claim needs reported_at.
    """
    rows = [
        encode(claim, claim["occurred_at"]) | {"occurred_at": microseconds(claim["occurred_at"])}
        for claim in claims
    ]
    arrays = {
        name: np.array([NULL if row[name] is None else row[name] for row in rows], np.int64)
        for name in COLUMNS
    }
    arrays["id"] = np.arange(1, len(rows) + 1, dtype=np.int64)
    return arrays
