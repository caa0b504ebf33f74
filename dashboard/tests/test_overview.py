"""Every figure of the overview, and the list behind it."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.services import resolve_alert
from dashboard.live import figures
from dashboard.selectors import decisions, overview
from dashboard.selectors.period import period_of
from fraud_detection.models import Assessment


def tiles(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-kpi="(\w+)">([\d,.]+)<', page))


@pytest.fixture
def day(decide, drained):
    """Three approved payments of 25.00 beside the drained account."""
    for number in range(3):
        decide(sender_id=f"C-{number}")


def test_tiles_count_what_was_decided(signed_in, day):
    page = signed_in("analyst").get("/").content.decode()
    assert tiles(page) == {
        "open_alerts": "1",
        "alerts_opened": "1",
        "events": "4",
        "stopped": "1",
        "stopped_amount": "9,100",
    }


def test_figures_reconcile_with_their_lists(signed_in, day):
    client = signed_in("analyst")
    assert "4 events, 9,175.00 USD" in client.get("/transactions/?decided=today").content.decode()
    assert (
        "1 event, 9,100.00 USD"
        in client.get("/transactions/?decided=today&decision=stopped").content.decode()
    )
    assert "3 events, 75.00 USD" in client.get("/transactions/?decided=today&level=low").content.decode()
    assert "1 event, 9,100.00 USD" in client.get("/transactions/?rule=ACCOUNT_DRAIN").content.decode()
    assert (
        "All 1 listed, 9,100.00 USD at stake" in client.get("/alerts/?tab=all&opened=today").content.decode()
    )


def test_the_live_figures_are_those_of_the_page(signed_in, day):
    shown = tiles(signed_in("analyst").get("/").content.decode())
    live = figures.kpis(timezone.now())
    assert {name: int(text.replace(",", "")) for name, text in shown.items() if name != "stopped_amount"} == {
        name: live[name] for name in ("open_alerts", "alerts_opened", "events", "stopped")
    }
    assert live["stopped_amount"] == 910_000


def test_what_moves_is_told_as_the_page_writes_it(signed_in, day):
    page = signed_in("analyst").get("/").content.decode()
    live = figures.kpis(timezone.now())
    assert dict(re.findall(r'data-line="(\w+)">([^<]*)<', page)) == live["lines"]
    assert live["levels"].strip() in page
    assert live["sentence"].startswith("00:00 to ")


def test_degraded_decisions_are_told_and_listed(signed_in, day):
    client = signed_in("analyst")
    assert "4 decisions degraded today" in client.get("/").content.decode()
    assert "4 events" in client.get("/transactions/?decided=today&degraded=yes").content.decode()
    Assessment.objects.update(degraded=False)
    assert "degraded" not in client.get("/").content.decode()


def test_a_large_amount_is_shortened_with_the_figure_beside_it(signed_in, drained):
    Assessment.objects.update(amount_minor=260_532_409_000)
    page = signed_in("analyst").get("/").content.decode()
    assert 'aria-label="2,605,324,090" data-kpi="stopped_amount">2,605.3\u00a0M<' in page


def test_open_alerts_add_up(signed_in, day, drained, analyst):
    resolve_alert(
        alert_id=drained.pk, acting_user=analyst, disposition="inconclusive", note="?", seen_version=1
    )
    page = signed_in("analyst").get("/").content.decode()
    assert "0 at the start + 1 opened − 1 closed = <b>0 open</b>" in page


def test_another_period_holds_what_today_does_not(signed_in, day):
    Assessment.objects.filter(decision="approve").update(decided_at=timezone.now() - timedelta(days=3))
    client = signed_in("analyst")
    assert tiles(client.get("/").content.decode())["events"] == "1"
    assert tiles(client.get("/?period=7").content.decode())["events"] == "4"
    assert tiles(client.get("/?period=nonsense").content.decode())["events"] == "1"


def test_compared_events_are_those_of_the_same_hours_a_week_ago(day):
    now = timezone.now()
    Assessment.objects.filter(decision="approve").update(decided_at=now - timedelta(days=7))
    made, before = decisions.period_tallies(period_of("today", now))
    assert (made.total, before.total) == (1, 3)


def test_missed_is_approved_and_known_as_fraud(decide, analyst):
    from transactions.services import record_labels

    event = decide(amount="70.00").transaction
    record_labels(
        [event.pk], verdict="fraud", source="chargeback", reason="", recorded_by="x", known_at=timezone.now()
    )
    today = overview.by_day(timezone.now())[-1]
    assert (today.stopped, today.missed) == (0, 7000)


def test_rates_put_events_into_steps_of_twenty_seconds(day):
    now = timezone.now()
    Assessment.objects.filter(decision="approve").update(decided_at=now - timedelta(minutes=5))
    rate = decisions.rate(now)
    assert len(rate["starts"]) == 45
    assert sum(rate["events"]) == 4
    assert rate["events"][rate["starts"].index(int((now.timestamp() - 300) // 20) * 20)] == 3
    assert sum(rate["review"]) + sum(rate["decline"]) == 1


def test_charts_get_their_numbers_as_data(signed_in, day):
    page = signed_in("analyst").get("/").content.decode()
    data = json.loads(re.search(r'id="d-overview" type="application/json">(.*?)</script>', page).group(1))
    assert sum(data["rate"]["events"]) == 4
    assert sum(stopped for _, stopped, _ in data["days"]) == 9100.0


def test_before_the_first_event_the_page_shows_how_to_send_one(signed_in, db):
    page = signed_in("analyst").get("/").content.decode()
    assert "No event has arrived yet" in page
    assert '<ol class="first-steps">' in page  # `steps` are four columns beside each other
    assert "create_api_key" in page
    assert "http://testserver/api/v1/transactions/" in page
