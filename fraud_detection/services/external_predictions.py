"""Predictions made elsewhere: kept once for each model and event, and never counted among ours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fraud_detection.models import ExternalPrediction
from fraud_detection.services.card_numbers import body_digest
from fraud_detection.services.conflicts import EventConflict
from users.models import ClientSystem

KEY = ("external_id", "engine", "model_name", "model_version")


def store_external_prediction(
    body: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    client: ClientSystem,
    told_by: str,
    now: datetime,
) -> tuple[ExternalPrediction, bool]:
    """Keep what another model said; (prediction, whether it is new).

    `body` is what was sent, `values` the same read: fields of ExternalPrediction, checked. The same body
    again gives the stored one; the row itself says who told it. Raises EventConflict when this model said
    something else of the event before.
    """
    digest = body_digest(body)
    key = {name: values[name] for name in KEY}
    rest = {name: value for name, value in values.items() if name not in KEY}
    stored, new = ExternalPrediction.objects.get_or_create(
        client=client, **key, defaults=rest | {"received_at": now, "told_by": told_by, "body_digest": digest}
    )
    if not new and bytes(stored.body_digest) != digest:
        raise EventConflict(values["external_id"], "external_id")
    return stored, new
