"""A backtest as a worker carries it out: from PostgreSQL, from the kept columns, beside many active rules."""

import resource
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
from django.conf import settings
from django.utils import timezone

from benchmarks import assessments, engine, store
from benchmarks.history import DAYS, HOT_EVENTS
from benchmarks.house import progress
from benchmarks.population import Population
from benchmarks.report import Row
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState
from fraud_detection.services.backtesting.columns import names_read
from fraud_detection.services.backtesting.replaying import Replayed, replay_period
from fraud_detection.services.backtesting.wordings import Wordings, wordings_of
from fraud_detection.services.engine_setup import first_versions, install, new_rule_set

RULES = 50


def rows(place, *, events: int) -> Iterator[Row]:
    """The same draft: loading its columns, alone, beside the pack, beside 50 rules, and a bare numpy pass."""
    settings.BACKTEST_DIR = place.home / "backtests"
    population = Population()
    store.fill(population, events - HOT_EVENTS, progress)
    count = assessments.fill(population, events - HOT_EVENTS, progress)
    install()
    shutil.rmtree(settings.BACKTEST_DIR, ignore_errors=True)
    pack = list(ENGINES[engine.ENGINE].pack)
    for what, specs in (
        ("loading and the draft", []),
        ("draft alone", []),
        ("draft beside the pack", pack),
        (f"draft beside {RULES} rules", engine.rules()[:RULES]),
    ):
        versions = first_versions(engine.ENGINE, specs)
        EngineState.objects.filter(engine=engine.ENGINE).update(
            rule_set=new_rule_set(engine.ENGINE, versions)
        )
        yield {"what": what, "rules": len(specs) + 1, **_timed(count)}
    yield {"what": "bare numpy, the draft's columns", "rules": 1, **_bare(count)}


def _draft() -> dict:
    """NEW_PAYEE_HIGH_AMOUNT of the pack with another limit, under a code of its own."""
    spec = next(spec for spec in ENGINES[engine.ENGINE].pack if spec.code == "NEW_PAYEE_HIGH_AMOUNT")
    return replace(spec, code="BENCH_DRAFT").as_data()


def _timed(count: int) -> Row:
    began, now = time.perf_counter(), timezone.now()
    wordings = wordings_of(ENGINES[engine.ENGINE], _draft())
    found = _replayed(wordings, now)
    spent = time.perf_counter() - began
    assert found.overall.events.events == count
    kept = sum(file.stat().st_size for file in settings.BACKTEST_DIR.rglob("*") if file.is_file())
    return {
        "decisions": count,
        "seconds": spent,
        "decisions_per_s": count / spent,
        "hits": found.draft.hits.events,
        "peak_GiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "kept_GiB": kept / 2**30,
    }


def _replayed(wordings: Wordings, now) -> Replayed:
    return replay_period(
        ENGINES[engine.ENGINE],
        wordings,
        since=now - timedelta(days=DAYS + 30),
        until=now,
        known_by=now,
        now=now,
    )


def _bare(count: int) -> Row:
    """Each column that the draft reads, as float64 in memory, compared once."""
    wordings = wordings_of(ENGINES[engine.ENGINE], _draft())
    names = names_read([wordings.draft], wordings.vocabulary)
    columns = [np.random.default_rng(1).random(count) for _ in names]
    began = time.perf_counter()
    mask = np.ones(count, bool)
    for column in columns:
        mask &= column > 0.5
    spent = time.perf_counter() - began
    return {"decisions": count, "seconds": spent, "decisions_per_s": count / spent, "hits": int(mask.sum())}
