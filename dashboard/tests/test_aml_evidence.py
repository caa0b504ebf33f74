"""The alert page of aml: rounds, flows and listings with the figures of the hits."""

import pytest

from alerts.models import Alert
from dashboard.evidence.aml import DRAWN, show
from fraud_detection.models import Assessment, RuleHit
from fraud_detection.services.deep_searches import search_deeper
from fraud_detection.tests.aml_history import NOW, decided, moved
from fraud_detection.tests.test_round_trips import crowded, trip
from fraud_detection.tests.test_rules_aml import fanned, funnelled, near, passed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]


def shown(records, rule):
    body = decided(records)[-1]
    hits = RuleHit.objects.filter(assessment=body["id"], rule=rule)
    return show(Assessment.objects.get(pk=body["id"]), list(hits))


def page(client, person, rule):
    client.force_login(person)
    answer = client.get(f"/alerts/{Alert.objects.get(rule=rule).pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_round_trip_is_drawn_hop_by_hop(client, analyst):
    (way,) = shown(trip("ABCD"), "RoundTripRule")["rounds"]
    assert [node.name for node in way.nodes] == list("ABCD")
    assert [(hop.number, hop.amount) for hop in way.hops] == [(1, 1000), (2, 900), (3, 810), (4, 729)]
    assert (way.nodes[0].x, way.nodes[0].y) == (360, 50) and not way.late
    text = page(client, analyst, "RoundTripRule")
    assert "The way round" in text and "4: 729.00" in text and 'class="way"' in text


def test_a_late_one_says_so(client, analyst):
    decided(crowded())
    search_deeper(NOW)
    text = page(client, analyst, "RoundTripRule")
    assert "found by a deeper search after the decision" in text and "2: 900.00" in text


def test_a_fan_draws_new_and_known_counterparties(client, analyst):
    (flow,) = shown(fanned(count=DRAWN + 3, known=2), "FanInRule")["flows"]
    assert (flow.account, len(flow.into), flow.out, flow.not_drawn) == ("HUB", DRAWN, [], 3)
    assert [line.new for line in flow.into][:3] == [False, False, True]
    text = page(client, analyst, "FanInRule")
    assert "Who sent to it" in text and "and 3 more" in text and "new in 90 days" in text


def test_money_in_and_out_is_drawn_as_wide_as_it_is():
    (flow,) = shown(passed(5_000, 4_000), "RapidMovementRule")["flows"]
    assert [(line.name, line.width) for line in flow.into] == [("P", 6.0)]
    assert [(line.name, line.width) for line in flow.out] == [("Q", 4.8)]
    (flow,) = shown(funnelled(), "FunnelAccountRule")["flows"]
    assert [line.name for line in flow.into] == ["A", "B", "C"] and [line.name for line in flow.out] == ["Z"]


def test_amounts_and_countries_are_listed(client, analyst):
    (listing,) = shown(near(9_000, 9_500, 8_200, branch="B1"), "StructuringRule")["listings"]
    assert listing.title == "Just below 10,000"
    assert [row[2:4] for row in listing.rows] == [(8_200, 1_800), (9_500, 500), (9_000, 1_000)]
    (listing,) = shown([moved(0, 10, "K", country="KP")], "HighRiskGeographyRule")["listings"]
    assert listing.rows == [("country", "KP", "black")] and "version 1" in listing.title
    assert "Listed countries" in page(client, analyst, "HighRiskGeographyRule")


def test_other_hits_draw_nothing():
    body = decided([moved(0, 10, "K", country="KP")])[0]
    assert show(Assessment.objects.get(pk=body["id"]), []) is None
