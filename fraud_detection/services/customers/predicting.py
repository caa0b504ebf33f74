"""Probability, class and reasons of customers: one that was posted, or all that are stored."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fraud_detection.models import CustomerPrediction
from fraud_detection.services.customers.champion import InForce, in_force
from fraud_detection.services.customers.keeping import store_predictions
from logs.services import record
from ml.domains.customers.features import inputs_of, vectors
from ml.domains.customers.reasons import reasons_of
from ml.domains.customers.schema import attributes_of, read_posted
from ml.domains.fields import Problem, RecordRefused
from users.models import Customer

CHUNK = 10_000
UNPAID, PAID = "unpaid", "paid"


class Said(NamedTuple):
    """What a model says of one customer; `unpaid` is the class."""

    probability: float
    unpaid: bool
    reasons: list[dict[str, Any]]


@dataclass
class Predicted:
    """What became of the stored customers: predicted anew, as before, or with too few attributes."""

    model_version: str
    new: int = 0
    renewed: int = 0
    unchanged: int = 0
    too_few: int = 0
    withdrawn: int = 0
    unpaid: int = 0

    @property
    def customers(self) -> int:
        return self.new + self.renewed + self.unchanged + self.too_few


def predict_posted(body: Any) -> dict[str, Any]:
    """The answer for a customer that was sent; nothing is stored.

    Raises RecordRefused naming every field, NoCustomerModel.
    """
    values = read_posted(body, now=timezone.now(), allowed=settings.CUSTOMER_DEMOGRAPHICS)
    force = in_force()
    attributes = attributes_of(values)
    read = inputs_of(force.model.card.features)
    if not _enough(attributes, read):
        least = f"at least {_least(read)} of {', '.join(read)} are needed"
        raise RecordRefused([Problem("", "not_enough_data", least)])
    said = _said(force, [attributes])[0]
    return {
        "customer_id": values.get("customer_id"),
        "probability": said.probability,
        "class": class_name(said.unpaid),
        "threshold": force.threshold,
        "reasons": said.reasons,
        "model_version": str(force.version),
        "generated_data_only": force.version.generated_data_only,
    }


def class_name(unpaid: bool) -> str:
    """How the class is written outside: unpaid or paid."""
    return UNPAID if unpaid else PAID


def predict_stored(
    *, model: str | None, acting: str, progress: Callable[[int, int], None] = lambda done, total: None
) -> Predicted:
    """Predict every stored customer with the champion or the model of this name; each chunk commits.

    A customer whose attributes and threshold are those of its stored prediction keeps it as it is. One with
    fewer than half of the attributes that the model reads gets none, and loses an older one. Raises
    NoCustomerModel. `progress(done, total)` is told after every chunk.
    """
    force = in_force(model)
    result = Predicted(str(force.version))
    total, last = Customer.objects.count(), 0
    while chunk := list(
        Customer.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "attributes")[:CHUNK]
    ):
        last = chunk[-1][0]
        with transaction.atomic():
            _predict_chunk(force, chunk, result)
        progress(result.customers, total)
    record(
        "customers.predicted",
        actor_kind="system",
        actor=acting,
        subject_kind="model",
        subject=str(force.version),
        after={"new": result.new, "renewed": result.renewed, "withdrawn": result.withdrawn},
    )
    return result


def _predict_chunk(force: InForce, chunk: list[tuple[int, Any]], result: Predicted) -> None:
    read = inputs_of(force.model.card.features)
    stored = CustomerPrediction.objects.filter(
        model=force.version, customer__gte=chunk[0][0], customer__lte=chunk[-1][0]
    )
    known = dict(stored.values_list("customer", "inputs_digest"))
    due, digests, too_few = [], {}, []
    for key, attributes in chunk:
        attributes = attributes if isinstance(attributes, dict) else {}
        if not _enough(attributes, read):
            too_few.append(key)
            continue
        digests[key] = _digest([attributes.get(name) for name in read], force.threshold)
        if known.get(key) != digests[key]:
            due.append((key, attributes))
    withdrawn = [key for key in too_few if key in known]
    stored.filter(customer__in=withdrawn).delete()
    said = _said(force, [attributes for _, attributes in due])
    rows = [(key, digests[key], one) for (key, _), one in zip(due, said, strict=True)]
    store_predictions(force, rows, at=timezone.now())
    renewed = sum(key in known for key, _ in due)
    result.new += len(due) - renewed
    result.renewed += renewed
    result.unchanged += len(digests) - len(due)
    result.too_few += len(too_few)
    result.withdrawn += len(withdrawn)
    result.unpaid += sum(one.unpaid for one in said)


def _said(force: InForce, rows: Sequence[Mapping[str, Any]]) -> list[Said]:
    if not rows:
        return []
    X = vectors(rows, force.model.card.features)
    probabilities = [round(p, 6) for p in force.model.predict(X).tolist()]
    return [
        Said(p, p >= force.threshold, [reason._asdict() for reason in reasons])
        for p, reasons in zip(probabilities, reasons_of(force.model, rows, X), strict=True)
    ]


def _enough(attributes: Mapping[str, Any], read: Sequence[str]) -> bool:
    return sum(attributes.get(name) is not None for name in read) >= _least(read)


def _least(read: Sequence[str]) -> int:
    """Half of what the model reads: with less, the answer would be the average and not the customer."""
    return (len(read) + 1) // 2


def _digest(values: list[Any], threshold: float) -> str:
    content = json.dumps([threshold, values], separators=(",", ":"))
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
