"""Live payments at an even rate, posted by a process of its own, beside other work."""

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

from benchmarks import load_generator
from benchmarks.decision_load import PATH, bodies
from benchmarks.population import Population
from benchmarks.traffic import Traffic

PER_SECOND = 20.0
WARM_SECONDS, SECONDS = 3.0, 15.0
Figures = dict[str, Any]


def beside(url: str, headers: dict[str, str], work: Callable[[], int]) -> Figures:
    """Latency of live payments while `work` is repeated, and how much of it was done a second."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(False)
    posting = context.Process(target=_post, args=(url, headers, sending))
    posting.start()
    done, began = 0, time.perf_counter()
    while posting.is_alive() and not receiving.poll():
        done += work()
    spent = time.perf_counter() - began
    if not receiving.poll(1):
        raise RuntimeError(f"no live payment was answered at {url}")
    found = receiving.recv()
    posting.join()
    return found | ({"rows": done, "seconds": spent, "per_s": done / spent} if done else {})


def _post(url: str, headers: dict[str, str], sending: Any) -> None:
    body = bodies(Traffic(Population()))

    def load(seconds: float) -> load_generator.Load:
        return load_generator.run(
            url + PATH, body, headers=headers, connections=8, seconds=seconds, per_second=PER_SECOND
        )

    load(WARM_SECONDS)
    found = load(SECONDS)
    sending.send(
        {
            "answers": len(found.seconds),
            "p50_ms": found.quantile_ms(0.5),
            "p99_ms": found.quantile_ms(0.99),
        }
    )
