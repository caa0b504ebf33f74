"""Customers loaded, predicted with reasons and stored, beside the model alone and a bare COPY of the same."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import house
from benchmarks.report import Row

MOST_ROWS = 1_000_000


def rows(*, count: int) -> Iterator[Row]:
    """Begins without customers; the model is trained once and kept."""
    if not 1_000 <= count <= MOST_ROWS:
        raise SystemExit(f"--rows: from 1,000 to {MOST_ROWS:,}")
    from fraud_detection.models import CustomerPrediction
    from fraud_detection.services.customers.champion import in_force
    from fraud_detection.services.customers.predicting import predict_stored
    from fraud_detection.services.demo import ensure_model
    from users.models import Customer

    ensure_model("customers", house.progress)
    Customer.objects.all().delete()
    with tempfile.TemporaryDirectory() as directory:
        path = _file(Path(directory), count)
        yield _timed("load_users", count, lambda: _load(path))
    yield _timed("model opened for the first time", None, in_force)
    yield _timed("predict_users, all new", count, lambda: predict_stored(model=None, acting="benchmark"))
    yield _timed("predict_users again", count, lambda: predict_stored(model=None, acting="benchmark"))
    yield _timed("limit: the model alone", count, _alone())
    stored = list(CustomerPrediction.objects.values_list("customer_id", "probability", "inputs_digest"))
    yield _timed("limit: bare COPY of as many rows", count, lambda: _bare_copy(stored))


def _timed(what: str, count: int | None, work: Callable[[], Any]) -> Row:
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    return {"what": what, "customers": count, "seconds": seconds, "per_s": count and count / seconds}


def _file(directory: Path, count: int) -> Path:
    from ml.data_generation.customers import generate_customers

    path = directory / "users.csv"
    generate_customers(rows=count, fraud_rate=0.05).to_csv(path, index=False)
    return path


def _load(path: Path) -> None:
    from fraud_detection.services.customers.loading import load_customers

    load_customers(path, errors=path.with_suffix(".errors"), acting="benchmark")


def _alone() -> Callable[[], Any]:
    from fraud_detection.services.customers.champion import in_force
    from ml.domains.customers.features import vectors
    from users.models import Customer

    model = in_force().model
    X = vectors(list(Customer.objects.values_list("attributes", flat=True)), model.card.features)
    return lambda: model.predict(X)


def _bare_copy(stored: list[tuple]) -> None:
    from django.db import connection, transaction

    from transactions.services.copying import copy_in

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("create temporary table bare (a bigint primary key, b float, c text) on commit drop")
        copy_in("bare", ("a", "b", "c"), stored)
