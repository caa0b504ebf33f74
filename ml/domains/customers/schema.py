"""The customer record: profile, attributes that a model may read, and what is never taken in."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ml.domains.fields import Problem, RecordReader, RecordRefused
from ml.domains.readers import Context, Field

EMPLOYMENT = ("employed", "self_employed", "part_time", "unemployed", "retired")
HOUSING = ("owner", "mortgage", "tenant", "family")
LABELS = ("is_fraud", "isFraud", "label")  # the answer, never an input
PROFILE = (
    Field(
        "customer_id",
        "text",
        "The customer's id, the one that events name.",
        required=True,
        example="U000017",
    ),
    Field("name", "text", "Name.", limit=200, example="Maya Ricci"),
    Field("email", "email", "E-mail address."),
    Field("home_country", "country", "ISO 3166 code of the home country.", example="US"),
    Field("time_zone", "text", "Name of a time zone.", limit=64, example="Europe/Lisbon"),
    Field("segment", "text", "Any word that people sort customers by.", limit=64),
)


def _money(name: str, help: str, example: str | None = None) -> Field:
    return Field(name, "money", help, minimum=0, example=example)


def _whole(name: str, help: str, maximum: float, example: int | None = None) -> Field:
    return Field(name, "whole", help, minimum=0, maximum=maximum, example=example)


ATTRIBUTES = (
    Field("age", "whole", "Age, years.", minimum=16, maximum=120, example=41),
    _whole("dependants", "Dependants.", 20, 1),
    Field("region", "text", "Region, for people; no model reads it.", limit=64),
    Field("employment", "choice", "Employment.", choices=EMPLOYMENT, example="employed"),
    _whole("employment_months", "Months in the present employment.", 900, 30),
    Field("housing", "choice", "Housing.", choices=HOUSING, example="tenant"),
    _money("monthly_income", "Income a month.", "2400.00"),
    _whole("tenure_months", "Months as a customer.", 1_200, 52),
    _money("credit_limit", "Credit limit.", "3000.00"),
    _money("card_balance", "Balance owed on cards.", "2100.00"),
    _whole("open_loans", "Open loans.", 100, 2),
    _money("total_debt", "Debts in all.", "9100.00"),
    _money("monthly_debt_payment", "Payments on debts a month.", "640.00"),
    _whole("late_payments_24m", "Late payments in 24 months.", 1_000, 4),
    _whole("worst_delay_days", "Longest delay of a payment, days.", 3_650, 38),
    _whole("previous_defaults", "Earlier defaults.", 100, 0),
    _whole("inquiries_6m", "Credit inquiries in 6 months.", 1_000, 3),
    _whole("address_changes_24m", "Changes of address in 24 months.", 100, 1),
    _money("savings", "Savings.", "150.00"),
    _whole("transactions_month", "Transactions a month.", 100_000, 28),
    Field("cash_withdrawal_share", "number", "Share of cash withdrawals.", minimum=0, maximum=1, example=0.2),
    _whole("overdraft_days_90d", "Days in overdraft of 90.", 90, 11),
    _whole("returned_debits_12m", "Returned direct debits in 12 months.", 1_000, 1),
    _whole("app_logins_month", "Log-ins to the app a month.", 100_000, 9),
)
DEMOGRAPHIC = ("age", "dependants")  # read only where policy allows it
FIELDS = (*PROFILE, *ATTRIBUTES)
PROFILE_NAMES = tuple(field.name for field in PROFILE)
ATTRIBUTE_NAMES = tuple(field.name for field in ATTRIBUTES)
READER = RecordReader(FIELDS)
POSTED = RecordReader(tuple(replace(field, required=False) for field in FIELDS))
PROHIBITED = {
    "sex": "sex",
    "gender": "sex",
    "pronoun": "sex",
    "pregnant": "sex",
    "race": "race",
    "racial": "race",
    "ethnicity": "race",
    "ethnic": "race",
    "skin": "race",
    "religion": "religion",
    "religious": "religion",
    "faith": "religion",
    "marital": "marital status",
    "married": "marital status",
    "divorced": "marital status",
    "spouse": "marital status",
    "nationality": "national origin",
    "citizenship": "national origin",
    "foreign": "national origin",
    "birthplace": "national origin",
    "postcode": "a proxy of race",
    "postal": "a proxy of race",
    "zip": "a proxy of race",
    "zipcode": "a proxy of race",
}


def prohibited_basis(name: str) -> str | None:
    """The prohibited basis that a column's name speaks of: personal_status_sex, maritalStatus, ZIP code."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", str(name)[:128])
    lower = [word.lower() for word in words]
    if lower[:2] == ["personal", "status"]:
        return "marital status"
    return next((PROHIBITED[word] for word in lower if word in PROHIBITED), None)


def not_taken_in(names: Iterable[str], allowed: Collection[str]) -> dict[str, str]:
    """The names whose values must not be read, each with the reason; `allowed` are demographics."""
    reasons = {}
    for name in names:
        if name in ATTRIBUTE_NAMES or name in PROFILE_NAMES:
            if name in DEMOGRAPHIC and name not in allowed:
                reasons[name] = "is a demographic that CUSTOMER_DEMOGRAPHICS does not allow"
        elif basis := prohibited_basis(name):
            reasons[name] = f"speaks of {basis}: a prohibited basis is never taken in"
    return reasons


def read_posted(record: Any, *, now: datetime, allowed: Collection[str]) -> dict[str, Any]:
    """Clean values of a customer that was sent as JSON; raises RecordRefused naming every problem."""
    if not isinstance(record, Mapping):
        return POSTED.read(record, Context(now))
    refused = not_taken_in(record, allowed)
    problems = [Problem(name, "not_taken_in", reason) for name, reason in refused.items()]
    try:
        values = POSTED.read({name: v for name, v in record.items() if name not in refused}, Context(now))
    except RecordRefused as other:
        raise RecordRefused([*problems, *other.problems]) from None
    if problems:
        raise RecordRefused(problems)
    return values


def attributes_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes among clean values, as JSON holds them."""
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
        if name not in PROFILE_NAMES
    }
