"""Closed loops of accounts that sell one thing round in a circle."""

from collections.abc import Mapping
from typing import NamedTuple

MOST_STEPS = 5_000  # of the search; a dense market has more paths than anybody can walk
PPM = 1_000_000
STEP = 50_000
Flows = Mapping[int, Mapping[int, int]]  # seller -> buyer -> quantity


class Loop(NamedTuple):
    """Accounts in the order of the flow, each once; `net` is the largest net over gross, in millionths."""

    accounts: tuple[int, ...]
    volume: int
    net: int


def best_loop(flows: Flows, seller: int, buyer: int, *, most_accounts: int, uneven: float) -> Loop | None:
    """The largest loop through the flow from seller to buyer, among the most even in steps of 5% net.

    It has three accounts at least; no account keeps more than `uneven` of its gross. None when there is none.
    """
    first = flows.get(seller, {}).get(buyer, 0)
    if seller == buyer or not first:
        return None
    best: Loop | None = None
    steps = 0
    paths: list[tuple[int, ...]] = [(seller, buyer)]
    while paths and steps < MOST_STEPS:
        path = paths.pop()
        received = flows[path[-2]][path[-1]]
        for following, passed_on in flows.get(path[-1], {}).items():
            steps += 1
            if abs(received - passed_on) > uneven * (received + passed_on):
                continue
            if following == seller and len(path) >= 3:
                loop = _loop(flows, path)
                if best is None or _rank(loop) > _rank(best):
                    best = loop
            elif following not in path and len(path) < most_accounts:
                paths.append((*path, following))
    return best


def _rank(loop: Loop) -> tuple[int, int]:
    return -(max(loop.net - 1, 0) // STEP), loop.volume


def _loop(flows: Flows, path: tuple[int, ...]) -> Loop:
    """Each account's net is what it received less what it passed on."""
    sold = [flows[one][other] for one, other in zip(path, (*path[1:], path[0]), strict=True)]
    bought = [sold[-1], *sold[:-1]]
    net = max(round(PPM * abs(b - s) / (b + s)) for b, s in zip(bought, sold, strict=True))
    return Loop(path, sum(sold), net)
