"""The credit feature set: what the scorecard, its overrides and the default model read."""

from ml.domains.credit.schema import CONTEXT
from ml.features.builders import count, number
from ml.features.columns import APPLICATION_TABLE
from ml.features.durations import DAY
from ml.features.spec import FeatureSet, Primitive, Stream

WEEK = 7 * DAY
SHARED = ("device", "phone")
MOST = 1_000.0  # no ratio is higher; what stands against nothing at all is as high


def _given(name: str, unit: str, meaning: str, column: str):
    return number(name, unit, meaning, "scaled", f"event.{column}", by=(1.0,))


def _over(name: str, meaning: str, of: str, over: str, times: float = 1.0):
    return number(name, "ratio", meaning, "burden", f"event.{of}", f"event.{over}", by=(times, MOST))


def _shared(entity: str):
    return (
        count(
            f"{entity}_applications_7d",
            f"Applications from this {entity} in 7 days, this one included.",
            f"{entity}.count.7d",
        ),
        count(
            f"{entity}_identities_7d",
            f"Distinct identities that applied from this {entity} in 7 days, this one included.",
            f"{entity}.identities.7d",
        ),
    )


CREDIT = FeatureSet(
    name="credit",
    table=APPLICATION_TABLE,
    context=CONTEXT,
    streams=tuple(
        Stream(entity, f"{entity}_key", f"{entity}_key", table=APPLICATION_TABLE) for entity in SHARED
    ),
    primitives=tuple(
        primitive
        for entity in SHARED
        for primitive in (
            Primitive(f"{entity}.count.7d", entity, "count", window=WEEK),
            Primitive(f"{entity}.identities.7d", entity, "distinct", "identity_key", WEEK),
        )
    ),
    features=(
        _given("delinquency_days", "count", "Worst days past due in 24 months.", "worst_delinquency_24m"),
        _given(
            "public_record", "code", "0: none, 1: older than 24 months, 2: younger.", "public_record_state"
        ),
        _given("public_records", "count", "Public records: bankruptcies and judgments.", "public_records"),
        _given(
            "public_record_months",
            "count",
            "Months since the latest public record.",
            "public_record_months_ago",
        ),
        _over(
            "utilisation",
            "Revolving balance over revolving limit.",
            "revolving_balance_minor",
            "revolving_limit_minor",
        ),
        _over(
            "debt_to_income",
            "Monthly debt payments over stated monthly income.",
            "monthly_debt_minor",
            "monthly_income_minor",
        ),
        _over(
            "amount_to_income",
            "Requested amount over stated annual income.",
            "requested_minor",
            "monthly_income_minor",
            12.0,
        ),
        _over(
            "liquidity",
            "Liquid assets over monthly outgoings.",
            "liquid_assets_minor",
            "monthly_expenses_minor",
        ),
        _given(
            "oldest_account_months", "count", "Age of the oldest account in months.", "oldest_account_months"
        ),
        _given("inquiries_6m", "count", "Credit inquiries in 6 months.", "inquiries_6m"),
        _given("inquiries_7d", "count", "Credit inquiries in 7 days.", "inquiries_7d"),
        _given("account_types", "count", "Kinds of account held.", "account_types"),
        _given("employment_months", "count", "Months employed.", "employment_length"),
        _given("address_months", "count", "Months at the address.", "address_months"),
        _over(
            "income_over_verified",
            "Stated monthly income over verified.",
            "monthly_income_minor",
            "verified_income_minor",
        ),
        *(feature for entity in SHARED for feature in _shared(entity)),
    ),
)
