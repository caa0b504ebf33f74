"""Training an engine's model and entering it in the registry. Loads the training code only when called."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import ModelVersion
from fraud_detection.services.model_registry import register
from transactions.fx import rate_between


class TrainingRefused(ValueError):
    """Data or an engine that cannot be trained on; the message names file, line and column."""


def train_engine(
    engine: str, *, file: Path | None, seed: int, created_by: str, progress: Callable[[str], None]
) -> ModelVersion:
    """Train on a labelled file, or without one on generated data, and register the result as a candidate."""
    if engine not in ENGINES:
        raise TrainingRefused(f"engine '{engine}' has no model; known are {', '.join(ENGINES)}")
    from ml.domains.payments.training import train_bootstrap, train_from_frame
    from ml.modeling.errors import TrainingRefused as TooLittle
    from ml.preprocessing.tables import DataError, read_table

    try:
        if file is None:
            model = train_bootstrap(seed=seed, progress=progress)
        else:
            model = train_from_frame(
                read_table(file),
                seed=seed,
                path=str(file),
                rate=_rate,
                reporting_currency=settings.REPORTING_CURRENCY,
                progress=progress,
            )
    except (DataError, TooLittle) as refused:
        raise TrainingRefused(str(refused)) from refused
    return register(model, created_by=created_by)


def _rate(currency: str, day):
    return rate_between(currency, settings.REPORTING_CURRENCY, day)
