"""The insurance feature set: what its rules, models and people read of a claim."""

from ml.domains.insurance.schema import CONTEXT
from ml.features.builders import LN, MINOR, count, flag, money, number
from ml.features.columns import CLAIM_TABLE
from ml.features.durations import DAY
from ml.features.spec import Feature, FeatureSet, Measure, Primitive, Stream

YEAR = 365 * DAY
IDENTITIES = ("phone", "bank", "device")
ENTITIES = ("claimant", *IDENTITIES, "document", "peril")
NAMED = {"phone": "phone number", "bank": "bank account", "device": "device"}

STREAMS = tuple(Stream(entity, f"{entity}_key", f"{entity}_key", table=CLAIM_TABLE) for entity in ENTITIES)
PRIMITIVES = (
    Primitive("claimant.count.365d", "claimant", "count", window=YEAR),
    Primitive("claimant.sum.365d", "claimant", "sum", "amount_minor", YEAR),
    Primitive("claimant.same_peril.365d", "claimant", "same", "peril_key", YEAR),
    Primitive("claimant.since", "claimant", "since"),
    *(
        Primitive(f"{entity}.claimants.365d", entity, "distinct", "claimant_key", YEAR)
        for entity in IDENTITIES
    ),
    Primitive("document.count", "document", "count", prior=True),
    Primitive("peril.count", "peril", "count", prior=True),
    Primitive("peril.p95", "peril", "quantile", "amount_minor", prior=True, quantile=95),
)
MEASURES = (
    Measure("object.near", "Earlier claims on the object whose loss lies within 30 days of this one."),
    Measure("object.gap", "Microseconds between this loss and that of the most alike of these."),
    Measure("object.difference", "By how much the claimed amounts of the two differ, in hundredths."),
    Measure("object.amount", "What the earlier of the two claimed, in hundredths."),
    Measure("object.policies", "Policies on which object and cover stand at one time, this one included."),
    Measure("provider.count", "The provider's claims of the product in 90 days, this one included."),
    Measure("provider.sum", "Their sum in hundredths."),
    Measure("peers.count", "Other providers with claims of the product in 90 days."),
    Measure("peers.claims", "Median of their numbers of claims."),
    Measure("peers.severity", "Median of their mean claims, in hundredths."),
)


def _span(name: str, meaning: str, column: str) -> Feature:
    return number(name, "days", meaning, "scaled", f"event.{column}", by=(DAY,))


def _ratio(name: str, meaning: str, of: str, over: str, unit: str = "ratio") -> Feature:
    return number(name, unit, meaning, "ratio", of, over, by=(1.0,))


def _amounts() -> list[Feature]:
    claim, estimate, market = "event.amount_minor", "event.estimated_minor", "event.market_minor"
    return [
        money("claim_amount", "What is claimed.", claim),
        number(
            "claim_amount_ln", "score", "Natural logarithm of what is claimed, in hundredths.",
            "scaled", "event.amount_ln", by=(LN,),
        ),
        money("estimated_value", "Value as stated.", estimate),
        money("market_value", "Value by an independent source.", market),
        money("cover_limit", "The most the cover pays.", "event.limit_minor"),
        _ratio("claim_over_estimate", "What is claimed over the stated value.", claim, estimate),
        _ratio("estimate_over_market", "Stated value over market value.", estimate, market),
        _ratio("claim_over_market", "What is claimed over market value.", claim, market),
        _ratio("limit_share", "What is claimed over the cover's limit.", claim, "event.limit_minor", "share"),
    ]  # fmt: skip


def _days() -> list[Feature]:
    start = "first day of the cover or of its last increase"
    return [
        _span("days_since_inception", "From the first day of the cover to the loss.", "after_inception"),
        _span("days_since_increase", "From the last increase of the cover to the loss.", "after_increase"),
        number(
            "days_covered", "days", f"From the {start}, whichever is nearer, to the loss.",
            "least", "event.after_inception", "event.after_increase", by=(DAY,),
        ),
        number(
            "loss_days_after_start", "days", f"The same where the loss did not come before the {start}.",
            "not_negative", "days_covered", by=(1.0,),
        ),
        number(
            "loss_days_before_start", "days", f"How long before the {start} the loss happened, if it did.",
            "positive", "days_covered", by=(-1.0,),
        ),
        _span("days_to_end", "From the loss to the end of the cover.", "before_end"),
        number(
            "loss_days_before_end", "days", "The same where the loss did not come after the end.",
            "not_negative", "days_to_end", by=(1.0,),
        ),
        number(
            "loss_days_after_end", "days", "How long after the cover's end the loss happened, if it did.",
            "positive", "days_to_end", by=(-1.0,),
        ),
        flag("renewed", "The policy was renewed for its next term.", "scaled", "event.is_renewed", by=(1.0,)),
        _span("report_delay_days", "From the loss to its report.", "report_delay"),
        _span("details_changed_days", "From the last change of bank, address or phone to the report.",
              "details_age"),
    ]  # fmt: skip


def _history() -> list[Feature]:
    return [
        count("claimant_claims_12m", "The claimant's claims in 12 months, this one included.",
              "claimant.count.365d"),
        money("claimant_claimed_12m", "Their sum.", "claimant.sum.365d"),
        number(
            "claimant_peril_claims_12m", "count", "Those of this claim's peril, this one included.",
            "excess", "claimant.same_peril.365d", by=(-1.0, 1.0),
        ),
        number(
            "claimant_days_since_last", "days", "Time since the claimant's previous claim.",
            "scaled", "claimant.since", by=(DAY,),
        ),
        *(
            number(
                f"{entity}_other_claimants_12m", "count",
                f"Other claimants with this {NAMED[entity]} in 12 months.",
                "excess", f"{entity}.claimants.365d", by=(1.0, 1.0),
            )
            for entity in IDENTITIES
        ),
        count("document_earlier_claims", "Earlier claims with the same document.", "document.count"),
        count("peril_earlier_claims", "Earlier claims of the same peril.", "peril.count"),
        money("peril_p95", "95% of these claimed at most this.", "peril.p95"),
        number(
            "claim_over_peril_p95", "ratio", "What is claimed over that.",
            "ratio", "event.amount_minor", "peril.p95", by=(1.0,),
        ),
    ]  # fmt: skip


def _objects() -> list[Feature]:
    return [
        count("object_near_claims", "Earlier claims on the object, with a loss within 30 d.", "object.near"),
        number(
            "duplicate_loss_days", "days", "Days between this loss and that of the most alike of these.",
            "scaled", "object.gap", by=(DAY,),
        ),
        _ratio(
            "duplicate_amount_difference",
            "Difference of the two amounts over the earlier one.",
            "object.difference",
            "object.amount",
            "share",
        ),
        count(
            "object_policies",
            "Policies on which object and cover stand at one time, this one included.",
            "object.policies",
        ),
    ]  # fmt: skip


def _providers() -> list[Feature]:
    return [
        count("provider_claims_90d", "The provider's claims of the product in 90 days, this one included.",
              "provider.count"),
        number(
            "provider_severity_90d", "money", "Their mean.",
            "ratio", "provider.sum", "provider.count", by=(MINOR,),
        ),
        count("peer_providers_90d", "Other providers with claims of the product in 90 days.", "peers.count"),
        count("peer_claims_90d", "Median of the peers' numbers of claims.", "peers.claims"),
        money("peer_severity_90d", "Median of the peers' mean claims.", "peers.severity"),
        _ratio("provider_claims_over_peers", "The provider's claims over the peers' median.",
               "provider.count", "peers.claims"),
        number(
            "provider_severity_over_peers", "ratio", "The provider's mean claim over the peers' median.",
            "mean_over", "provider.sum", "provider.count", "peers.severity",
        ),
    ]  # fmt: skip


INSURANCE = FeatureSet(
    name="insurance",
    table=CLAIM_TABLE,
    context=CONTEXT,
    streams=STREAMS,
    primitives=PRIMITIVES,
    measures=MEASURES,
    features=(*_amounts(), *_days(), *_history(), *_objects(), *_providers()),
)
