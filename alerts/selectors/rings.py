"""What is known against customers, and who may belong to the same ring."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count, Q

from alerts.models import Alert, AlertStatus, Case, CaseAlert, CaseStatus, Disposition
from transactions.selectors.links import Graph
from transactions.selectors.links.sources import STRONG

LOOKED_AT = 500  # newest events of a customer whose labels are looked at
LABELLED = """
    select wanted.id from unnest(%s::bigint[]) wanted(id)
    where exists (
        select 1 from (
            select id from transactions_transaction where customer_id = wanted.id order by id desc limit %s
        ) event
        cross join lateral (
            select verdict from transactions_label where transaction_id = event.id
            order by known_at desc, id desc limit 1
        ) newest
        where newest.verdict = 'fraud'
    )
"""


@dataclass
class Standing:
    """What is known against a customer."""

    open_alerts: int = 0
    confirmed: bool = False
    open_cases: int = 0

    @property
    def suspect(self) -> bool:
        return self.confirmed or self.open_alerts > 0 or self.open_cases > 0

    @property
    def words(self) -> str:
        """Empty for somebody nothing is known against."""
        said = ["confirmed fraud"] if self.confirmed else []
        if self.open_alerts:
            said.append("1 open alert" if self.open_alerts == 1 else f"{self.open_alerts} open alerts")
        if self.open_cases:
            said.append("1 open case" if self.open_cases == 1 else f"{self.open_cases} open cases")
        return ", ".join(said)


@dataclass(frozen=True)
class Suggestion:
    """Somebody who may belong to the ring, and by what: labels of the shared things, by kind."""

    customer_id: int
    standing: Standing
    shared: dict[str, list[str]] = field(default_factory=dict)


def standings_of(customer_ids: Iterable[int]) -> dict[int, Standing]:
    """By customer: open alerts and cases, and whether fraud was confirmed, by a verdict or a label."""
    wanted = list(customer_ids)
    found: dict[int, Standing] = defaultdict(Standing)
    confirmed = Q(disposition=Disposition.CONFIRMED_FRAUD)
    counted = Alert.objects.filter(customer__in=wanted).order_by().values("customer_id")
    for row in counted.annotate(
        open=Count("id", filter=Q(status=AlertStatus.OPEN)), confirmed=Count("id", filter=confirmed)
    ):
        found[row["customer_id"]] = Standing(row["open"], row["confirmed"] > 0)
    for customer_id, cases in _open_cases(wanted).items():
        found[customer_id].open_cases = len(cases)
    with connection.cursor() as cursor:
        cursor.execute(LABELLED, (wanted, LOOKED_AT))
        for (customer_id,) in cursor.fetchall():
            found[customer_id].confirmed = True
    return found


def _open_cases(customer_ids: Sequence[int]) -> dict[int, set[int]]:
    """By customer, the open cases about them or with an alert of theirs in it."""
    about = Case.objects.filter(customer__in=customer_ids).exclude(status=CaseStatus.CLOSED).order_by()
    inside = CaseAlert.objects.filter(alert__customer__in=customer_ids, held=True).order_by()
    found: dict[int, set[int]] = defaultdict(set)
    for customer_id, case_id in (
        *about.values_list("customer", "pk"),
        *inside.values_list("alert__customer", "case"),
    ):
        found[customer_id].add(case_id)
    return found


def same_ring(graph: Graph, standings: dict[int, Standing]) -> Sequence[Suggestion]:
    """Who shares two things with those the graph is about, or one that strangers do not share.

    Of those only whom something is known against, or who shares both; the gravest first.
    """
    labels = {node.id: node.label for node in graph.nodes}
    suggested = []
    for customer_id, entities in graph.shared.items():
        standing = standings.get(customer_id, Standing())
        strong = sum(entity.kind in STRONG for entity in entities)
        tied = strong > 0 or len(entities) > 1
        if tied and (standing.suspect or (strong > 0 and len(entities) > 1)):
            by_kind: dict[str, list[str]] = defaultdict(list)
            for entity in entities:
                by_kind[entity.kind].append(labels[f"{entity.kind}:{entity.key}"])
            suggested.append(Suggestion(customer_id, standing, dict(by_kind)))
    return sorted(suggested, key=lambda s: (-_gravity(s), s.customer_id))


def _gravity(suggestion: Suggestion) -> int:
    standing = suggestion.standing
    return (
        100 * standing.confirmed
        + 10 * min(standing.open_alerts + standing.open_cases, 9)
        + sum(map(len, suggestion.shared.values()))
    )
