"""Payments: the default rules for card, wallet and account-to-account fraud.

Conditions read the features of ml.domains.payments.features.PAYMENTS and CONTEXT. Windows include the
current event, baselines (`earlier`, `usual`, `first`) do not. A hit is an indicator, not a proof.
"""

from fraud_detection.rules.spec import RuleSpec

# The parties by their ids, so that rules can ask for them in custom lists.
PARTY_WORDS = dict.fromkeys(
    ("user_id", "sender_id", "receiver_id", "card_token", "device_id", "ip_address", "merchant_id"),
    ("text", "text"),
)

# What the caller adds per event beside the features: name -> (kind, unit).
CONTEXT = {
    "on_block_list": ("bool", "flag"),
    "block_list_entry": ("text", "text"),
    "currency": ("text", "text"),
    "merchant_category": ("text", "text"),
    "region": ("text", "text"),
    "sender_country": ("text", "text"),
    "receiver_country": ("text", "text"),
    "ip_country": ("text", "text"),
    "email_domain": ("text", "text"),
    **PARTY_WORDS,
}

_BALANCE = (
    RuleSpec(
        code="ACCOUNT_DRAIN",
        family="balance",
        subject="sender",
        description="A transfer or cash-out takes nearly everything from an account that held something.",
        condition="""type in ["transfer", "cash_out"]
            && drained_share >= p.min_share && sender_balance_before >= p.min_balance""",
        severity="high",
        params={"min_share": 0.95, "min_balance": 1_000},
        reason="{drained_share} of the sender's balance of {sender_balance_before} leaves in one {type}",
        evidence=("amount", "sender_balance_before", "drained_share"),
    ),
    RuleSpec(
        code="BALANCE_MISMATCH",
        family="balance",
        subject="sender",
        description="The sender's balances do not add up with the amount; refunds are skipped.",
        condition='type != "refund" && sender_balance_mismatch > p.tolerance',
        severity="medium",
        params={"tolerance": 0.01},
        reason="Sender's balance {sender_balance_before} became {sender_balance_after}: "
        "{sender_balance_mismatch} of the amount {amount} is unexplained",
        evidence=("amount", "sender_balance_before", "sender_balance_after", "sender_balance_mismatch"),
    ),
)

_VELOCITY = (
    RuleSpec(
        code="VELOCITY_COUNT",
        family="velocity",
        subject="sender",
        description="Many events of one sender or card within an hour; merchants as senders are left out.",
        condition="""!sender_is_merchant
            && (sender_count_1h >= p.sender_count || card_count_1h >= p.card_count)""",
        severity="high",
        params={"sender_count": 10, "card_count": 6},
        reason="Sender: {sender_count_1h} events in 1 h[, usual {sender_usual_count_1h}]"
        "[; card: {card_count_1h}][, usual {card_usual_count_1h}]",
        evidence=("sender_count_1h", "sender_usual_count_1h", "card_count_1h", "card_usual_count_1h"),
    ),
    RuleSpec(
        code="VELOCITY_AMOUNT",
        family="velocity",
        subject="sender",
        description="A day's sum far above the sender's usual day and its largest single amount.",
        condition="""sender_sum_24h >= p.min_sum && sender_sum_24h >= p.usual_ratio * sender_usual_sum_24h
            && sender_sum_24h >= p.largest_ratio * sender_earlier_max_90d""",
        requires="sender_history_days >= p.min_history_days",
        severity="high",
        params={"min_sum": 2_000, "usual_ratio": 5, "largest_ratio": 2, "min_history_days": 30},
        reason="{sender_sum_24h} sent in 24 h; usual day {sender_usual_sum_24h}, "
        "largest earlier amount {sender_earlier_max_90d}",
        evidence=("sender_sum_24h", "sender_usual_sum_24h", "sender_earlier_max_90d", "sender_history_days"),
    ),
)

_TESTING = (
    RuleSpec(
        code="CARD_TESTING",
        family="testing",
        subject="device",
        description="Several cards tried with tiny payments from one device or IP address, or at a merchant "
        "that does not usually see such payments.",
        condition="""(device_small_count_1h >= p.min_count && device_small_cards_1h >= p.min_cards)
            || (ip_small_count_1h >= p.min_count && ip_small_cards_1h >= p.min_cards)
            || (merchant_small_count_1h >= p.min_count && merchant_small_cards_1h >= p.min_cards
                && merchant_small_count_1h >= p.merchant_usual_ratio * merchant_usual_small_count_1h)""",
        severity="critical",
        params={"min_count": 5, "min_cards": 3, "merchant_usual_ratio": 5},
        reason="Payments of at most 2.00 in 1 h, and their cards"
        "[: device {device_small_count_1h}, {device_small_cards_1h}]"
        "[; IP {ip_small_count_1h}, {ip_small_cards_1h}]"
        "[; merchant {merchant_small_count_1h}, {merchant_small_cards_1h}]"
        "[, usual {merchant_usual_small_count_1h}]",
        evidence=(
            "device_small_count_1h",
            "device_small_cards_1h",
            "ip_small_count_1h",
            "ip_small_cards_1h",
            "merchant_small_count_1h",
            "merchant_small_cards_1h",
            "merchant_usual_small_count_1h",
        ),
    ),
)

_AMOUNT = (
    RuleSpec(
        code="AMOUNT_SPIKE",
        family="amount",
        subject="sender",
        description="An amount far outside the sender's own earlier amounts.",
        condition="""amount_ln > sender_ln_mean_90d + p.deviations * sender_ln_sd_90d
            && amount > p.median_ratio * sender_earlier_median_90d""",
        requires="sender_earlier_count_90d >= p.min_count",
        severity="medium",
        params={"deviations": 3, "median_ratio": 5, "min_count": 20},
        reason="{amount} is {amount_over_sender_median_90d} the sender's median of "
        "{sender_earlier_median_90d} over {sender_earlier_count_90d} events in 90 d",
        evidence=("amount", "sender_earlier_median_90d", "sender_ln_z_90d", "sender_earlier_count_90d"),
    ),
    RuleSpec(
        code="NEW_DEVICE_HIGH_AMOUNT",
        family="amount",
        subject="sender",
        description="The sender's first event on this device, above nearly all of its recent amounts.",
        condition="first_device && amount > sender_earlier_p95_30d",
        requires="sender_earlier_count_30d >= p.min_count",
        severity="high",
        params={"min_count": 10},
        reason="First event on this device, {amount}; 95% of the sender's amounts in 30 d "
        "are at most {sender_earlier_p95_30d}",
        evidence=("amount", "sender_earlier_p95_30d", "sender_earlier_count_30d"),
    ),
    RuleSpec(
        code="NEW_PAYEE_HIGH_AMOUNT",
        family="amount",
        subject="sender",
        description="The sender's first event to this receiver, well above its usual amount.",
        condition="""first_pair && amount >= p.min_amount
            && amount >= p.mean_ratio * sender_earlier_mean_30d""",
        requires="sender_earlier_count_30d >= p.min_count",
        severity="medium",
        params={"mean_ratio": 3, "min_amount": 500, "min_count": 5},
        reason="First event to this receiver, {amount}; {amount_over_sender_mean_30d} the sender's "
        "30-day mean of {sender_earlier_mean_30d}",
        evidence=("amount", "sender_earlier_mean_30d", "sender_earlier_count_30d"),
    ),
    RuleSpec(
        code="NIGHT_HIGH_AMOUNT",
        family="amount",
        subject="sender",
        description="A high amount at night by a sender that is hardly ever active at night.",
        condition="""is_night && amount > sender_earlier_p95_30d
            && sender_night_share_90d < p.max_night_share""",
        requires="sender_earlier_count_90d >= p.min_count",
        severity="low",
        params={"max_night_share": 0.05, "min_count": 20},
        reason="{amount} at hour {hour_of_day}; {sender_night_share_90d} of the sender's events are at night "
        "and 95% of its amounts in 30 d are at most {sender_earlier_p95_30d}",
        evidence=(
            "amount",
            "hour_of_day",
            "sender_earlier_p95_30d",
            "sender_night_share_90d",
            "sender_earlier_count_90d",
        ),
    ),
)

_LOCATION = (
    RuleSpec(
        code="IMPOSSIBLE_TRAVEL",
        family="location",
        subject="sender",
        description="Two card-present events too far apart for the time between them.",
        condition="travel_both_card_present && travel_kmh > p.max_kmh && travel_km > p.min_km",
        severity="high",
        params={"max_kmh": 900, "min_km": 500},
        reason="{travel_km} from the last located event {travel_seconds} ago: {travel_kmh}",
        evidence=("travel_km", "travel_seconds", "travel_kmh"),
    ),
    RuleSpec(
        code="COUNTRY_MISMATCH",
        family="location",
        subject="sender",
        description="A country that is neither the customer's home nor one it used in the last 90 days.",
        condition="!country_is_home && sender_country_count_90d == 0 && amount >= p.min_amount",
        severity="medium",
        params={"min_amount": 200},
        reason="{amount} in {country}; the customer's home is {home_country}, "
        "no event in {country} in the earlier 90 d",
        evidence=("amount", "country", "home_country", "sender_country_count_90d"),
    ),
)

_NETWORK = (
    RuleSpec(
        code="SHARED_DEVICE",
        family="ring",
        subject="device",
        description="One device used by several senders within a day, where a device is personal.",
        condition="device_senders_24h >= p.min_senders && !is_card_present",
        severity="high",
        params={"min_senders": 4},
        reason="Device used by {device_senders_24h} senders in 24 h",
        evidence=("device_senders_24h", "device_count_24h", "channel"),
    ),
    RuleSpec(
        code="MULE_PASS_THROUGH",
        family="mule",
        subject="sender",
        description="Money passes through an account within two days, unusual for it or the account is new.",
        condition="""is_outgoing && sender_in_48h >= p.min_inflow
            && sender_out_in_ratio_48h >= p.min_ratio && sender_out_in_ratio_48h <= p.max_ratio
            && sender_out_follows_in_48h
            && (sender_in_48h >= p.usual_ratio * sender_usual_in_48h
                || sender_account_days < p.new_account_days)""",
        severity="high",
        params={
            "min_inflow": 1_000,
            "min_ratio": 0.8,
            "max_ratio": 1.1,
            "usual_ratio": 3,
            "new_account_days": 30,
        },
        reason="{sender_out_48h} sent of {sender_in_48h} received within 48 h; usual inflow "
        "{sender_usual_in_48h}, account first seen {sender_account_days} ago",
        evidence=(
            "sender_in_48h",
            "sender_in_count_48h",
            "sender_out_48h",
            "sender_out_in_ratio_48h",
            "sender_usual_in_48h",
            "sender_account_days",
        ),
    ),
    RuleSpec(
        code="HIGH_RISK_MERCHANT",
        family="merchant",
        subject="merchant",
        description="A merchant with a high share of payments reported as fraud.",
        condition="merchant_fraud_rate_30d >= p.min_rate",
        requires="merchant_fraud_n_30d >= p.min_count",
        severity="high",
        params={"min_rate": 0.05, "min_count": 20},
        reason="{merchant_fraud_rate_30d} of the merchant's {merchant_fraud_n_30d} settled events "
        "were reported as fraud",
        evidence=("merchant_fraud_rate_30d", "merchant_fraud_n_30d"),
    ),
)

_LISTS = (
    RuleSpec(
        code="BLOCKLIST",
        family="list",
        subject="sender",
        description="A party, device, IP address, card or e-mail domain is on an active block list.",
        condition="on_block_list",
        severity="critical",
        reason="On a block list: {block_list_entry}",
        outcome="decline",
        cannot_be_overridden=True,
        evidence=("block_list_entry",),
    ),
)

RULES: tuple[RuleSpec, ...] = (*_BALANCE, *_VELOCITY, *_TESTING, *_AMOUNT, *_LOCATION, *_NETWORK, *_LISTS)
