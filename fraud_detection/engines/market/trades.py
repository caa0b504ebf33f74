"""Rules about trades and prices."""

from fraud_detection.rules.spec import RuleSpec

_PUMPED = """pump_volume_over_usual >= p.volume_ratio && pump_rise >= p.min_return
        && pump_rise >= p.deviations * pump_return_sd && pump_retraced >= p.min_retraced
        && dumper_sold_share >= p.min_sold && dumper_volume_share >= p.min_volume_share"""

TRADES = (
    RuleSpec(
        code="Pump And Dump",
        family="pump_and_dump",
        subject="symbol",
        description="Watch: volume and price rise far above the usual. Confirmed: the price falls back and "
        "an account that bought before sold near the peak.",
        condition=f"""is_trade && ((volume_over_usual >= p.volume_ratio && price_change >= p.min_return
            && price_change >= p.deviations * return_sd_20d)
        || ({_PUMPED}))""",
        requires="!is_trade || daily_bars >= p.min_bars",
        severity="high",
        confidence=f"({_PUMPED}) ? 0.85 : 0.6",
        params={
            "volume_ratio": 5,
            "min_return": 0.25,
            "deviations": 3,
            "min_bars": 20,
            "min_retraced": 0.4,
            "min_sold": 0.5,
            "min_volume_share": 0.1,
        },
        reason="Price {price_now} is {price_change} above the previous close of {previous_close}, "
        "24 h volume {volume_over_usual} the usual"
        "[; {pump_retraced} of a rise of {pump_rise} is lost again]"
        "[, and an account sold {dumper_sold_share} of what it had bought near the peak]",
        evidence=(
            "price_now",
            "previous_close",
            "price_change",
            "return_sd_20d",
            "volume_24h",
            "usual_daily_volume",
            "volume_over_usual",
            "daily_bars",
            "pump_peak",
            "pump_rise",
            "pump_retraced",
            "pump_volume_over_usual",
            "dumper_bought",
            "dumper_sold",
            "dumper_sold_share",
            "dumper_volume_share",
        ),
    ),
    RuleSpec(
        code="Wash Trade",
        family="wash_trade",
        subject="owner",
        description="One owner stands on both sides: its buy and its sell match in quantity, price and time.",
        condition="completes_wash_pair && wash_pairs_24h >= p.min_pairs",
        severity='wash_pairs_24h >= p.high_pairs || wash_share_24h >= p.high_share ? "high" : "medium"',
        params={"min_pairs": 1, "high_pairs": 3, "high_share": 0.2},
        reason="Buy and sell of one owner match; its pairs in 24 h: {wash_pairs_24h}, "
        "{wash_share_24h} of its own volume",
        evidence=("wash_pairs_24h", "wash_share_24h", "price", "volume"),
    ),
    RuleSpec(
        code="Marking The Close",
        family="marking_the_close",
        subject="owner",
        description="An owner moves the price in the last minutes of the session in favour of its position.",
        condition="""in_close && close_own_share >= p.min_share
            && (close_price_move >= p.min_move || close_price_move <= -p.min_move)
            && close_favours_position""",
        requires="!in_close || close_trades_before >= p.min_trades",
        severity="high",
        params={"min_share": 0.2, "min_move": 0.01, "min_trades": 1},
        reason="{close_own_share} of the last minutes' volume, price {price} is {close_price_move} "
        "from the {close_vwap_before} of the half hour before, in favour of its own position",
        evidence=(
            "close_own_share",
            "price",
            "close_vwap_before",
            "close_price_move",
            "close_trades_before",
        ),
    ),
    RuleSpec(
        code="Ramping",
        family="ramping",
        subject="owner",
        description="An owner pushes the price with trades on one side, then trades back.",
        condition="""ramp_trades >= p.min_trades && ramp_volume_share >= p.min_share
            && ramp_move >= p.min_move && ramp_reversed_share >= p.min_reversed""",
        severity="high",
        params={"min_trades": 5, "min_share": 0.25, "min_move": 0.02, "min_reversed": 0.5},
        reason="{ramp_trades} trades on one side in 15 min, {ramp_volume_share} of the volume, moved the "
        "price {ramp_move}; {ramp_reversed_share} traded back within 60 min",
        evidence=("ramp_trades", "ramp_volume_share", "ramp_move", "ramp_reversed_share"),
    ),
    RuleSpec(
        code="Circular Trading",
        family="circular_trading",
        subject="symbol",
        description="Accounts pass the same quantity round in a closed loop and end where they began.",
        condition="""loop_accounts >= p.min_accounts && loop_net_share <= p.max_net
            && loop_volume_share >= p.min_share""",
        severity="high",
        params={"min_accounts": 3, "max_net": 0.05, "min_share": 0.1},
        reason="{loop_accounts} accounts in a closed loop in 24 h, net {loop_net_share} of gross, "
        "{loop_volume_share} of the volume",
        evidence=("loop_accounts", "loop_net_share", "loop_volume_share", "volume_24h"),
    ),
    RuleSpec(
        code="Price Spike",
        family="price_spike",
        subject="symbol",
        description="A fast move of the price; context for other signs, it adds nothing to the risk.",
        condition="is_trade && (rise_5m >= p.min_move || fall_5m <= -p.min_move)",
        requires="!is_trade || earlier_trades_5m >= p.min_trades",
        severity="low",
        weight=0.0,
        params={"min_move": 0.1, "min_trades": 1},
        reason="Price {price}; lowest {lowest_5m} and highest {highest_5m} of the 5 min before",
        evidence=("price", "lowest_5m", "highest_5m", "rise_5m", "fall_5m", "earlier_trades_5m"),
    ),
)
