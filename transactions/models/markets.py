"""Orders, cancels and trades as they were sent, and what is kept of them for judging the next one.

Prices are integers in steps of 10**-8, quantities in steps of 10**-6; their sums may exceed 64 bits.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from logs.redacting.fields import CardSafeCharField

SUM = {"max_digits": 40, "decimal_places": 0, "default": 0}


class MarketEventType(models.IntegerChoices):
    ORDER = 1, "Order"
    CANCEL = 2, "Cancel"
    TRADE = 3, "Trade"


class Side(models.IntegerChoices):
    BUY = 1, "Buy"
    SELL = 2, "Sell"


class MarketEvent(models.Model):
    """One order, cancel or trade of one account.

    Ids are arrival order. `*_key` are 64-bit digests: of an id beside them, of an owner or account within
    the symbol, of an order of the trader in the symbol. The owner is the group, or else the account.
    """

    client = models.ForeignKey(
        "users.ClientSystem", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    event_id = models.CharField(max_length=128)
    body_digest = models.BinaryField(max_length=16)
    customer = models.ForeignKey(
        "users.Customer", on_delete=models.PROTECT, db_index=False, related_name="market_events"
    )
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)

    event_code = models.SmallIntegerField("event", choices=MarketEventType)
    side_code = models.SmallIntegerField("side", choices=Side, null=True, blank=True)
    symbol = models.CharField(max_length=64)
    price = models.DecimalField(max_digits=20, decimal_places=8)
    volume = models.DecimalField(max_digits=20, decimal_places=6)
    trader_id = CardSafeCharField(max_length=128)
    order_id = CardSafeCharField(max_length=128, null=True, blank=True)
    owner_group = CardSafeCharField(max_length=128, null=True, blank=True)
    side_depth = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    counterparty_id = CardSafeCharField(max_length=128, null=True, blank=True)
    venue = CardSafeCharField(max_length=32, null=True, blank=True)

    amount_minor = models.BigIntegerField()
    price_e8 = models.BigIntegerField()
    volume_e6 = models.BigIntegerField()
    side_depth_e6 = models.BigIntegerField(null=True)
    symbol_key = models.BigIntegerField()
    trader_key = models.BigIntegerField()
    owner_key = models.BigIntegerField()
    owner_symbol_key = models.BigIntegerField()
    counterparty_key = models.BigIntegerField(null=True)
    order_key = models.BigIntegerField(null=True)
    seller_symbol_key = models.BigIntegerField(null=True)
    buyer_symbol_key = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("client", "event_id"), name="transactions_market_event_once"),
        )
        indexes = (
            models.Index(
                fields=("symbol_key", "occurred_at", "id"),
                include=("price_e8", "volume_e6"),
                condition=Q(event_code=3),
                name="transactions_mkt_symbol",
            ),
            models.Index(
                fields=("owner_symbol_key", "occurred_at", "id"),
                include=("side_code", "price_e8", "volume_e6"),
                condition=Q(event_code=3),
                name="transactions_mkt_fills",
            ),
            models.Index(
                fields=("owner_symbol_key", "occurred_at", "id"),
                include=("side_code", "price_e8", "volume_e6"),
                condition=Q(event_code=1),
                name="transactions_mkt_orders",
            ),
            models.Index(
                fields=("order_key", "occurred_at", "id"),
                include=("event_code", "volume_e6"),
                condition=Q(order_key__isnull=False),
                name="transactions_mkt_order",
            ),
            models.Index(
                fields=("trader_key", "occurred_at", "id"),
                include=("event_code", "order_key", "owner_key"),
                name="transactions_mkt_trader",
            ),
            models.Index(
                fields=("seller_symbol_key", "occurred_at", "id"),
                include=("buyer_symbol_key", "volume_e6"),
                condition=Q(seller_symbol_key__isnull=False),
                name="transactions_mkt_sold",
            ),
            models.Index(
                fields=("buyer_symbol_key", "occurred_at", "id"),
                include=("seller_symbol_key", "volume_e6"),
                condition=Q(buyer_symbol_key__isnull=False),
                name="transactions_mkt_bought",
            ),
            models.Index(fields=("customer", "-id"), name="transactions_mkt_customer"),
        )

    def __str__(self) -> str:
        return self.event_id


class MarketBar(models.Model):
    """One day of a symbol: loaded as reference data, or built from stored trades by the venue's own day.

    `last_at` is the time of the trade that `close` comes from, empty for loaded bars. Where both kinds
    stand for a day, the loaded one counts.
    """

    symbol = models.CharField(max_length=64)
    symbol_key = models.BigIntegerField()
    date = models.DateField()
    loaded = models.BooleanField()
    open_e8 = models.BigIntegerField()
    high_e8 = models.BigIntegerField()
    low_e8 = models.BigIntegerField()
    close_e8 = models.BigIntegerField()
    volume_e6 = models.DecimalField(**SUM)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("symbol", "-date")
        constraints = (
            models.UniqueConstraint(
                fields=("symbol_key", "date", "loaded"), name="transactions_market_bar_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.symbol} {self.date}"


class MarketMinute(models.Model):
    """What traded in a symbol in one minute; `traded` is the sum of price times volume, in their steps."""

    symbol_key = models.BigIntegerField()
    minute = models.DateTimeField()
    volume_e6 = models.DecimalField(**SUM)
    traded = models.DecimalField(**SUM)
    high_e8 = models.BigIntegerField()
    low_e8 = models.BigIntegerField()
    close_e8 = models.BigIntegerField()
    trades = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ("-minute",)
        constraints = (
            models.UniqueConstraint(fields=("symbol_key", "minute"), name="transactions_market_minute_once"),
        )

    def __str__(self) -> str:
        return f"{self.symbol_key} {self.minute:%Y-%m-%d %H:%M}"


class MarketAccountDay(models.Model):
    """What one owner did in one symbol on one day of the venue; `volume_e6` has trades without a side too."""

    symbol_key = models.BigIntegerField()
    owner_symbol_key = models.BigIntegerField()
    date = models.DateField()
    orders = models.PositiveIntegerField(default=0)
    cancels = models.PositiveIntegerField(default=0)
    trades = models.PositiveIntegerField(default=0)
    volume_e6 = models.DecimalField(**SUM)
    bought_e6 = models.DecimalField(**SUM)
    sold_e6 = models.DecimalField(**SUM)

    class Meta:
        ordering = ("-date",)
        constraints = (
            models.UniqueConstraint(
                fields=("owner_symbol_key", "date"), name="transactions_market_account_day_once"
            ),
        )
        indexes = (models.Index(fields=("symbol_key", "date", "-sold_e6"), name="transactions_mkt_sellers"),)

    def __str__(self) -> str:
        return f"{self.owner_symbol_key} {self.date}"


class MarketPattern(models.Model):
    """A piece of a scheme, recognised at `event`: a wash pair with the trade `other`, or the spoofed order.

    A scheme is made of several, and a later event counts them without reading the events again.
    """

    class Kind(models.IntegerChoices):
        WASH = 1, "Wash pair"
        SPOOF = 2, "Spoofed order"

    kind = models.SmallIntegerField(choices=Kind)
    owner_symbol_key = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    event = models.ForeignKey(MarketEvent, on_delete=models.PROTECT, db_index=False, related_name="+")
    other = models.ForeignKey(
        MarketEvent, null=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    volume_e6 = models.BigIntegerField(help_text="Of both trades of a wash pair, or of the spoofed order.")

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("kind", "event"), name="transactions_market_pattern_event"),
            models.UniqueConstraint(
                fields=("kind", "other"),
                condition=Q(other__isnull=False),
                name="transactions_market_pattern_other",
            ),
        )
        indexes = (
            models.Index(
                fields=("owner_symbol_key", "kind", "occurred_at"),
                include=("event", "other", "volume_e6"),
                name="transactions_mkt_patterns",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.event_id}"
