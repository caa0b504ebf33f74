"""What ties customers together: read from events, bounded for hubs, drawn small."""

from datetime import UTC, datetime, timedelta

import pytest

from transactions.models import InsuranceClaim
from transactions.selectors.links import links_of
from transactions.selectors.links.graph import HUB_FROM, MOST_OTHERS
from users.models import Customer

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def pay(stored):
    """pay("ann", device=7) stores a payment of that customer."""

    def make(who, *, to=None, hours=0, **fields):
        customer = Customer.objects.get_or_create(external_id=who)[0]
        device, ip = fields.pop("device", None), fields.pop("ip", None)
        account = sum(map(ord, who))
        return stored(
            customer=customer,
            sender_id=who,
            sender_key=account,
            receiver_id=to or f"shop of {who}",
            receiver_key=sum(map(ord, to)) if to else 1,
            receiver_is_merchant=0 if to else 1,
            occurred_at=MONDAY + timedelta(hours=hours),
            device_id=device and f"dev-{device}",
            device_key=device,
            ip_address=ip and f"10.0.0.{ip}",
            ip_key=ip,
            **fields,
        )

    return make


def pk_of(who):
    return Customer.objects.get(external_id=who).pk


def named(graph):
    ids = dict(Customer.objects.values_list("pk", "external_id"))
    return {node.id: ids.get(node.customer_id, node.label) for node in graph.nodes}


def edges(graph):
    names = named(graph)
    return sorted((names[e.customer], names[e.entity], e.role, e.count, e.amount_minor) for e in graph.edges)


def test_a_shared_device_ties_two_customers_and_says_how(pay):
    pay("ann", device=7)
    pay("ann", device=7, hours=2)
    pay("bob", device=7, hours=5, amount_minor=250)
    pay("eve", device=8)
    graph = links_of([pk_of("ann")])
    assert ("ann", "dev-7", "used", 2, 2000) in edges(graph)
    assert ("bob", "dev-7", "used", 1, 250) in edges(graph)
    assert "eve" not in named(graph).values()
    (edge,) = [e for e in graph.edges if named(graph)[e.customer] == "bob"]
    assert (edge.first, edge.last, edge.word) == (MONDAY + timedelta(hours=5),) * 2 + ("payment",)
    assert graph.others == [pk_of("bob")] and graph.left_out == 0


def test_a_payee_ties_its_payers_and_its_owner_but_a_merchant_ties_nobody(pay):
    pay("ann", to="mule")
    pay("bob", to="mule")
    pay("mule", to="abroad")
    pay("eve")
    graph = links_of([pk_of("ann")])
    found = edges(graph)
    assert ("bob", "mule", "paid", 1, 1000) in found and ("mule", "mule", "paid from", 1, 1000) in found
    assert not any(label.startswith("shop") for label in named(graph).values())
    assert "eve" not in named(graph).values()


def test_what_claims_name_ties_claimants(client_system):
    def claim(who, number, **fields):
        customer = Customer.objects.get_or_create(external_id=who)[0]
        return InsuranceClaim.objects.create(
            client=client_system, claim_id=f"C-{number}", body_digest=b"0" * 16, customer=customer,
            occurred_at=MONDAY, policy_id=f"P-{number}", claim_amount=10, estimated_value=10,
            amount_minor=1000, claimant_key=number, policy_key=number, product_key=1, **fields,
        )  # fmt: skip

    claim("ann", 1, phone="+1 5", phone_key=5, address="1 Elm Street")
    claim("bob", 2, phone="+1 5", phone_key=5)
    claim("cyd", 3, address="1 Elm Street", bank_account="DE1", bank_key=9)
    claim("dee", 4, bank_account="DE1", bank_key=9)
    graph = links_of([pk_of("ann")])
    assert edges(graph) == [
        ("ann", "+1 5", "named", 1, 1000),
        ("ann", "1 Elm Street", "named", 1, 1000),
        ("bob", "+1 5", "named", 1, 1000),
        ("cyd", "1 Elm Street", "named", 1, 1000),
    ]


def test_a_hub_is_shown_and_not_followed(pay):
    pay("ann", ip=3)
    for number in range(HUB_FROM):
        pay(f"guest {number}", ip=3)
    graph = links_of([pk_of("ann")])
    (hub,) = [node for node in graph.nodes if node.kind == "ip"]
    assert hub.hub and hub.customers == HUB_FROM + 1
    assert graph.others == []


def test_no_more_is_drawn_than_can_be_read(pay):
    for number in range(MOST_OTHERS + 5):
        pay("ann", device=number + 1)
        pay(f"friend {number}", device=number + 1)
    graph = links_of([pk_of("ann")])
    assert len(graph.others) == MOST_OTHERS and len(graph.nodes) == 1 + 2 * MOST_OTHERS
    assert graph.left_out == 5


def test_corrected_payments_count_once(pay):
    old = pay("ann", device=7)
    new = pay("ann", device=7, transaction_id="again")
    type(old).objects.filter(pk=old.pk).update(superseded_by=new)
    pay("bob", device=7)
    assert ("ann", "dev-7", "used", 1, 1000) in edges(links_of([pk_of("ann")]))


def test_nobody_has_no_links(db):
    graph = links_of([])
    assert (graph.nodes, graph.edges, graph.left_out) == ((), (), 0)
