"""Trades of one symbol that come at once are counted one after the other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from fraud_detection.models import Assessment
from fraud_detection.selectors import feature_values
from fraud_detection.services.sources import decide_event
from transactions.models import MarketBar, MarketMinute

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("payments_engine")]


def test_every_trade_sees_those_before_it(client_system):
    def trade(number):
        record = {"symbol": "ACME", "price": 10, "volume": 1, "trader_id": f"T{number}", "side": "buy"}
        try:
            return decide_event("market", record, client=client_system)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(trade, range(12)))
    seen = [feature_values(each)["volume_24h"] for each in Assessment.objects.order_by("market_event_id")]
    assert seen == [float(n) for n in range(1, 13)]
    assert sum(minute.trades for minute in MarketMinute.objects.all()) == 12
    assert sum(bar.volume_e6 for bar in MarketBar.objects.all()) == 12_000_000
