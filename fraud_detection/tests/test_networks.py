"""Ranges of addresses on the block and allow lists: exact, in both families, until their time."""

import ipaddress
import random
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from fraud_detection.models import Assessment, ListEntry
from fraud_detection.services import serving
from fraud_detection.services.decisions import decide_payment, decide_payments
from fraud_detection.services.listing.networks import Networks, Standing
from fraud_detection.services.lists import EntryRefused, add_list_entry, remove_list_entry
from fraud_detection.services.replaying import replay

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def values(networks, address, at=NOW):
    return [entry.value for entry in networks.holding(address, at)]


def test_the_edges_of_a_range_are_in_it_and_their_neighbours_are_not():
    networks = Networks([Standing("block", "10.1.2.0/23", None), Standing("allow", "2001:db8::/33", None)])
    for inside in ("10.1.2.0", "10.1.3.255"):
        assert values(networks, inside) == ["10.1.2.0/23"]
    for outside in ("10.1.1.255", "10.1.4.0", "::a01:200"):
        assert values(networks, outside) == []
    assert values(networks, "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff") == ["2001:db8::/33"]
    assert values(networks, "2001:db8:8000::") == []


def test_an_ipv4_address_in_its_ipv6_form_is_the_same_address():
    networks = Networks([Standing("block", "10.0.0.0/8", None)])
    assert values(networks, "::ffff:10.9.9.9") == ["10.0.0.0/8"]
    assert values(networks, "::ffff:11.9.9.9") == []


def test_ten_thousand_ranges_say_what_the_standard_library_says():
    chance = random.Random(7)
    ranges = set()
    while len(ranges) < 10_000:
        bits, length = (
            (32, chance.randint(8, 32)) if chance.random() < 0.7 else (128, chance.randint(20, 128))
        )
        base = 0x0A000000 if bits == 32 else 0x20010DB8 << 96
        start = base | chance.getrandbits(bits // 2)
        ranges.add(str(ipaddress.ip_network((start, length), strict=False)))
    networks = Networks(Standing("block", each, None) for each in sorted(ranges))
    known = [ipaddress.ip_network(each) for each in ranges]
    for _ in range(60):
        chosen = chance.choice(known)
        nearby = int(chosen.network_address) + chance.randint(-2, chosen.num_addresses + 1)
        family = ipaddress.IPv4Address if chosen.version == 4 else ipaddress.IPv6Address
        address = family(max(0, min(nearby, 2**chosen.max_prefixlen - 1)))
        expected = {str(each) for each in known if each.version == address.version and address in each}
        assert set(values(networks, str(address))) == expected


def test_an_expired_range_holds_nothing_from_its_time_on():
    networks = Networks([Standing("block", "10.0.0.0/8", NOW)])
    assert values(networks, "10.0.0.1", NOW - timedelta(microseconds=1)) == ["10.0.0.0/8"]
    assert values(networks, "10.0.0.1", NOW) == []
    assert values(Networks(), "10.0.0.1") == [] and values(networks, "no address") == []


@pytest.fixture
def put(approving_engine, analyst):
    def run(name, value, kind="ip_range", **options):
        entry = add_list_entry(
            list=name, kind=kind, value=value, reason="seen before", acting_user=analyst, **options
        )
        serving.forget()
        return entry

    return run


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("range_", "address"), [("10.0.0.0/8", "10.200.1.1"), ("2001:db8::/32", "2001:db8::9")]
)
def test_an_address_in_a_blocked_range_is_declined(range_, address, put, payment, client_system):
    put("block", range_)
    body = decide_payment(payment(ip_address=address), client=client_system).body
    assert (body["decision"], body["reasons"][0]["text"]) == (
        "decline",
        f"On a block list: IP range {range_}",
    )
    assert decide_payment(payment(ip_address="192.0.2.1"), client=client_system).body["decision"] == "approve"
    assert decide_payment(payment(), client=client_system).body["decision"] == "approve"
    assert replay(Assessment.objects.get(pk=body["id"])).equal


@pytest.mark.django_db
def test_a_batch_says_the_same_as_single_events(put, payment, drain, client_system):
    put("block", "10.0.0.0/8")
    put("allow", "198.51.100.0/24")
    events = [
        payment(ip_address="10.0.0.1"),
        payment(ip_address="11.0.0.1"),
        drain(ip_address="198.51.100.7"),
    ]
    said = [decided.body["decision"] for decided in decide_payments(events, client=client_system)]
    alone = [event | {"transaction_id": event["transaction_id"] + "b"} for event in events]
    assert said == ["decline", "approve", "approve"]
    assert [decide_payment(each, client=client_system).body["decision"] for each in alone] == said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "value", "field"),
    [("country", "US", "country"), ("country", "de", "ip_country"), ("customer", "u-1", "user_id")],
)
def test_countries_and_customers_are_blocked(kind, value, field, put, payment, client_system):
    put("block", value, kind)
    named = payment(**{field: value.upper() if kind == "country" else value})
    assert decide_payment(named, client=client_system).body["decision"] == "decline"
    other = {"country": "FR", "ip_country": "FR", "user_id": "u-2"}[field]
    spared = payment(**({"country": "FR"} | {field: other}))
    assert decide_payment(spared, client=client_system).body["decision"] == "approve"


@pytest.mark.django_db
def test_a_removed_or_expired_range_stops_at_the_next_look(put, payment, analyst, client_system):
    entry = put("block", "10.0.0.0/8", expires_at=timezone.now() + timedelta(hours=1))
    asked = {"ip_address": "10.0.0.1"}
    assert decide_payment(payment(**asked), client=client_system).body["decision"] == "decline"
    remove_list_entry(entry_id=entry.pk, acting_user=analyst)
    serving._checked_at.clear()
    assert decide_payment(payment(**asked), client=client_system).body["decision"] == "approve"


@pytest.mark.django_db
def test_a_first_range_is_served_without_compiling_the_rules_anew(put, analyst, payments_engine):
    before = serving.serving("payments")
    add_list_entry(list="block", kind="ip_range", value="10.0.0.0/8", reason="x", acting_user=analyst)
    serving._checked_at.clear()
    after = serving.serving("payments")
    assert after.rule_set is before.rule_set
    assert (before.lists_in_use, values(after.lists_in_use.networks, "10.1.1.1")) == (None, ["10.0.0.0/8"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("ip_range", "10.0.0.1/8", "the range it lies in is 10.0.0.0/8"),
        ("ip_range", "10.0.0.1", "give its length"),
        ("ip_range", "0.0.0.0/0", "narrow it"),
        ("ip_range", "::/0", "narrow it"),
        ("ip_range", "10.0.0.0/33", "not a range"),
        ("ip_range", "fe80::%eth0/64", "not a range"),
        ("ip", "fe80::1%eth0", "one machine"),
        ("country", "USA", "two-letter"),
        ("nobody", "x", "is not one of"),
        ("word", "x", "custom list"),
        ("device", "x" * 255, "at most 254"),
    ],
)
def test_what_cannot_stand_on_a_list_is_refused(kind, value, said, put):
    with pytest.raises(EntryRefused, match=said):
        put("block", value, kind)
    assert not ListEntry.objects.exists()
