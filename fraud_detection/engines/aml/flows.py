"""Money that passes through, spreads, gathers or comes back."""

from fraud_detection.rules.spec import RuleSpec

FLOWS = (
    RuleSpec(
        code="RapidMovementRule",
        family="flow",
        subject="sender",
        description="Money comes in and leaves within two days, unusual for the account or the account is "
        "new.",
        condition="""is_outgoing && sender_in_48h >= p.min_inflow
            && sender_out_in_ratio_48h >= p.min_ratio && sender_out_in_ratio_48h <= p.max_ratio
            && sender_out_follows_in_48h
            && (sender_account_days < p.new_account_days
                || sender_in_48h >= p.usual_ratio * sender_usual_in_48h)""",
        severity="high",
        params={
            "min_inflow": 5_000,
            "min_ratio": 0.8,
            "max_ratio": 1.1,
            "usual_ratio": 3,
            "new_account_days": 30,
        },
        reason="{sender_out_48h} sent of {sender_in_48h} received within 48 h, after "
        "{sender_dwell_hours_48h} h[; usual inflow {sender_usual_in_48h}]; account first seen "
        "{sender_account_days} ago",
        evidence=(
            "sender_in_48h",
            "sender_in_count_48h",
            "sender_out_48h",
            "sender_out_in_ratio_48h",
            "sender_dwell_hours_48h",
            "sender_usual_in_48h",
            "sender_account_days",
        ),
    ),
    RuleSpec(
        code="FunnelAccountRule",
        family="flow",
        subject="sender",
        description="Small credits from several regions leave the account in yet another one.",
        condition="""is_outgoing && sender_credits_7d >= p.min_credits
            && sender_credit_regions_7d >= p.min_regions && sender_credits_here_7d == 0
            && sender_out_here_share_72h >= p.min_share""",
        severity="high",
        params={"min_credits": 5, "min_regions": 3, "min_share": 0.7},
        reason="{sender_credits_7d} credits of {sender_credited_7d} from {sender_credit_regions_7d} regions "
        "in 7 d; {sender_out_here_72h} left in another region within 72 h",
        evidence=(
            "sender_credits_7d",
            "sender_credited_7d",
            "sender_credit_regions_7d",
            "sender_credits_here_7d",
            "sender_out_here_72h",
            "sender_out_here_share_72h",
        ),
    ),
    *(
        RuleSpec(
            code=code,
            family="flow",
            subject=side,
            description=f"One account {verb} many others within a day, most of them new to it.",
            condition=f"""{side}_{other}s_24h >= p.min_counterparties
                && {side}_new_{other}s_24h >= p.min_new && {side}_sum_24h >= p.min_sum
                && {side}_count_24h >= p.usual_ratio * {side}_usual_count_24h""",
            requires=f"!{side}_is_merchant || {side}_account_days >= p.merchant_history_days",
            severity="high",
            params={
                "min_counterparties": 10,
                "min_new": 8,
                "min_sum": 5_000,
                "usual_ratio": 5,
                "merchant_history_days": 90,
            },
            reason=f"{{{side}_{other}s_24h}} {other}s in 24 h, {{{side}_new_{other}s_24h}} of them new in "
            f"90 d, {{{side}_sum_24h}} in all; {{{side}_count_24h}} events, usual day "
            f"{{{side}_usual_count_24h}}",
            evidence=(
                f"{side}_{other}s_24h",
                f"{side}_new_{other}s_24h",
                f"{side}_sum_24h",
                f"{side}_count_24h",
                f"{side}_usual_count_24h",
                f"{side}_account_days",
            ),
        )
        for code, side, other, verb in (
            ("FanInRule", "receiver", "sender", "receives from"),
            ("FanOutRule", "sender", "receiver", "sends to"),
        )
    ),
    RuleSpec(
        code="RoundTripRule",
        family="flow",
        subject="sender",
        description="Money comes back to where it left, over several accounts within a week.",
        condition="""round_trip_hops >= p.min_hops && round_trip_hops <= p.max_hops
            && round_trip_start >= p.min_start && round_trip_lowest_share >= p.min_share
            && round_trip_days < p.max_days""",
        severity="high",
        params={"min_hops": 3, "max_hops": 6, "min_start": 1_000, "min_share": 0.8, "max_days": 7},
        reason="{round_trip_start} came back over {round_trip_hops} hops within {round_trip_days}; "
        "each hop at least {round_trip_lowest_share} of the one before",
        evidence=("round_trip_hops", "round_trip_start", "round_trip_lowest_share", "round_trip_days"),
    ),
)
