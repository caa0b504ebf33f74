"""The alert page of market: a replay with the flagged orders, cancels and trades."""

from datetime import timedelta

import pytest

from alerts.models import Alert
from dashboard.evidence.market import MOST_BARS, show
from fraud_detection.models import Assessment, RuleHit
from fraud_detection.tests.market_events import MONDAY_OPEN, Tape

pytestmark = pytest.mark.django_db


@pytest.fixture
def tape(payments_engine, client_system):
    return Tape(client_system)


def shown(answer):
    return show(
        Assessment.objects.get(pk=answer["id"]), list(RuleHit.objects.filter(assessment=answer["id"]))
    )


def layered(tape):
    for n in range(3):
        tape.order(n, "L", 10.0 - n / 100, 100, f"layer{n}")
    tape.sell(10, "L", 10.0, 50)
    return [tape.cancel(12 + n, "L", 10.0 - n / 100, 100, f"layer{n}") for n in range(3)][-1]


def test_every_flagged_event_is_marked_by_what_it_was(tape, client, analyst):
    answer = layered(tape)
    marks = [mark["shape"] for mark in shown(answer)["chart"]["marks"]]
    assert marks == ["order", "order", "order", "down", "cancel", "cancel", "cancel"]
    client.force_login(analyst)
    text = client.get(f"/alerts/{Alert.objects.get(rule='Layering').pk}/").content.decode()
    assert "Replay of ACME" in text and 'class="replay"' in text
    assert text.count('class="mark order"') == 4 and "layer2" in text  # three and the legend's


def test_a_short_span_draws_trades_and_a_long_one_minutes(tape):
    answer = layered(tape)
    assert len(shown(answer)["chart"]["bars"]) == 1
    tape.start = MONDAY_OPEN + timedelta(hours=1)
    tape.buy(0, "A1", 10.0, 1_000, owner_group="G")
    tape.sell(1, "A2", 10.0, 1_000, owner_group="G")
    tape.buy(7_200, "A1", 10.0, 1_000, owner_group="G")
    chart = shown(tape.sell(7_201, "A2", 10.0, 1_000, owner_group="G"))["chart"]
    assert 0 < len(chart["bars"]) <= MOST_BARS + 1 and chart["line"].startswith("M")
    assert [mark["shape"] for mark in chart["marks"]] == ["up", "down", "up", "down"]


def test_without_flagged_events_nothing_is_drawn(tape):
    assert shown(tape.send(0, "A", 10.0, 5)) is None
