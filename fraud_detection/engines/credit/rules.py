"""Overrides of the scorecard: what refers or declines an application whatever its score."""

from fraud_detection.rules.spec import RuleSpec

RULES: tuple[RuleSpec, ...] = (
    RuleSpec(
        code="BANKRUPTCY_24M",
        family="history",
        subject="applicant",
        description="A public record within the last 24 months declines.",
        condition="public_record == p.recent",
        severity="critical",
        params={"recent": 2},
        reason="Public record {public_record_months} months ago",
        outcome="decline",
        cannot_be_overridden=True,
        evidence=("public_records", "public_record_months"),
    ),
    RuleSpec(
        code="HIGH_DEBT_TO_INCOME",
        family="affordability",
        subject="applicant",
        description="Debt payments of half the stated income or more are looked at by people.",
        condition="debt_to_income >= p.max_ratio",
        severity="medium",
        params={"max_ratio": 0.5},
        reason="Debt payments are {debt_to_income} of the stated income",
        outcome="review",
        evidence=("debt_to_income",),
    ),
    RuleSpec(
        code="THIN_FILE",
        family="history",
        subject="applicant",
        description="Too short a history to judge by.",
        condition="oldest_account_months < p.min_months && account_types < p.min_kinds",
        severity="medium",
        params={"min_months": 6, "min_kinds": 2},
        reason="Oldest account {oldest_account_months} months, {account_types} kinds of account",
        outcome="review",
        evidence=("oldest_account_months", "account_types"),
    ),
    RuleSpec(
        code="APPLICATION_VELOCITY",
        family="velocity",
        subject="device",
        description="Several applications or identities from one device or phone within a week.",
        condition="""device_applications_7d >= p.min_applications
            || phone_applications_7d >= p.min_applications
            || device_identities_7d >= p.min_identities || phone_identities_7d >= p.min_identities""",
        severity="high",
        params={"min_applications": 3, "min_identities": 2},
        reason="Applications and identities in 7 d"
        "[: device {device_applications_7d}, {device_identities_7d}]"
        "[; phone {phone_applications_7d}, {phone_identities_7d}]",
        outcome="review",
        evidence=(
            "device_applications_7d",
            "phone_applications_7d",
            "device_identities_7d",
            "phone_identities_7d",
        ),
    ),
    RuleSpec(
        code="LOAN_STACKING",
        family="velocity",
        subject="applicant",
        description="Several credit inquiries within a week.",
        condition="inquiries_7d >= p.min_inquiries",
        severity="high",
        params={"min_inquiries": 3},
        reason="{inquiries_7d} credit inquiries in 7 d",
        outcome="review",
        evidence=("inquiries_7d",),
    ),
    RuleSpec(
        code="INCOME_MISMATCH",
        family="affordability",
        subject="applicant",
        description="The stated income is far above the verified one.",
        condition="income_over_verified > p.max_ratio",
        severity="high",
        params={"max_ratio": 1.5},
        reason="Stated income is {income_over_verified} the verified income",
        outcome="review",
        evidence=("income_over_verified",),
    ),
)
