"""The credit request: its fields, and its form as integer columns."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ml.domains.fields import Problem, RecordReader, RecordRefused
from ml.domains.money import MINOR, minor
from ml.domains.readers import Context, Field
from ml.features.keys import entity_key

MONTHS, COUNT = 1_200, 10_000  # a hundred years; more than anybody has of anything
FIELDS = (
    Field("application_id", "text", "The client's own id; idempotency key."),
    Field("applicant_id", "text", "Who applies.", required=True, example="USER-101"),
    Field("monthly_income", "money", "Stated, before tax.", required=True, minimum=0, example="4200"),
    Field(
        "employment_length", "whole", "Months employed.", required=True, minimum=0, maximum=MONTHS, example=24
    ),
    Field("requested_amount", "money", "Credit asked for.", minimum=0),
    Field("monthly_debt", "money", "Monthly payments on debts.", minimum=0),
    Field("revolving_balance", "money", "Owed on revolving credit.", minimum=0),
    Field("revolving_limit", "money", "Limit of revolving credit.", minimum=0),
    Field("worst_delinquency_24m", "whole", "Worst days past due in 24 months.", minimum=0, maximum=COUNT),
    Field("oldest_account_months", "whole", "Age of the oldest account.", minimum=0, maximum=MONTHS),
    Field("inquiries_6m", "whole", "Credit inquiries in 6 months.", minimum=0, maximum=COUNT),
    Field("inquiries_7d", "whole", "Credit inquiries in 7 days.", minimum=0, maximum=COUNT),
    Field("account_types", "whole", "Kinds of account held.", minimum=0, maximum=COUNT),
    Field("address_months", "whole", "Months at the address.", minimum=0, maximum=MONTHS),
    Field("public_records", "whole", "Bankruptcies and judgments; 0: none.", minimum=0, maximum=COUNT),
    Field("public_record_months_ago", "whole", "Since the latest of these.", minimum=0, maximum=MONTHS),
    Field("liquid_assets", "money", "What can be turned into cash at once.", minimum=0),
    Field("monthly_expenses", "money", "Monthly outgoings.", minimum=0),
    Field("verified_income", "money", "Monthly income as verified.", minimum=0),
    Field("phone", "text", "Phone number.", limit=32),
    Field("device_id", "text", "Device the application came from."),
    Field("identity_hash", "text", "Hash of the identity document."),
    Field("occurred_at", "time", "When it was made; default: the moment it is decided."),
)
READER = RecordReader(FIELDS)
# Bases on which nobody may be judged (Regulation B and its like), and a postcode stands in for some of them.
PROHIBITED = frozenset(
    {
        *("sex", "gender", "race", "ethnicity", "colour", "color", "religion", "marital_status"),
        *("civil_status", "personal_status_sex", "nationality", "national_origin", "foreign_worker"),
        *(
            "ethnic_origin",
            "birth_date",
            "birthday",
            "age",
            "date_of_birth",
            "dob",
            "postcode",
            "postal_code",
            "zip",
            "zip_code",
        ),
    }
)


def _letters(name: object) -> str:
    """A name without its spelling: case, and what stands between its words."""
    return "".join(letter for letter in str(name).casefold() if letter.isalnum())


BARRED = frozenset(map(_letters, PROHIBITED))
MONEY = {
    "monthly_income_minor": "monthly_income",
    "monthly_debt_minor": "monthly_debt",
    "revolving_balance_minor": "revolving_balance",
    "revolving_limit_minor": "revolving_limit",
    "requested_minor": "requested_amount",
    "liquid_assets_minor": "liquid_assets",
    "monthly_expenses_minor": "monthly_expenses",
    "verified_income_minor": "verified_income",
}
WHOLE = (
    "employment_length",
    "worst_delinquency_24m",
    "oldest_account_months",
    "inquiries_6m",
    "inquiries_7d",
    "account_types",
    "address_months",
    "public_records",
    "public_record_months_ago",
)
RECENT_MONTHS = 24
NO_RECORD, OLD_RECORD, RECENT_RECORD = 0, 1, 2
CONTEXT = (*MONEY, *WHOLE, "public_record_state")


def parse(record: Mapping[str, Any], *, now: datetime, text: bool = False) -> dict[str, Any]:
    """Clean values of a request; raises RecordRefused naming every problem, prohibited bases first."""
    if isinstance(record, Mapping):
        barred = sorted(name for name in record if _letters(name) in BARRED)
        if barred:
            detail = "is a prohibited basis: nobody is judged by it; leave it out"
            raise RecordRefused([Problem(name, "prohibited_basis", detail) for name in barred])
    return READER.read(record, Context(now, text))


def encode(values: Mapping[str, Any], moment: datetime) -> dict[str, int | None]:
    """The integer columns of parsed values: money in hundredths, keys, the state of public records."""
    columns = {name: _minor(values.get(field)) for name, field in MONEY.items()}
    columns |= {name: values.get(name) for name in WHOLE}
    if columns["oldest_account_months"] is None and columns["account_types"] == 0:
        columns["oldest_account_months"] = 0  # who has no account has no oldest one: that was said
    columns["public_record_state"] = public_record_state(values)
    columns["amount_minor"] = columns["requested_minor"] or 0
    columns["applicant_key"] = entity_key("applicant", values["applicant_id"])
    columns["identity_key"] = entity_key("identity", values.get("identity_hash") or values["applicant_id"])
    for kind, field in (("phone", "phone"), ("device", "device_id")):
        columns[f"{kind}_key"] = entity_key(kind, values[field]) if field in values else None
    return columns


def public_record_state(values: Mapping[str, Any]) -> int | None:
    """None when it was not said, or a record's age was not."""
    records, months = values.get("public_records"), values.get("public_record_months_ago")
    if records == 0:
        return NO_RECORD
    if months is None:
        return None
    return RECENT_RECORD if months <= RECENT_MONTHS else OLD_RECORD


def _minor(amount: Decimal | None) -> int | None:
    return None if amount is None else minor(amount * MINOR)
