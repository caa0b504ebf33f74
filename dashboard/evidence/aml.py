"""What aml rules rest on, drawn: where money came from and went, the round it made, the amounts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from typing import Any

from fraud_detection.models import Assessment, RuleHit

DRAWN = 12  # lines a side; the rest is told as a number
ROW, TOP = 26, 16
WIDEST, THINNEST = 6.0, 1.0
WIDTH, HEIGHT, CENTRE, RADIUS, NODE = 720, 300, (360, 150), 100, 9
LONGEST_NAME = 22
Metadata = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One party of a flow: its name, what it moved, and how its line is drawn."""

    name: str
    count: int
    sum: float
    new: bool
    y: float
    width: float

    @property
    def short(self) -> str:
        return _short(self.name)


@dataclass(frozen=True)
class Flow:
    """Money in from the left, through one account, out to the right."""

    rule: str
    account: str
    into: list[Line]
    out: list[Line]
    not_drawn: int
    tells_new: bool

    @property
    def height(self) -> int:
        return TOP + ROW * max(len(self.into), len(self.out), 2)

    @property
    def middle(self) -> float:
        return self.height / 2

    @property
    def short(self) -> str:
        return _short(self.account)


@dataclass(frozen=True)
class Node:
    """An account of a round, and where its name stands."""

    name: str
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str

    @property
    def short(self) -> str:
        return _short(self.name)


@dataclass(frozen=True)
class Hop:
    """One movement of a round: from the edge of one node to that of the next, and where it is told."""

    number: int
    amount: float
    at: str
    sender: str
    receiver: str
    transaction_id: str
    line: tuple[float, float, float, float]
    label: tuple[float, float]


@dataclass(frozen=True)
class Round:
    rule: str
    nodes: list[Node]
    hops: list[Hop]
    late: bool


@dataclass(frozen=True)
class Listing:
    """Rows of one table."""

    rule: str
    title: str
    names: tuple[str, ...]
    rows: list[tuple]


def show(assessment: Assessment, hits: Sequence[RuleHit]) -> dict[str, Any] | None:
    """Flows, rounds and listings of the hits that have them; None when there are none."""
    drawn = [_DRAWINGS[hit.rule](hit, hit.metadata) for hit in hits if hit.rule in _DRAWINGS]
    shown = {
        "flows": [each for each in drawn if isinstance(each, Flow) and (each.into or each.out)],
        "rounds": [each for each in drawn if isinstance(each, Round) and each.hops],
        "listings": [each for each in drawn if isinstance(each, Listing) and each.rows],
    }
    return shown if any(shown.values()) else None


def _passing(hit: RuleHit, metadata: Metadata) -> Flow:
    return _flow(hit.rule, metadata.get("account", hit.subject), metadata.get("in"), metadata.get("out"))


def _collecting(hit: RuleHit, metadata: Metadata) -> Flow:
    return _flow(hit.rule, hit.subject, metadata.get("senders"), None)


def _regions(hit: RuleHit, metadata: Metadata) -> Flow:
    account = metadata.get("account", hit.subject)
    return _flow(hit.rule, account, metadata.get("regions_in"), metadata.get("regions_out"))


def _fan(hit: RuleHit, metadata: Metadata) -> Flow:
    neighbours = metadata.get("neighbours")
    sides = (neighbours, None) if metadata.get("direction") == "in" else (None, neighbours)
    return _flow(hit.rule, metadata.get("account", hit.subject), *sides, metadata.get("not_listed", 0))


def _flow(rule: str, account: str, into: Any, out: Any, not_listed: int = 0) -> Flow:
    into, out = into or [], out or []
    largest = max((group["sum"] for group in [*into, *out]), default=0) or 1
    most = max(min(len(into), DRAWN), min(len(out), DRAWN), 2)
    left_out = not_listed + max(len(into) - DRAWN, 0) + max(len(out) - DRAWN, 0)
    tells_new = any("new" in group for group in [*into, *out])
    sides = (_lines(into[:DRAWN], most, largest), _lines(out[:DRAWN], most, largest))
    return Flow(rule, account, *sides, left_out, tells_new)


def _lines(groups: Sequence[Mapping[str, Any]], most: int, largest: float) -> list[Line]:
    """Rows of one side, in the middle of the height that the longer side takes."""
    first = TOP / 2 + ROW * (most - len(groups)) / 2 + ROW / 2
    return [
        Line(
            name=group["name"],
            count=group["count"],
            sum=group["sum"],
            new=bool(group.get("new")),
            y=round(first + ROW * place, 1),
            width=round(max(WIDEST * group["sum"] / largest, THINNEST), 1),
        )
        for place, group in enumerate(groups)
    ]


def _round(hit: RuleHit, metadata: Metadata) -> Round:
    path = metadata.get("path") or []
    nodes = [_node(hop["from"], place, len(path)) for place, hop in enumerate(path)]
    hops = [_hop(hop, number, nodes) for number, hop in enumerate(path)]
    return Round(hit.rule, nodes, hops, hit.late)


def _node(name: str, place: int, count: int) -> Node:
    """On a circle, clockwise from the top."""
    angle = 2 * pi * place / count - pi / 2
    x, y = CENTRE[0] + RADIUS * cos(angle), CENTRE[1] + RADIUS * sin(angle)
    beside = CENTRE[0] + (RADIUS + 20) * cos(angle)
    anchor = "middle" if abs(cos(angle)) < 0.1 else "start" if cos(angle) > 0 else "end"
    above = CENTRE[1] + (RADIUS + 22) * sin(angle) + 4
    return Node(name, round(x, 1), round(y, 1), round(beside, 1), round(above, 1), anchor)


def _hop(hop: Mapping[str, Any], number: int, nodes: list[Node]) -> Hop:
    start, end = nodes[number], nodes[(number + 1) % len(nodes)]
    length = hypot(end.x - start.x, end.y - start.y) or 1
    along = ((end.x - start.x) / length, (end.y - start.y) / length)
    begin = (start.x + NODE * along[0], start.y + NODE * along[1])
    stop = (end.x - (NODE + 5) * along[0], end.y - (NODE + 5) * along[1])
    middle = ((start.x + end.x) / 2, (start.y + end.y) / 2 + 4)
    return Hop(
        number=number + 1,
        amount=hop["amount"],
        at=hop["at"],
        sender=hop["from"],
        receiver=hop["to"],
        transaction_id=hop["transaction_id"],
        line=tuple(round(value, 1) for value in (*begin, *stop)),
        label=tuple(round(value, 1) for value in middle),
    )


def _near(hit: RuleHit, metadata: Metadata) -> Listing:
    threshold = metadata.get("reporting_threshold", 0)
    rows = [
        (
            row["at"],
            row["transaction_id"],
            row["amount"],
            round(threshold - row["amount"], 2),
            ", ".join(row[name] for name in ("type", "channel", "branch") if name in row),
        )
        for row in metadata.get("transactions", [])
    ]
    names = ("Time", "Transaction", "Amount", "Below the threshold", "How")
    return Listing(hit.rule, f"Just below {threshold:,.0f}", names, rows)


def _round_amounts(hit: RuleHit, metadata: Metadata) -> Listing:
    rows = [
        (row["at"], row["transaction_id"], row["amount"], row["currency"])
        for row in metadata.get("amounts", [])
    ]
    return Listing(hit.rule, "Round amounts", ("Time", "Transaction", "Amount", "Currency"), rows)


def _countries(hit: RuleHit, metadata: Metadata) -> Listing:
    lists = metadata.get("list", {})
    rows = [
        (row["place"].replace("_", " "), row["country"], row["list"]) for row in metadata.get("countries", [])
    ]
    title = f"Listed countries: version {lists.get('version')}, {lists.get('date')}, {lists.get('source')}"
    return Listing(hit.rule, title, ("Where", "Country", "List"), rows)


def _rested(hit: RuleHit, metadata: Metadata) -> Listing:
    rows = [(row["account"], row["side"], row["rested_days"]) for row in metadata.get("rested", [])]
    return Listing(hit.rule, "Accounts that had rested", ("Account", "Side", "Days"), rows)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


_DRAWINGS: dict[str, Callable[[RuleHit, Metadata], Flow | Round | Listing]] = {
    "RapidMovementRule": _passing,
    "SmurfingRule": _collecting,
    "FunnelAccountRule": _regions,
    "FanInRule": _fan,
    "FanOutRule": _fan,
    "RoundTripRule": _round,
    "StructuringRule": _near,
    "RoundAmountsRule": _round_amounts,
    "HighRiskGeographyRule": _countries,
    "DormantAccountRule": _rested,
}
