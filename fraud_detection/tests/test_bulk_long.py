"""A hundred thousand rows in chunks, with history kept between them: every decision as it replays."""

from datetime import UTC, datetime

import numpy as np
import pytest
from django.db import connection

from fraud_detection.models import Assessment
from fraud_detection.services.bulk import ROWS, decide_rows
from fraud_detection.services.recording import unpacked
from fraud_detection.services.replaying import replay
from fraud_detection.services.serving import serving
from fraud_detection.tests.bulk_rows import file_rows
from ml.domains.payments.generator import generate
from ml.domains.payments.schema import BALANCES
from ml.features.bulk import compute
from ml.features.columns import CONTEXT_COLUMNS, EVENT_COLUMNS
from ml.features.spec import NULL
from transactions.services import copy_out
from users.services import client_system

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]
COUNT = 100_000
NOT_STORED = {"superseded_by_id", *BALANCES}


def test_a_hundred_thousand_rows(champion):
    frame = generate(
        customers=1_500, days=90, fraud_rate=0.01, seed=5, until=datetime(2026, 6, 1, tzinfo=UTC)
    )
    frame = frame.drop(columns=["is_fraud", "scheme"]).tail(COUNT)
    records = [{k: v for k, v in row.items() if v is not None and v == v} for row in frame.to_dict("records")]
    rows, client = file_rows(records), client_system("long")
    found = [decide_rows("payments", rows[n : n + ROWS], client=client) for n in range(0, len(rows), ROWS)]
    assert sum(one.stored for one in found) == len(rows) and not any(one.failed for one in found)
    _check_features()
    for assessment in Assessment.objects.order_by("pk")[::499]:
        assert replay(assessment).equal, assessment.external_id


def _check_features():
    """Every vector is what the whole of the stored history gives, computed at once."""
    feature_set = serving("payments").engine.feature_set
    read = [name for name in EVENT_COLUMNS if name not in NOT_STORED]
    selected = ", ".join(
        name if name == "occurred_at" else f"coalesce({name}, {NULL})::bigint" for name in read
    )
    query = f"select {selected} from transactions_transaction order by id"
    events = copy_out(query, (), read, times=("occurred_at",))
    given = {name: np.full(len(events["id"]), NULL) for name in (*EVENT_COLUMNS, *CONTEXT_COLUMNS)}
    expected = compute(feature_set, given | events)
    compared = [n for n, name in enumerate(feature_set.numbers) if _columns(feature_set, name) <= set(read)]
    assert len(compared) > 150
    with connection.cursor() as cursor:
        cursor.execute("select features from fraud_detection_assessment order by transaction_id")
        for place, (features,) in enumerate(cursor.fetchall()):
            values = unpacked(features)[compared]
            assert np.array_equal(values, expected[place, compared], equal_nan=True), place


def _columns(feature_set, name):
    """The columns of the event that a feature reads."""
    found = set()
    for operand in feature_set.feature(name).operands:
        if operand.startswith("event."):
            found.add(operand.removeprefix("event."))
        elif operand in feature_set.names:
            found |= _columns(feature_set, operand)
    return found
