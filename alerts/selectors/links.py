"""The graph of links as people and clients see it: customers with names and what is known against them."""

from collections.abc import Sequence
from typing import NamedTuple

from alerts.models import Alert, Case
from alerts.selectors.rings import Standing, Suggestion, same_ring, standings_of
from transactions.selectors.links import Edge, Graph, links_of
from users.models import Customer

MOST_OF_ALERT = 5  # customers a graph of an alert starts from
MOST_OF_CASE = 1_000  # alerts, as many as a case holds; the graph itself bounds whom it starts from


class Linked(NamedTuple):
    """A graph with the customers in it, what is known against them, and who may be of the same ring."""

    graph: Graph
    customers: dict[int, Customer]
    standings: dict[int, Standing]
    ring: Sequence[Suggestion]

    def label(self, node) -> str:
        """The text of a node: a customer's name, or what events call the entity."""
        return str(self.customers[node.customer_id]) if node.customer_id else node.label

    @property
    def nearby(self) -> int:
        """Things and people within two hops."""
        return sum(not node.focus for node in self.graph.nodes)


def linked(customer_ids: Sequence[int]) -> Linked:
    """What ties these customers to others."""
    graph = links_of(customer_ids)
    wanted = [node.customer_id for node in graph.nodes if node.customer_id]
    standings = standings_of(wanted)
    return Linked(graph, Customer.objects.in_bulk(wanted), standings, same_ring(graph, standings))


def customers_of_alert(alert: Alert) -> list[int]:
    """Whom an alert is about: its customer, or those of its newest hits when it is about a thing."""
    if alert.customer_id:
        return [alert.customer_id]
    newest = alert.hits.order_by("-id").values_list("assessment__customer_id", flat=True)[:200]
    return list(dict.fromkeys(filter(None, newest)))[:MOST_OF_ALERT]


def customers_of_case(case: Case) -> list[int]:
    """Whom a case is about: its customer first, then those of its alerts, in the order they came in."""
    inside = case.memberships.order_by("id").values_list("alert__customer", flat=True)[:MOST_OF_CASE]
    return list(dict.fromkeys(filter(None, (case.customer_id, *inside))))


def in_words(edge: Edge) -> str:
    """How a link arose: paid 3 times, used in 4 payments, named in 1 claim."""
    times = f"{edge.count} {edge.word}{'' if edge.count == 1 else 's'}"
    if edge.role == "paid":
        return f"paid by {times}"
    return f"{edge.role} in {times}" if edge.role != "paid from" else f"{times} from it"
