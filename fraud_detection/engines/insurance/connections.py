"""What connects a claim with others: the claimant, what claimants share, the object, the provider."""

from fraud_detection.rules.spec import RuleSpec

CONNECTIONS = (
    RuleSpec(
        code="ClaimFrequencyRule",
        family="frequency",
        subject="claimant",
        description="Several claims of one claimant within a year, or two of one peril.",
        condition="""claimant_claims_12m >= p.min_claims
            || claimant_peril_claims_12m >= p.min_peril_claims""",
        severity="medium",
        confidence=0.20,
        weight=0.20,
        params={"min_claims": 3, "min_peril_claims": 2},
        reason="{claimant_claims_12m} claims in 12 months[, {claimant_peril_claims_12m} of this peril], "
        "{claimant_claimed_12m} in all",
        evidence=("claimant_claims_12m", "claimant_peril_claims_12m", "claimant_claimed_12m"),
    ),
    RuleSpec(
        code="SharedIdentityRule",
        family="shared_identity",
        subject="claimant",
        description="One phone, bank account or device stands behind several claimants.",
        condition="""phone_other_claimants_12m >= p.min_claimants
            || bank_other_claimants_12m >= p.min_claimants
            || device_other_claimants_12m >= p.min_claimants""",
        severity="medium",
        confidence=0.30,
        weight=0.30,
        params={"min_claimants": 2},
        reason="Other claimants in 12 months who share an identity of this one"
        "[; phone: {phone_other_claimants_12m}][; bank account: {bank_other_claimants_12m}]"
        "[; device: {device_other_claimants_12m}]",
        evidence=("phone_other_claimants_12m", "bank_other_claimants_12m", "device_other_claimants_12m"),
    ),
    RuleSpec(
        code="DuplicateClaimRule",
        family="duplicate",
        subject="object",
        description="An earlier claim is about the same loss, or hands in the same document.",
        condition="""document_earlier_claims > 0 || (object_near_claims > 0
            && duplicate_loss_days <= p.max_loss_days && duplicate_amount_difference <= p.max_difference)""",
        severity="critical",
        weight=0.90,
        params={"max_loss_days": 2, "max_difference": 0.05},
        reason="An earlier claim is like this one"
        "[: same object, loss {duplicate_loss_days} apart, amount {duplicate_amount_difference} apart]"
        "[; {document_earlier_claims} earlier claims hand in its document]",
        evidence=(
            "duplicate_loss_days",
            "duplicate_amount_difference",
            "object_near_claims",
            "document_earlier_claims",
        ),
    ),
    RuleSpec(
        code="MultiPolicyRule",
        family="multi_policy",
        subject="object",
        description="One object has the same cover on more than one policy.",
        condition="object_policies >= p.min_policies",
        severity="low",
        confidence=0.15,
        weight=0.15,
        params={"min_policies": 2},
        reason="Object and cover[ ({cover})] stand on {object_policies} policies",
        evidence=("object_policies", "cover"),
    ),
    RuleSpec(
        code="ProviderOutlierRule",
        family="provider",
        subject="provider",
        description="A provider has far more claims than its peers, and larger ones.",
        condition="""provider_claims_over_peers >= p.claims_ratio
            && provider_severity_over_peers >= p.severity_ratio""",
        requires="peer_providers_90d >= p.min_peers",
        severity="medium",
        confidence=0.20,
        weight=0.20,
        params={"claims_ratio": 3, "severity_ratio": 1.5, "min_peers": 3},
        reason="Provider with {provider_claims_90d} claims in 90 d, {provider_claims_over_peers} the median "
        "of {peer_providers_90d} peers; mean claim {provider_severity_90d}, {provider_severity_over_peers} "
        "their {peer_severity_90d}",
        evidence=(
            "provider_claims_90d",
            "peer_claims_90d",
            "provider_claims_over_peers",
            "provider_severity_90d",
            "peer_severity_90d",
            "provider_severity_over_peers",
            "peer_providers_90d",
        ),
    ),
)
