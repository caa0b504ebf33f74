"""Stored decisions for the events of a store, by COPY: features as the bulk road computes them, no alert."""

import numpy as np
from django.db import connection, transaction

from benchmarks import binary_copy
from benchmarks.history import HOT_EVENTS, event_columns, parts
from benchmarks.population import Population
from benchmarks.store import CLIENT
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment
from fraud_detection.services.engine_setup import remember_feature_set
from ml.features.bulk import compute
from users.models import Customer
from users.services import client_system

TABLE = "fraud_detection_assessment"
WORDS = '\x01{{"currency": "USD", "sender_id": "C{:06d}", "on_block_list": false, "merchant_category": null}}'


def fill(population: Population, events: int, progress) -> int:
    """One decision of payments an event, made when it happened; returns how many there are."""
    if Assessment.objects.exists():
        return Assessment.objects.count()
    feature_set = ENGINES["payments"].feature_set
    remember_feature_set(ENGINES["payments"])
    client = client_system(CLIENT).pk
    first = Customer.objects.order_by("pk").values_list("pk", flat=True)[0]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        for part in parts(population, events):
            vectors = compute(feature_set, event_columns(population, part))
            columns = _columns(part, vectors, client, first, feature_set.version)
            cursor.copy_expert(
                f"copy {TABLE} ({', '.join(columns)}) from stdin (format binary)", binary_copy.stream(columns)
            )
            progress(f"{part.ids[-1]:,} of {events + HOT_EVENTS:,} decisions copied")
        cursor.execute(f"select setval('{TABLE}_id_seq', max(id)) from {TABLE}")
    with connection.cursor() as cursor:
        cursor.execute(f"vacuum (analyze) {TABLE}")
    return Assessment.objects.count()


def _columns(part, vectors: np.ndarray, client: int, first: int, version: str) -> dict:
    n = len(part.ids)
    words = np.array([WORDS.format(place).encode() for place in part.senders.tolist()])
    same = {
        "engine": b"payments",
        "decision": b"approve",
        "risk_level": b"low",
        "feature_set_version": version.encode(),
        "rule_set_version": b"payments-rules-1",
        "policy_version": b"payments-policy-1",
        "model_version": b"payments-1",
    }
    empty = ("reasons", "not_evaluable", "insufficient", "degraded_parts")
    packed = np.ascontiguousarray(vectors.astype("<f8")).view(f"V{8 * vectors.shape[1]}")[:, 0]
    return {
        "id": ("bigint", part.ids),
        "transaction_id": ("bigint", part.ids),
        "client_id": ("bigint", np.full(n, client)),
        "external_id": ("text", np.array([b"H%010d" % number for number in part.ids.tolist()])),
        "customer_id": ("bigint", part.senders + first),
        "decided_at": ("timestamptz", part.at),
        "amount_minor": ("bigint", part.amount_minor),
        "features": ("bytea", packed),
        "texts": ("jsonb", words),
        "latency_us": ("jsonb", np.full(n, b"\x01{}")),
        **{name: ("text", np.full(n, value)) for name, value in same.items()},
        **{name: ("jsonb", np.full(n, b"\x01[]")) for name in empty},
        **{name: ("double", np.full(n, 5.0, ">f8")) for name in ("risk_score", "confidence_score")},
        **{name: ("boolean", np.zeros(n, "u1")) for name in ("is_fraud", "degraded")},
    }
