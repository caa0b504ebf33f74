"""A tape of market events for tests: each is decided as it comes, times are seconds after a moment."""

from datetime import UTC, date, datetime, timedelta

from fraud_detection.services.sources import decide_event
from fraud_detection.services.sources.registry import SOURCES
from ml.domains.market.schema import PRICE, VOLUME
from ml.features.keys import entity_key
from transactions.models import MarketBar, MarketEvent
from users.models import Customer

MONDAY_OPEN = datetime(2025, 3, 3, 14, 30, tzinfo=UTC)  # 09:30 in New York
NEAR_CLOSE = datetime(2025, 3, 3, 20, 50, tzinfo=UTC)  # ten minutes before the close


class Tape:
    """Events of one client, of the symbol ACME unless said otherwise."""

    def __init__(self, client, start=MONDAY_OPEN):
        self.client, self.start, self.count = client, start, 0
        self.customer = Customer.objects.get_or_create(external_id="stored")[0].pk

    def send(self, seconds, trader, price, volume, **fields):
        """Decide one event and return its answer."""
        self.count += 1
        record = {
            "event_id": f"E{self.count}",
            "symbol": "ACME",
            "price": price,
            "volume": volume,
            "trader_id": trader,
            "occurred_at": (self.start + timedelta(seconds=seconds)).isoformat(),
        } | {name: value for name, value in fields.items() if value is not None}
        return decide_event("market", record, client=self.client).answer

    def store(self, events):
        """Store events, (seconds, trader, price, volume, fields), without deciding about them."""
        source, rows = SOURCES["market"], []
        for seconds, trader, price, volume, fields in events:
            self.count += 1
            at = self.start + timedelta(seconds=seconds)
            values = {"symbol": "ACME", "price": price, "volume": volume, "trader_id": trader, **fields}
            known = {field.name for field in MarketEvent._meta.fields}
            columns = {
                k: v
                for k, v in (values | source.encode(values, at)).items()
                if k in known or k.endswith("_key")
            }
            columns.pop("held_symbol_key")
            rows.append(
                MarketEvent(
                    client=self.client,
                    event_id=f"E{self.count}",
                    body_digest=b"",
                    customer_id=self.customer,
                    occurred_at=at,
                    **columns,
                )
            )
        MarketEvent.objects.bulk_create(rows)

    def buy(self, seconds, trader, price, volume, **fields):
        return self.send(seconds, trader, price, volume, side="buy", **fields)

    def sell(self, seconds, trader, price, volume, **fields):
        return self.send(seconds, trader, price, volume, side="sell", **fields)

    def order(self, seconds, trader, price, volume, order_id, side="buy", **fields):
        return self.send(
            seconds, trader, price, volume, event="order", order_id=order_id, side=side, **fields
        )

    def cancel(self, seconds, trader, price, volume, order_id, **fields):
        return self.send(seconds, trader, price, volume, event="cancel", order_id=order_id, **fields)


def bars(count, *, close=100.0, volume=1_000, symbol="ACME", until=date(2025, 3, 2)):
    """Flat daily bars up to a day, loaded as reference data; closes alternate by 1%."""
    rows = []
    for back in range(count):
        price = round(close * (1.01 if back % 2 else 1.0) * PRICE)
        rows.append(
            MarketBar(
                symbol=symbol,
                symbol_key=entity_key("symbol", symbol),
                date=until - timedelta(days=back),
                loaded=True,
                open_e8=price,
                high_e8=price,
                low_e8=price,
                close_e8=price,
                volume_e6=volume * VOLUME,
            )
        )
    MarketBar.objects.bulk_create(rows)


def hit(answer, rule):
    """The alert of a rule in an answer, or None."""
    return next((alert for alert in answer["alerts"] if alert["rule"] == rule), None)


def values(answer, rule):
    """The values of a rule's evidence by name."""
    return {each["name"]: each["value"] for each in hit(answer, rule)["evidence"] if each["kind"] == "value"}


def events(answer, rule):
    """The ids of the events in a rule's evidence."""
    return [each["id"] for each in hit(answer, rule)["evidence"] if each["kind"] == "event"]
