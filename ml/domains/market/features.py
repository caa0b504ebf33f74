"""The market feature set: what the rules and the model of market surveillance read.

Most of it is measured: a day of a symbol, a baseline of bars or a piece of a scheme is no window over the
newest events of one entity. Prices are in steps of 10**-8, quantities in steps of 10**-6.
"""

from ml.domains.market.measures import MEASURES
from ml.domains.market.schema import EVENTS, ORDER, PRICE, SIDES, TRADE, VOLUME
from ml.features.builders import count, flag, number
from ml.features.columns import MARKET_TABLE
from ml.features.durations import HOUR
from ml.features.spec import Feature, FeatureSet, Primitive, Stream

FIVE_MINUTES = HOUR // 12
PPM = 1_000_000.0
KNOWN, UNKNOWN = 1, 2  # the order that a cancel or fill names


def _price(name: str, meaning: str, operand: str) -> Feature:
    return number(name, "price", meaning, "scaled", operand, by=(float(PRICE),))


def _quantity(name: str, meaning: str, operand: str) -> Feature:
    return number(name, "quantity", meaning, "scaled", operand, by=(float(VOLUME),))


def _share(name: str, meaning: str, of: str, over: str) -> Feature:
    return number(name, "share", meaning, "ratio", of, over, by=(1.0,))


def _growth(name: str, meaning: str, of: str, over: str) -> Feature:
    """Of whole steps, never of prices made of them: 10.1 - 10 is less than a hundredth of 10."""
    return number(name, "share", meaning, "growth", of, over)


def _text(name: str, meaning: str, column: str, words: tuple[str, ...]) -> Feature:
    return Feature(
        name, "text", "text", meaning, "text", (f"event.{column}",), (), tuple(enumerate(words, 1))
    )


EVENT = (
    _text("event", "Order, cancel or trade.", "event_code", EVENTS),
    _text("side", "The trader's side.", "side_code", SIDES),
    _text(
        "order_reference",
        "Whether the order that a cancel or fill names is stored.",
        "order_reference",
        ("known", "unknown"),
    ),
    flag("is_trade", "A trade, not an order or cancel.", "member", "event.event_code", by=(float(TRADE),)),
    _price("price", "Price as sent.", "event.price_e8"),
    _quantity("volume", "Quantity as sent.", "event.volume_e6"),
)
SYMBOL = (
    _quantity("volume_24h", "Traded in the symbol in 24 hours.", "symbol.volume.24h"),
    count("daily_bars", "Earlier daily bars of the symbol, the newest 30 at most.", "bars.count"),
    number(
        "usual_daily_volume",
        "quantity",
        "Mean daily volume of the newest 30 earlier bars.",
        "ratio",
        "bars.volume",
        "bars.count",
        by=(float(VOLUME),),
    ),
    number(
        "volume_over_usual",
        "ratio",
        "Volume in 24 hours over the usual day's.",
        "over_mean",
        "symbol.volume.24h",
        "bars.volume",
        "bars.count",
    ),
    _price("previous_close", "Close of the newest earlier day with a bar.", "bars.close"),
    _price("price_now", "Price of the newest trade in the symbol, this one included.", "symbol.price"),
    _growth("price_change", "Newest price over the previous close, less one.", "symbol.price", "bars.close"),
    number(
        "return_sd_20d",
        "share",
        "Standard deviation of the newest 20 daily returns.",
        "deviation",
        "returns.count",
        "returns.sum",
        "returns.squares",
        by=(PPM,),
    ),
    count("earlier_trades_5m", "Earlier trades in the symbol in 5 minutes.", "symbol.count.5m"),
    _price("lowest_5m", "Lowest earlier price in 5 minutes.", "symbol.low.5m"),
    _price("highest_5m", "Highest earlier price in 5 minutes.", "symbol.high.5m"),
    _growth("rise_5m", "Price over the lowest of 5 minutes, less one.", "event.price_e8", "symbol.low.5m"),
    _growth("fall_5m", "Price over the highest of 5 minutes, less one.", "event.price_e8", "symbol.high.5m"),
    _quantity("volume_today", "Traded in the symbol on this day of the venue.", "symbol.volume.day"),
)
OWN = (
    _quantity("own_volume_today", "Traded by the owner in the symbol today.", "own.volume.day"),
    _share("own_share_today", "Of today's volume.", "own.volume.day", "symbol.volume.day"),
    count("own_orders_today", "The owner's orders in the symbol today.", "own.orders.day"),
    count("own_trades_today", "The owner's trades in the symbol today.", "own.trades.day"),
    number(
        "orders_per_trade",
        "ratio",
        "The owner's orders in the symbol today, over its trades and one.",
        "ratio_to_next",
        "own_orders_today",
        "own_trades_today",
    ),
    count("own_orders_earlier", "The owner's earlier orders in the symbol, 499 at most.", "own.orders.known"),
    _quantity("usual_order", "Median quantity of the owner's earlier orders.", "own.order.median"),
)
PUMP = (
    _price("pump_peak", "Highest price in the symbol in 48 hours.", "pump.peak"),
    _growth("pump_rise", "Peak over the close before the peak's day, less one.", "pump.peak", "pump.base"),
    number(
        "pump_height", "price", "Peak less that close.", "difference", "pump.peak", "pump.base", by=(1e8,)
    ),
    number(
        "pump_fallen", "price", "Peak less the price.", "difference", "pump.peak", "symbol.price", by=(1e8,)
    ),
    number(
        "pump_retraced",
        "share",
        "Of the rise, lost again.",
        "retraced",
        "pump.peak",
        "symbol.price",
        "pump.base",
    ),
    number(
        "pump_usual_volume",
        "quantity",
        "Mean daily volume of the 30 bars before the peak's day.",
        "ratio",
        "pump.bars.volume",
        "pump.bars.count",
        by=(float(VOLUME),),
    ),
    _quantity("pump_volume", "Traded in the 24 hours up to the peak.", "pump.volume"),
    number(
        "pump_volume_over_usual",
        "ratio",
        "That volume over the usual day's.",
        "over_mean",
        "pump.volume",
        "pump.bars.volume",
        "pump.bars.count",
    ),
    number(
        "pump_return_sd",
        "share",
        "Standard deviation of the 20 daily returns before the peak's day.",
        "deviation",
        "pump.returns.count",
        "pump.returns.sum",
        "pump.returns.squares",
        by=(PPM,),
    ),
    _quantity(
        "dumper_bought", "Bought before the peak by the account that sold most near it.", "dumper.bought"
    ),
    _quantity("dumper_sold", "Sold by it near the peak.", "dumper.sold"),
    _share("dumper_sold_share", "Of what it had bought, sold near the peak.", "dumper.sold", "dumper.bought"),
    _share("dumper_volume_share", "Its trades over all since the rise began.", "dumper.volume", "dumper.all"),
)
WASH = (
    flag("completes_wash_pair", "Mirrors a trade of the same owner.", "member", "wash.pair", by=(1.0,)),
    count("wash_pairs_24h", "Such pairs of the owner in the symbol in 24 hours.", "wash.pairs.24h"),
    _share(
        "wash_share_24h",
        "Both sides of the pairs, of the owner's own volume.",
        "wash.volume.24h",
        "own.volume.24h",
    ),
)
ORDERS = (
    flag("completes_spoof", "Completes a spoofed order.", "member", "spoof.completed", by=(1.0,)),
    count("spoofs_session", "Spoofed orders of the owner in the symbol in this session.", "spoof.session"),
    _quantity("spoofed_order", "Quantity of the spoofed order.", "spoof.volume"),
    number(
        "spoofed_over_usual",
        "ratio",
        "It over the owner's usual order before it.",
        "ratio",
        "spoof.volume",
        "spoof.median",
        by=(1.0,),
    ),
    _share("spoofed_depth_share", "It over the depth of its side.", "spoof.volume", "spoof.depth"),
    _share("spoofed_cancelled_share", "Of it, cancelled in time.", "spoof.cancelled", "spoof.volume"),
    count(
        "layer_orders",
        "Own orders on the cancelled order's side, within a minute before the fill.",
        "layer.orders",
    ),
    count("layer_levels", "Distinct prices of these orders.", "layer.levels"),
    _quantity("layer_volume", "Their quantity.", "layer.volume"),
    _quantity("layer_filled", "Filled on the opposite side.", "layer.filled"),
    number(
        "layer_over_fill",
        "ratio",
        "Their quantity over that fill.",
        "ratio",
        "layer.volume",
        "layer.filled",
        by=(1.0,),
    ),
    _share(
        "layer_cancelled_share",
        "Of them, cancelled within half a minute of the fill.",
        "layer.cancelled",
        "layer.volume",
    ),
    count("trader_orders_1h", "The trader's orders in an hour, the newest 500.", "trader.orders.1h"),
    _share("trader_cancelled_share_1h", "Of these, cancelled.", "trader.cancelled.1h", "trader.orders.1h"),
)
TRADES = (
    flag("in_close", "A trade in the last minutes of the session.", "member", "close.in", by=(1.0,)),
    count("close_trades_before", "Trades in the half hour before them.", "close.before.trades"),
    _price("close_vwap_before", "Their volume-weighted price.", "close.before.vwap"),
    _share("close_own_share", "The owner's share of the last minutes' volume.", "close.own", "close.volume"),
    _growth("close_price_move", "Price over that price, less one.", "event.price_e8", "close.before.vwap"),
    flag(
        "close_favours_position",
        "The move favours the owner's position.",
        "member",
        "close.favours",
        by=(1.0,),
    ),
    count(
        "ramp_trades",
        "Own trades on one side in the quarter hour that this trade turns against.",
        "ramp.trades",
    ),
    _share("ramp_volume_share", "They over all trades of that time.", "ramp.own", "ramp.volume"),
    number("ramp_move", "share", "Move of the price in their direction.", "scaled", "ramp.move", by=(PPM,)),
    _share("ramp_reversed_share", "Of them, traded back since.", "ramp.reversed", "ramp.own"),
    count("loop_accounts", "Accounts in the closed loop that this trade is part of.", "loop.accounts"),
    number(
        "loop_net_share",
        "share",
        "Largest net over gross of an account within it.",
        "scaled",
        "loop.net",
        by=(PPM,),
    ),
    _share(
        "loop_volume_share", "Its volume over the symbol's in 24 hours.", "loop.volume", "symbol.volume.24h"
    ),
)
STREAMS = (
    Stream("symbol", "symbol_key", "symbol_key", MARKET_TABLE, where=(("event_code", "==", TRADE),)),
    Stream(
        "orders", "owner_symbol_key", "owner_symbol_key", MARKET_TABLE, where=(("event_code", "==", ORDER),)
    ),
)
PRIMITIVES = (
    Primitive("symbol.count.5m", "symbol", "count", window=FIVE_MINUTES, prior=True),
    Primitive("symbol.low.5m", "symbol", "min", "price_e8", FIVE_MINUTES, prior=True),
    Primitive("symbol.high.5m", "symbol", "max", "price_e8", FIVE_MINUTES, prior=True),
    Primitive("own.order.median", "orders", "quantile", "volume_e6", quantile=50, prior=True),
)
MARKET = FeatureSet(
    name="market",
    table=MARKET_TABLE,
    context=("order_reference",),
    streams=STREAMS,
    primitives=PRIMITIVES,
    measures=MEASURES,
    features=(*EVENT, *SYMBOL, *OWN, *PUMP, *WASH, *ORDERS, *TRADES),
)
MODEL_FEATURES = (
    "price_change",
    "volume_over_usual",
    "return_sd_20d",
    "orders_per_trade",
    "own_share_today",
)
