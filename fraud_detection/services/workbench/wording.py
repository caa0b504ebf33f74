"""How single names read in an English sentence: from their meaning, or as said here.

A bool has what it says and its opposite; a number or text has a noun. A noun that counts things is said
with "there are"; one that belongs to somebody with "has" (the sender has at least 20 earlier events).
"""

import re
from dataclasses import dataclass

from fraud_detection.engines.registry import Engine

# name -> (when true, when false)
YES_NO: dict[str, tuple[str, str]] = {
    "is_outgoing": ("the sender's money leaves", "the sender's money does not leave"),
    "is_night": ("it is night (local hour 0 to 5)", "it is not night (local hour 0 to 5)"),
    "is_card_present": (
        "it is made at a point of sale, cash machine or branch",
        "it is not made at a point of sale, cash machine or branch",
    ),
    "first_pair": (
        "the sender pays this receiver for the first time",
        "the sender has paid this receiver before",
    ),
    "first_device": (
        "the sender uses this device for the first time",
        "the sender has used this device before",
    ),
    "travel_both_card_present": (
        "this event and the sender's last located one are card-present",
        "this event and the sender's last located one are not both card-present",
    ),
    "sender_out_follows_in_48h": (
        "the sender's first debit of the last 48 hours came after the first credit",
        "the sender's first debit of the last 48 hours did not come after the first credit",
    ),
    "on_block_list": ("a party of the event is on a block list", "no party of the event is on a block list"),
    "renewed": ("the policy was renewed for its next term", "the policy was not renewed for its next term"),
    "is_trade": ("it is a trade", "it is no trade (an order or cancel)"),
    "completes_wash_pair": ("it mirrors a trade of the same owner", "it mirrors no trade of the same owner"),
    "completes_spoof": ("it completes a spoofed order", "it completes no spoofed order"),
    "in_close": (
        "it is a trade in the last minutes of the session",
        "it is no trade in the last minutes of the session",
    ),
    "close_favours_position": (
        "the move favours the owner's position",
        "the move does not favour the owner's position",
    ),
}

# name -> noun; where the meaning points at its neighbours or is no noun. "a|b" is a over b.
NOUNS: dict[str, str] = {
    "amount": "the amount",
    "type": "the type of the event",
    "channel": "the channel",
    "country": "the country of the event",
    "amount_ln": "the logarithm of the amount",
    "sender_ln_mean_90d": "its mean over the sender's earlier events in 90 days",
    "sender_ln_sd_90d": "its standard deviation there",
    "device_small_cards_1h": "distinct cards in those payments",
    "ip_small_cards_1h": "distinct cards in those payments",
    "merchant_small_cards_1h": "distinct cards in those payments",
    "ip_small_count_1h": "payments of at most 2.00 from this IP address in the last hour",
    "sender_balance_mismatch": "how far the sender's balances are from adding up, over the amount,",
    "merchant_fraud_rate_30d": "the share of this merchant's payments reported as fraud in 30 days",
    "sender_near_cash_24h": "cash deposits or withdrawals among them",
    "sender_near_branches_24h": "distinct branches among them",
    "sender_near_channels_24h": "distinct channels among them",
    "receiver_small_senders_7d": "distinct senders of those credits",
    "receiver_small_days_7d": "distinct days (UTC) of those credits",
    "receiver_small_over_threshold_7d": "the sum of those credits|the reporting threshold of 10,000",
    "sender_credit_regions_7d": "distinct regions of those credits",
    "sender_credits_here_7d": "credits among them from this event's region",
    "sender_out_here_share_72h": "what left in this event's region in 72 hours|the sum of those credits",
    "sender_new_receivers_24h": "receivers among them unseen in the earlier 90 days",
    "receiver_new_senders_24h": "senders among them unseen in the earlier 90 days",
    "watched_countries": "countries of the grey list (the customer's home aside)",
    "high_risk_countries": "countries of the black list (of a party, the event or its address)",
    "round_trip_hops": "hops by which this event brings money back",
    "round_trip_start": "the amount that left at the start of that round trip",
    "round_trip_lowest_share": "the lowest share that a hop passed on",
    "round_trip_days": "the duration of that round trip",
    "sender_gap_days": "the rest of the sender's account before its first event of the last 7 days",
    "receiver_gap_days": "the rest of the receiver's account before its first event of the last 7 days",
    "sender_account_days": "the age of the sender's account",
    "receiver_account_days": "the age of the receiver's account",
    "sender_history_days": "the time since the sender's first event",
    "drained_share": "the amount|the sender's balance before the event",
    "sender_out_in_ratio_48h": "what the sender sent in the last 48 hours|what it received",
    "sender_sum_30d_over_threshold": "the sender's 30-day sum|the reporting threshold of 10,000",
    "provider_claims_over_peers": "the provider's number of claims|the median of its peers",
    "provider_severity_over_peers": "the provider's mean claim|the median of its peers",
    "public_record": "the public record code (0 none, 1 older than 24 months, 2 younger)",
    "oldest_account_months": "the age of the oldest account in months",
    "debt_to_income": "the monthly debt payment|the stated monthly income",
    "income_over_verified": "the stated monthly income|the verified one",
    "claim_amount": "the amount claimed",
    "estimate_over_market": "the stated value|the market value",
    "claim_over_market": "the amount claimed|the market value",
    "limit_share": "the amount claimed|the cover's limit",
    "days_covered": "the time from the start of the cover, or its last increase, to the loss",
    "days_to_end": "the time from the loss to the end of the cover",
    "report_delay_days": "the time from the loss to its report",
    "details_changed_days": "the time from the last change of bank, address or phone to the report",
    "claimant_peril_claims_12m": "claims of the claimant for this peril in 12 months (this one included)",
    "peril_p95": "the amount that 95% of the earlier claims of this peril do not exceed",
    "object_near_claims": "earlier claims on the object with a loss within 30 days",
    "duplicate_loss_days": "the days between this loss and that of the most alike of these",
    "duplicate_amount_difference": "the difference of the two amounts",
    "object_policies": "policies on which object and cover stand at one time (this one included)",
    "volume_over_usual": "the symbol's volume of 24 hours|the usual day's",
    "price_change": "the change of the price since the previous close",
    "rise_5m": "the rise of the price over the lowest of 5 minutes",
    "fall_5m": "the change of the price from the highest of 5 minutes",
    "pump_volume_over_usual": "the volume at the peak of 48 hours|the usual day's",
    "pump_rise": "the rise to that peak",
    "pump_retraced": "the share of that rise lost again",
    "pump_return_sd": "the standard deviation of the 20 daily returns before it",
    "dumper_sold_share": "the share that the largest seller near the peak sold of what it had bought",
    "dumper_volume_share": "its share of the trades since the rise began",
    "wash_pairs_24h": "such pairs of the owner in the symbol in 24 hours",
    "wash_share_24h": "the share of these pairs in the owner's volume",
    "layer_orders": "own orders on the cancelled order's side within a minute before the fill",
    "layer_levels": "distinct prices of these orders",
    "layer_over_fill": "the quantity of these orders|that fill",
    "layer_cancelled_share": "the share of them cancelled within half a minute of the fill",
    "trader_cancelled_share_1h": "the share of these that were cancelled",
    "close_trades_before": "trades in the half hour before those minutes",
    "close_own_share": "the owner's share of those minutes' volume",
    "close_price_move": "the move of the price since the half hour before",
    "ramp_volume_share": "their share of all trades of that time",
    "ramp_move": "the move of the price in their direction",
    "ramp_reversed_share": "the share of them traded back since",
    "loop_accounts": "accounts in the closed loop that this trade is part of",
    "loop_net_share": "the largest net over gross of an account in that loop",
    "loop_volume_share": "the loop's share of the symbol's volume in 24 hours",
}
# A noun that points back ("those payments") is used only in a rule that reads what it points at.
AFTER: dict[str, str] = {
    "sender_ln_mean_90d": "amount_ln",
    "sender_ln_sd_90d": "sender_ln_mean_90d",
    "device_small_cards_1h": "device_small_count_1h",
    "ip_small_cards_1h": "ip_small_count_1h",
    "merchant_small_cards_1h": "merchant_small_count_1h",
    "sender_near_cash_24h": "sender_near_count_24h",
    "sender_near_branches_24h": "sender_near_count_24h",
    "sender_near_channels_24h": "sender_near_count_24h",
    "receiver_small_senders_7d": "receiver_small_count_7d",
    "receiver_small_days_7d": "receiver_small_count_7d",
    "receiver_small_over_threshold_7d": "receiver_small_count_7d",
    "sender_credit_regions_7d": "sender_credits_7d",
    "sender_credits_here_7d": "sender_credits_7d",
    "sender_out_here_share_72h": "sender_credits_7d",
    "sender_new_receivers_24h": "sender_receivers_24h",
    "receiver_new_senders_24h": "receiver_senders_24h",
    "round_trip_start": "round_trip_hops",
    "round_trip_days": "round_trip_hops",
    "duplicate_loss_days": "object_near_claims",
    "duplicate_amount_difference": "duplicate_loss_days",
    "pump_rise": "pump_volume_over_usual",
    "pump_retraced": "pump_rise",
    "pump_return_sd": "pump_rise",
    "dumper_volume_share": "dumper_sold_share",
    "wash_pairs_24h": "completes_wash_pair",
    "wash_share_24h": "wash_pairs_24h",
    "layer_levels": "layer_orders",
    "layer_over_fill": "layer_orders",
    "layer_cancelled_share": "layer_orders",
    "trader_cancelled_share_1h": "trader_orders_1h",
    "close_trades_before": "in_close",
    "close_own_share": "in_close",
    "ramp_volume_share": "ramp_trades",
    "ramp_move": "ramp_trades",
    "ramp_reversed_share": "ramp_trades",
    "loop_net_share": "loop_accounts",
    "loop_volume_share": "loop_accounts",
}
_THERE_ARE_NOT = re.compile(
    r"(?:the|what|how|its|their|a|an|age|months|of|those|median|mean)\b|.*\bmean\b", re.I
)
_NOUN_ALREADY = re.compile(r"(?:the|what|how|its|their|a|an|such|these|those)\b", re.I)


@dataclass(frozen=True)
class Noun:
    """`counted`: things that are counted ("there are 3 ..."); `owner`: who has them, if it is said so.

    `over`: what it is a multiple or share of.
    """

    text: str
    counted: bool = False
    owner: str = ""
    over: str = ""

    @property
    def as_number(self) -> str:
        """Where arithmetic is done with it."""
        whose = f"{self.owner}'s " if self.owner else ""
        if self.over:
            return f"{self.text} over {self.over}"
        return f"the number of {whose}{self.text}" if self.counted else self.text


class Wording:
    """The names of one engine in words, in a rule that reads the names `read`."""

    def __init__(self, engine: Engine, read: frozenset[str]) -> None:
        self._read = read
        features = {name: engine.feature_set.feature(name) for name in engine.feature_set.names}
        self._meanings = {name: feature.meaning for name, feature in features.items()}
        self.units = {name: feature.unit for name, feature in features.items()}
        self.units |= {name: unit for name, (_, unit) in engine.context.items()}

    def meaning(self, name: str) -> str:
        """What stands in the catalogue; of the context of an event its name in words."""
        return self._meanings.get(name) or f"{name.replace('_', ' ').capitalize()}."

    def yes_no(self, name: str, *, negated: bool) -> str:
        """A sentence for a bool, or for its opposite."""
        if name in YES_NO:
            return YES_NO[name][negated]
        sentence = self._clause(name)
        if not negated:
            return sentence
        opposite, changed = re.subn(r"\b(is|are|was|were|has|have)\b", r"\1 not", sentence, count=1)
        return opposite if changed else f"it is not so that {sentence}"

    def noun(self, name: str) -> Noun:
        """What stands for a number or a text."""
        clause = re.sub(r"^number of ", "", self._own_noun(name) or self._clause(name))
        unit = self.units.get(name)
        first, over = _halves(clause, unit)
        if over:
            return Noun(_with_article(first), over=over)
        owned = re.fullmatch(r"the (\w+)'s (.+)", clause)
        if unit == "count" and owned and "mean" not in clause and name not in NOUNS:
            return Noun(owned[2], True, f"the {owned[1]}")
        if unit == "count" and not _THERE_ARE_NOT.match(clause):
            return Noun(clause, True)
        return Noun(_with_article(clause))

    def _own_noun(self, name: str) -> str | None:
        pointed_at = AFTER.get(name)
        return NOUNS.get(name) if pointed_at is None or pointed_at in self._read else None

    def _clause(self, name: str) -> str:
        """The meaning without its full stop; what follows a comma in brackets."""
        meaning = self._meanings.get(name, "").strip().rstrip(".")
        if not meaning:
            return f"the {name.replace('_', ' ')}"
        meaning = re.split(r"[;:] ", meaning, maxsplit=1)[0]
        meaning = meaning.replace("last 1 hour", "last hour")
        first, comma, rest = meaning.partition(", ")
        text = f"{first} ({rest})" if comma else first
        plain = len(text) > 1 and text[1].islower()
        return text[0].lower() + text[1:] if plain or text[:2] == "A " else text


def _halves(clause: str, unit: str | None) -> tuple[str, str]:
    """What is divided and by what, of a ratio or share that says so."""
    first, bar, over = clause.partition("|")
    if not bar and unit == "ratio":
        first, _, over = clause.partition(" over ")
    return first, over


def _with_article(clause: str) -> str:
    return clause if _NOUN_ALREADY.match(clause) else f"the {clause}"
