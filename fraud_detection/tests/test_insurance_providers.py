"""A provider beside its peers: exact counts over 90 days, at a cost that its size does not change."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db import connection

from fraud_detection.models import Assessment
from fraud_detection.services.engine_setup import install
from fraud_detection.services.measuring.insurance import providers
from fraud_detection.services.sources import decide_event
from ml.domains.insurance.schema import plain
from ml.features.keys import entity_key
from transactions.models import ClaimProvider, InsuranceClaim, ProviderDay
from users.models import ClientSystem

NOW = datetime(2025, 9, 1, 12, tzinfo=UTC)
RULE = "ProviderOutlierRule"
MOTOR = entity_key("product", plain("motor"))
pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(client_system: ClientSystem):
    """claim("G", ago=3) decides about a motor claim of provider G reported 3 days before NOW."""
    install()
    numbers = count(1)

    def decide(provider, ago=0.0, amount=1000, product="motor"):
        number = next(numbers)
        record = {
            "claim_id": f"C-{number}",
            "policy_id": f"P-{number}",
            "claim_amount": amount,
            "estimated_value": amount,
            "provider_id": provider,
            "product": product,
            "reported_at": (NOW - timedelta(days=ago)).isoformat(),
        }
        return decide_event("insurance", record, client=client_system).answer

    return decide


def hit_of(answer) -> dict | None:
    return next((alert for alert in answer["alerts"] if alert["rule"] == RULE), None)


def peers(claim, number=3, **fields):
    for peer in range(number):
        claim(f"peer-{peer}", ago=20 + peer, **fields)


def test_three_times_the_claims_and_half_as_much_again_is_an_outlier(claim):
    peers(claim)
    claim("mill", ago=89, amount=1500)
    claim("mill", ago=50, amount=1500)
    claim("mill", ago=10, amount=9, product="health")
    answer = claim("mill", amount=1500)
    hit = hit_of(answer)
    assert (hit["severity"], hit["confidence"], answer["fraud_risk"]) == ("medium", 0.2, 20.0)
    assert hit["reason"] == (
        "Provider with 3 claims in 90 d, 3× the median of 3 peers; mean claim 1,500.00, 1.5× their 1,000.00"
    )
    found = {part["name"]: part["value"] for part in hit["evidence"] if part["kind"] == "value"}
    assert found == {
        "provider_claims_90d": 3,
        "peer_claims_90d": 1,
        "provider_claims_over_peers": 3,
        "provider_severity_90d": 1500,
        "peer_severity_90d": 1000,
        "provider_severity_over_peers": 1.5,
        "peer_providers_90d": 3,
    }
    rest = [part for part in hit["evidence"] if part["kind"] not in ("value", "threshold")]
    assert rest[:2] == [
        {"kind": "window", "from": "2025-06-03T12:00:00.000000Z", "to": "2025-09-01T12:00:00.000000Z"},
        {"kind": "provider", "provider_id": "mill"},
    ]
    assert [part["claim_id"] for part in rest[2:]] == ["C-5", "C-4"]


@pytest.mark.parametrize(("first", "amount"), [(90.0, 1500), (89.0, 1499.98)])
def test_a_claim_outside_the_window_or_a_little_less_is_none(claim, first, amount):
    """(t - 90 d, t]: what was reported exactly 90 days ago is out."""
    peers(claim)
    claim("mill", ago=first, amount=1500)
    claim("mill", ago=50, amount=1500)
    assert hit_of(claim("mill", amount=amount)) is None


def test_half_as_much_again_is_enough_for_every_mean(claim):
    peers(claim, amount=1000.08)  # of means as floats it is less than 1.5
    claim("mill", ago=89, amount=1500.12)
    claim("mill", ago=50, amount=1500.12)
    assert hit_of(claim("mill", amount=1500.12))


def test_the_window_is_cut_within_a_day(claim):
    peers(claim)
    for ago in (90 - 1 / 86_400, 1, 0.2):
        claim("mill", ago=ago, amount=1500)
    event = InsuranceClaim.objects.order_by("-id").first()
    key = entity_key("provider", "mill")
    stored = {
        "id": event.id,
        "provider_key": key,
        "product_key": MOTOR,
        "occurred_at": NOW,
    }
    assert providers.provider_totals(stored)[key] == (3, 450_000)
    earlier = stored | {"occurred_at": NOW - timedelta(hours=12)}
    assert providers.provider_totals(earlier)[key] == (2, 300_000)
    later = stored | {"occurred_at": NOW + timedelta(seconds=1)}
    assert providers.provider_totals(later)[key] == (2, 300_000)


def test_fewer_than_three_peers_are_too_little(claim):
    peers(claim, 2)
    for ago in (3, 2):
        claim("mill", ago=ago, amount=1500)
    answer = claim("mill", amount=1500)
    assert answer["alerts"] == []
    assert RULE in Assessment.objects.get(pk=answer["id"]).insufficient


def test_peers_are_those_of_the_product(claim):
    peers(claim, product="health")
    peers(claim, 2)
    for ago in (3, 2):
        claim("mill", ago=ago, amount=1500)
    assert RULE in Assessment.objects.get(pk=claim("mill", amount=1500)["id"]).insufficient


def test_counts_are_kept_as_claims_are_stored(claim):
    for ago in (2.6, 2.7, 1):
        claim("mill", ago=ago, amount=10.5)
    claim("mill", ago=400, amount=7)
    day = int(NOW.timestamp() // 86_400)
    found = ProviderDay.objects.order_by("day").values_list("day", "claims", "amount_minor")
    assert list(found) == [(day - 400, 1, 700), (day - 3, 2, 2100), (day - 1, 1, 1050)]
    assert ClaimProvider.objects.get().last_day == day - 1


def test_a_provider_with_100_000_claims_costs_what_a_small_one_costs(client_system):
    """Rows that the statement reads, by the plan: the big provider's days, not its claims."""
    install()
    _fill("big", 100_000)
    _fill("small", 90)
    for number in range(20):
        _fill(f"peer-{number}", 30)
    with connection.cursor() as cursor:
        cursor.execute("analyze transactions_providerday, transactions_claimprovider")
    assert abs(_rows_read("big") - _rows_read("small")) <= 1
    assert providers.measure_provider(_event("big")) == {
        "provider.count": 100_000,
        "provider.sum": 100_000 * 150_000,
        "peers.count": 21,
        "peers.claims": 30,
        "peers.severity": 150_000,
    }


def _fill(provider: str, claims: int) -> None:
    """Counts as 90 days of claims leave them; the claims themselves stand on days that no window cuts."""
    key, today = entity_key("provider", provider), int(NOW.timestamp() // 86_400)
    days = min(claims, 89)
    ProviderDay.objects.bulk_create(
        ProviderDay(
            product_key=MOTOR,
            provider_key=key,
            day=today - ago,
            claims=(number := claims // days + (ago < claims % days)),
            amount_minor=150_000 * number,
        )
        for ago in range(days)
    )
    ClaimProvider.objects.create(product_key=MOTOR, provider_key=key, provider_id=provider, last_day=today)


def _event(provider: str) -> dict:
    return {
        "id": 10**9,
        "provider_key": entity_key("provider", provider),
        "product_key": MOTOR,
        "occurred_at": NOW,
    }


def _rows_read(provider: str) -> int:
    with connection.cursor() as cursor:
        arguments = providers._arguments(_event(provider))
        cursor.execute(f"explain (analyze, format json) {providers._TOTALS}", arguments)
        found = cursor.fetchone()[0]
    plan = json.loads(found) if isinstance(found, str) else found
    return _read(plan[0]["Plan"])


def _read(node: dict) -> int:
    own = node["Actual Rows"] * node["Actual Loops"] if "Relation Name" in node else 0
    return round(own) + sum(map(_read, node.get("Plans", ())))
