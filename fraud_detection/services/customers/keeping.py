"""Storing predictions of customers: many rows by COPY, one for each customer and model."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from transactions.services.copying import copy_in

if TYPE_CHECKING:
    from fraud_detection.services.customers.champion import InForce
    from fraud_detection.services.customers.predicting import Said

COLUMNS = (
    *("customer_id", "model_id", "probability", "threshold", "unpaid"),
    *("reasons", "inputs_digest", "predicted_at"),
)
INCOMING = """
    create temporary table incoming_prediction (
        customer_id bigint, model_id bigint, probability double precision, threshold double precision,
        unpaid boolean, reasons jsonb, inputs_digest varchar(32), predicted_at timestamptz
    ) on commit drop
"""
# A customer who was erased meanwhile has no row to point at.
MERGE = f"""
    insert into fraud_detection_customerprediction ({", ".join(COLUMNS)})
    select {", ".join(f"i.{name}" for name in COLUMNS)} from incoming_prediction i
    join users_customer c on c.id = i.customer_id order by i.customer_id
    on conflict (customer_id, model_id) do update set
        {", ".join(f"{name} = excluded.{name}" for name in COLUMNS[2:])}
"""


def store_predictions(force: "InForce", rows: Sequence[tuple[int, str, "Said"]], *, at: datetime) -> None:
    """Insert or renew (customer id, digest of the inputs, what was said); within a transaction."""
    if not rows:
        return
    moment = at.isoformat()
    with connection.cursor() as cursor:
        cursor.execute(INCOMING)
        copy_in(
            "incoming_prediction",
            COLUMNS,
            (
                (
                    *(customer, force.version.pk, said.probability, force.threshold, said.unpaid),
                    *(json.dumps(said.reasons), digest, moment),
                )
                for customer, digest, said in rows
            ),
        )
        cursor.execute(MERGE)
        cursor.execute("drop table incoming_prediction")
