"""Rules about orders and cancels; without order data they are not evaluable."""

from fraud_detection.rules.spec import RuleSpec

ORDERS = (
    RuleSpec(
        code="Spoofing",
        family="spoofing",
        subject="owner",
        description="Large orders are withdrawn within seconds, while the opposite side is filled.",
        condition="completes_spoof && spoofs_session >= p.min_count",
        requires="own_orders_earlier >= p.min_orders",
        severity="high",
        params={"min_count": 3, "min_orders": 5},
        reason="{spoofs_session} large orders withdrawn within seconds in this session; the last is "
        "{spoofed_over_usual} the usual order and {spoofed_depth_share} of its side's depth",
        evidence=(
            "spoofs_session",
            "spoofed_order",
            "spoofed_over_usual",
            "spoofed_depth_share",
            "spoofed_cancelled_share",
            "own_orders_earlier",
        ),
    ),
    RuleSpec(
        code="Layering",
        family="layering",
        subject="owner",
        description="Orders at several prices on one side vanish once the opposite side is filled.",
        condition="""layer_orders >= p.min_orders && layer_levels >= p.min_levels
            && layer_over_fill >= p.min_ratio && layer_cancelled_share >= p.min_cancelled""",
        severity="high",
        params={"min_orders": 3, "min_levels": 3, "min_ratio": 3, "min_cancelled": 0.8},
        reason="{layer_orders} orders at {layer_levels} prices, {layer_over_fill} the opposite fill; "
        "{layer_cancelled_share} cancelled within 30 s of it",
        evidence=(
            "layer_orders",
            "layer_levels",
            "layer_volume",
            "layer_filled",
            "layer_over_fill",
            "layer_cancelled_share",
        ),
    ),
    RuleSpec(
        code="Abusive Cancellation",
        family="abusive_cancellation",
        subject="trader",
        description="Nearly all of many orders are cancelled.",
        condition="trader_orders_1h >= p.min_orders && trader_cancelled_share_1h >= p.min_cancelled",
        severity="high",
        params={"min_orders": 50, "min_cancelled": 0.95},
        reason="{trader_orders_1h} orders in 1 h, {trader_cancelled_share_1h} of them cancelled",
        evidence=("trader_orders_1h", "trader_cancelled_share_1h"),
    ),
)
