"""Stored predictions of customers, for pages, the API and files."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from fraud_detection.engines.customers import UNPAID_DEBT
from fraud_detection.models import CustomerPrediction, EngineState, ModelVersion
from fraud_detection.services.customers.champion import NoCustomerModel
from fraud_detection.services.customers.predicting import class_name
from logs.services.spreadsheets import harmless
from ml.domains.customers.reasons import REASONS
from users.models import Customer

COLUMNS = (
    *("customer_id", "name", "probability", "class", "threshold", "model_version", "predicted_at"),
    *(f"reason_{number}" for number in range(1, REASONS + 1)),
)
LINES = 500  # of a file sent at a time


def shown_model() -> ModelVersion | None:
    """The model whose predictions are shown: the champion, or while it has none the last that predicted."""
    state = EngineState.objects.select_related("model").filter(engine=UNPAID_DEBT.name).first()
    champion = state.model if state else None
    if champion is None or not CustomerPrediction.objects.filter(model=champion).exists():
        last = CustomerPrediction.objects.select_related("model").order_by("-id").first()
        return last.model if last else champion
    return champion


def predictions_of(customer: Customer) -> QuerySet[CustomerPrediction]:
    """Every model's word on one customer, the newest model first."""
    return customer.predictions.select_related("model").order_by("-model__number")


def predictions_by(
    version: ModelVersion | None, *, unpaid: bool | None = None
) -> QuerySet[CustomerPrediction]:
    """What one model said of all customers, or of one class of them."""
    found = CustomerPrediction.objects.filter(model=version).select_related("customer")
    return found if unpaid is None else found.filter(unpaid=unpaid)


def exported(model_version: str | None = None, *, unpaid: bool | None = None) -> Iterator[str]:
    """A CSV of predictions in parts, the riskiest customer first: of the shown model or the one of this name.

    Raises NoCustomerModel before the first part when there is no such model.
    """
    version = shown_model() if model_version is None else _named(model_version)
    rows = predictions_by(version, unpaid=unpaid).order_by("-probability", "-customer")
    return _parts(rows, str(version))


def _named(name: str) -> ModelVersion:
    for version in ModelVersion.objects.filter(engine=UNPAID_DEBT.name):
        if str(version) == name:
            return version
    raise NoCustomerModel(f"there is no model '{name[:64]}'")


def _parts(rows: QuerySet[CustomerPrediction], version: str) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, prediction in enumerate(rows.iterator(chunk_size=2_000), 1):
        writer.writerow(_cells(prediction, version))
        if number % LINES == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> str:
    part = text.getvalue()
    text.seek(0)
    text.truncate()
    return part


def _cells(prediction: CustomerPrediction, version: str) -> list[Any]:
    reasons = [reason["text"] for reason in prediction.reasons[:REASONS]]
    return [
        harmless(prediction.customer.external_id),
        harmless(prediction.customer.name),
        f"{prediction.probability:.6f}",
        class_name(prediction.unpaid),
        f"{prediction.threshold:g}",
        version,
        prediction.predicted_at.isoformat(timespec="seconds"),
        *map(harmless, reasons),
        *[""] * (REASONS - len(reasons)),
    ]
