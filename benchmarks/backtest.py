"""Rules over many decisions: one rule, and all hundred, on feature vectors as decisions keep them."""

import time
from collections.abc import Iterator

import numpy as np

from benchmarks import engine
from benchmarks.history import event_columns, parts
from benchmarks.population import Population
from benchmarks.report import Row
from fraud_detection.engines.registry import ENGINES
from fraud_detection.rules.ruleset import RuleSet
from ml.features.bulk import compute
from ml.features.kernel import text_columns

MOST_ROWS = 10_000_000
SLICE = 100_000


def rows(place, *, events: int, count: int) -> Iterator[Row]:
    """The features of SLICE events are evaluated again and again until `count` rows are reached."""
    if not SLICE <= count <= MOST_ROWS:
        raise SystemExit(f"--rows: from {SLICE:,} to {MOST_ROWS:,}")
    shipped = ENGINES[engine.ENGINE]
    population = Population()
    arrays = event_columns(population, next(parts(population, SLICE, hot=0)))
    numbers = compute(shipped.feature_set, arrays)
    columns = {name: numbers[:, at] for at, name in enumerate(shipped.feature_set.numbers)}
    columns |= text_columns(shipped.feature_set, arrays)
    columns |= {"on_block_list": np.zeros(SLICE), "block_list_entry": np.full(SLICE, None)}
    specs = engine.rules()
    for name, chosen in (("VELOCITY_AMOUNT", specs), ("the pack", shipped.pack), ("all rules", specs)):
        rules = [spec for spec in chosen if name in (spec.code, "the pack", "all rules")]
        rule_set = RuleSet.build(rules, shipped.feature_set, shipped.context)
        yield {"what": name, "rules": len(rules), **_timed(rule_set, columns, count)}


def _timed(rule_set: RuleSet, columns, count: int) -> Row:
    began = time.perf_counter()
    hits = 0
    for _ in range(count // SLICE):
        hits += sum(int(masks.hit.sum()) for masks in rule_set.backtest(columns).values())
    spent = time.perf_counter() - began
    return {
        "rows": count // SLICE * SLICE,
        "seconds": spent,
        "rows_per_s": count // SLICE * SLICE / spent,
        "hits": hits,
    }
