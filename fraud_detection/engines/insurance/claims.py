"""What a claim says of itself: its value, its cover, and its days."""

from fraud_detection.rules.spec import RuleSpec

CLAIM = (
    RuleSpec(
        code="PropertyInflationRule",
        family="inflation",
        subject="claimant",
        description="The stated value, or the claim, is far above an independent value.",
        condition="estimate_over_market >= p.min_ratio || claim_over_market >= p.min_ratio",
        severity="medium",
        confidence="min(0.95, 0.3 + 0.5 * (max(estimate_over_market, claim_over_market) - p.min_ratio))",
        weight=0.30,
        params={"min_ratio": 1.3},
        reason="Market value {market_value}: {estimated_value} stated, {estimate_over_market}, "
        "and {claim_amount} claimed, {claim_over_market}",
        evidence=(
            "market_value",
            "estimated_value",
            "claim_amount",
            "estimate_over_market",
            "claim_over_market",
        ),
    ),
    RuleSpec(
        code="EarlyClaimRule",
        family="early_claim",
        subject="policy",
        description="The loss came soon after the cover began or was raised, or even before it.",
        condition="days_covered <= p.long_days",
        severity='days_covered <= p.short_days ? "medium" : "low"',
        confidence="days_covered <= p.short_days ? 0.25 : 0.15",
        weight="days_covered <= p.short_days ? 0.25 : 0.15",
        params={"short_days": 30, "long_days": 60},
        reason="Loss[ {loss_days_after_start} after][ {loss_days_before_start} before] the cover began "
        "or was raised",
        evidence=("days_covered", "days_since_inception", "days_since_increase"),
    ),
    RuleSpec(
        code="PreExpiryRule",
        family="pre_expiry",
        subject="policy",
        description="The loss came just before a cover ended that was not renewed, or after it had ended.",
        condition="days_to_end <= p.max_days && !renewed",
        severity="low",
        confidence=0.10,
        weight=0.10,
        params={"max_days": 15},
        reason="Loss[ {loss_days_before_end} before][ {loss_days_after_end} after] the end of a cover "
        "that was not renewed",
        evidence=("days_to_end", "renewed"),
    ),
    RuleSpec(
        code="LateReportRule",
        family="late_report",
        subject="claimant",
        description="The loss was reported late; a motor loss is usually reported sooner.",
        condition="""report_delay_days > p.max_days || (report_delay_days > p.motor_days
            && product in ["motor", "auto", "car", "vehicle"])""",
        severity="low",
        confidence=0.10,
        weight=0.10,
        params={"max_days": 30, "motor_days": 14},
        reason="Reported {report_delay_days} after the loss[, product {product}]",
        evidence=("report_delay_days", "product"),
    ),
    RuleSpec(
        code="NearLimitRule",
        family="near_limit",
        subject="policy",
        description="The claim nearly exhausts its cover, or is above nearly all of its peril.",
        condition="""limit_share >= p.min_limit_share
            || (peril_earlier_claims >= p.min_count && claim_amount > peril_p95)""",
        requires="""(!missing(limit_share) && limit_share >= p.min_limit_share)
            || peril_earlier_claims >= p.min_count""",
        severity="low",
        confidence=0.15,
        weight=0.15,
        params={"min_limit_share": 0.9, "min_count": 50},
        reason="{claim_amount} claimed[, {limit_share} of the limit of {cover_limit}]"
        "[; 95% of {peril_earlier_claims} earlier claims of this peril are at most {peril_p95}]",
        evidence=("claim_amount", "cover_limit", "limit_share", "peril_p95", "peril_earlier_claims"),
    ),
    RuleSpec(
        code="DetailsChangedRule",
        family="details_changed",
        subject="claimant",
        description="Bank account, address or phone were changed shortly before the claim.",
        condition="details_changed_days >= 0 && details_changed_days <= p.max_days",
        severity="low",
        confidence=0.15,
        weight=0.15,
        params={"max_days": 30},
        reason="Bank account, address or phone changed {details_changed_days} before the claim",
        evidence=("details_changed_days",),
    ),
)
