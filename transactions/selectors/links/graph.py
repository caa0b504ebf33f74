"""A graph of customers and what they share, small enough to be read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from transactions.selectors.links.gathering import Entity, Use, uses_by, uses_of
from transactions.selectors.links.sources import STRONG

MOST_FOCUS = 20  # customers a graph starts from
MOST_LOOKED_AT = 60  # entities whose other customers are looked for
HUB_FROM = 20  # customers on one entity from which it says nothing about any of them
MOST_SHARED, MOST_OTHERS, MOST_OWN = 14, 14, 4


@dataclass(frozen=True)
class Node:
    """A customer (`customer_id`) or an entity. `customers` is how many use an entity, as far as was read."""

    id: str
    kind: str
    label: str
    customer_id: int | None = None
    customers: int = 1
    hub: bool = False
    focus: bool = False


@dataclass(frozen=True)
class Edge:
    """How a customer is tied to an entity; amount in minor units of the reporting currency."""

    customer: str
    entity: str
    role: str
    word: str
    count: int
    first: datetime
    last: datetime
    amount_minor: int


@dataclass(frozen=True)
class Graph:
    """`left_out` shared entities and customers exist beside those shown."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int = 0
    shared: dict[int, tuple[Entity, ...]] = field(default_factory=dict)

    @property
    def others(self) -> list[int]:
        """Customers within two hops, other than those the graph starts from."""
        return [node.customer_id for node in self.nodes if node.customer_id and not node.focus]


def links_of(customer_ids: Sequence[int]) -> Graph:
    """To two hops: what these customers use, and who else uses it; entities of very many are not followed."""
    focus = list(dict.fromkeys(customer_ids))[:MOST_FOCUS]
    own = uses_by(focus)
    ranked = _ranked(own)
    found = [use for use in uses_of(ranked[:MOST_LOOKED_AT]) if use.customer_id not in focus]
    return arranged(focus, own, found, unseen=max(len(ranked) - MOST_LOOKED_AT, 0))


def arranged(focus: list[int], own: list[Use], found: list[Use], unseen: int = 0) -> Graph:
    """Choose what is worth drawing: what is shared first, then a few entities of their own."""
    users = _users(own, found)
    hubs = {entity for entity, of in users.items() if len(of) > HUB_FROM}
    ranked = _ranked(own)
    shared = [entity for entity in ranked if len(users[entity]) > 1 and entity not in hubs]
    drawn = shared[:MOST_SHARED]
    others = _others(focus, users, drawn)
    kept = others[:MOST_OTHERS]
    told = _told(own)
    alone = [entity for entity in ranked if len(users[entity]) == 1 and entity in told][:MOST_OWN]
    crowded = [entity for entity in ranked if entity in hubs][:MOST_OWN]
    entities = [*drawn, *crowded, *alone]
    uses = [use for use in own if use.entity in entities]
    uses += [use for use in found if use.entity in drawn and use.customer_id in kept]
    customers = [_customer(each, focus) for each in (*focus, *kept)]
    return Graph(
        nodes=(*customers, *(_entity(entity, uses, users, entity in hubs) for entity in entities)),
        edges=tuple(_edge(use) for use in uses),
        left_out=unseen + len(shared) - len(drawn) + len(others) - len(kept),
        shared={each: tuple(entity for entity in drawn if each in users[entity]) for each in kept},
    )


def _users(own: list[Use], found: list[Use]) -> dict[Entity, set[int]]:
    users: dict[Entity, set[int]] = defaultdict(set)
    for use in (*own, *found):
        users[use.entity].add(use.customer_id)
    return users


def _told(own: list[Use]) -> set[Entity]:
    """What tells something by itself: an account that only its owner pays from does not."""
    return {use.entity for use in own if use.role != "paid from"}


def _ranked(own: list[Use]) -> list[Entity]:
    """What ties people most tightly first, then what was used last."""
    last: dict[Entity, datetime] = {}
    for use in own:
        last[use.entity] = max(use.last, last.get(use.entity, use.last))
    return sorted(last, key=lambda e: (e.kind not in STRONG, -last[e].timestamp(), e))


def _others(focus: list[int], users: dict[Entity, set[int]], drawn: list[Entity]) -> list[int]:
    """Whoever shares most comes first."""
    shares: dict[int, int] = defaultdict(int)
    for entity in drawn:
        for customer in users[entity] - set(focus):
            shares[customer] += 1 + (entity.kind in STRONG)
    return sorted(shares, key=lambda customer: (-shares[customer], customer))


def _customer(customer: int, focus: list[int]) -> Node:
    return Node(f"customer:{customer}", "customer", "", customer_id=customer, focus=customer in focus)


def _entity(entity: Entity, uses: list[Use], users: dict[Entity, set[int]], hub: bool) -> Node:
    label = next(use.shown for use in uses if use.entity == entity)
    return Node(_id(entity), entity.kind, label, customers=len(users[entity]), hub=hub)


def _edge(use: Use) -> Edge:
    return Edge(
        f"customer:{use.customer_id}",
        _id(use.entity),
        use.role,
        use.word,
        use.count,
        use.first,
        use.last,
        use.amount_minor,
    )


def _id(entity: Entity) -> str:
    return f"{entity.kind}:{entity.key}"
