"""Links as a page draws and lists them."""

from typing import Any, NamedTuple

from alerts.selectors.links import Linked, in_words
from transactions.selectors.links import Edge, Node

NAMES = {"ip": "IP"}


class Row(NamedTuple):
    """One link in the list behind the graph."""

    entity: Node
    kind: str
    customer: Any
    known: str
    focus: bool
    how: str
    edge: Edge


class Ringed(NamedTuple):
    """Somebody who may belong to the same ring, in words."""

    customer: Any
    known: str
    shares: str


def drawn(found: Linked) -> dict[str, list]:
    """Nodes and edges as links.js reads them."""
    return {
        "nodes": [_node(found, node) for node in found.graph.nodes],
        "edges": [[edge.customer, edge.entity, _short(edge)] for edge in found.graph.edges],
    }


def rows(found: Linked) -> list[Row]:
    """Every link drawn, thing by thing, whom the page is about first."""
    nodes = {node.id: node for node in found.graph.nodes}
    listed = []
    for edge in found.graph.edges:
        who = nodes[edge.customer]
        thing = nodes[edge.entity]
        known = found.standings[who.customer_id].words
        customer = found.customers[who.customer_id]
        kind = NAMES.get(thing.kind, thing.kind.capitalize())
        listed.append(Row(thing, kind, customer, known, who.focus, in_words(edge), edge))
    listed.sort(key=lambda row: (row.entity.kind, row.entity.label, not row.focus, str(row.customer)))
    return listed


def ring(found: Linked) -> list[Ringed]:
    """The suggestions as sentences say them."""
    return [
        Ringed(found.customers[each.customer_id], each.standing.words, _shares(each.shared))
        for each in found.ring
    ]


def spoken(found: Linked) -> str:
    """The graph for those who do not see it."""
    count = found.nearby
    if not count:
        return "Nothing is shared with anybody."
    said = [f"{each.customer} ({each.known or 'nothing known'}) shares {each.shares}" for each in ring(found)]
    return f"{count} within two hops. " + ("; ".join(said) if said else "Nobody suspect shares anything.")


def _node(found: Linked, node: Node) -> dict[str, Any]:
    if not node.customer_id:
        note = f"{node.customers} customers" if node.hub else ""
        state = "hub" if node.hub else ""
        return {"id": node.id, "kind": node.kind, "label": _tail(node), "note": note, "state": state}
    standing = found.standings[node.customer_id]
    state = "me" if node.focus else "fraud" if standing.confirmed else "alert" if standing.suspect else ""
    note = "" if node.focus else standing.words
    return {"id": node.id, "kind": "customer", "label": found.label(node)[:40], "note": note, "state": state}


def _tail(node: Node) -> str:
    """Long ids by their end, as people tell accounts and cards apart."""
    return node.label if len(node.label) <= 16 else f"…{node.label[-12:]}"


def _short(edge: Edge) -> str:
    return f"{edge.amount_minor / 100:,.2f}" if edge.role.startswith("paid") else f"{edge.count}×"


def _shares(shared: dict[str, list[str]]) -> str:
    return ", ".join(f"{NAMES.get(kind, kind)} {', '.join(labels[:3])}" for kind, labels in shared.items())
