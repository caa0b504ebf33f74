"""Training an engine's model and entering it in the registry. Loads the training code only when called."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings

from fraud_detection.engines.customers import UNPAID_DEBT
from fraud_detection.engines.registry import ENGINES, MODELLED
from fraud_detection.models import ModelVersion
from fraud_detection.services.customers.training import train_customers
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.model_registry import register
from transactions.fx import rate_between


class TrainingRefused(ValueError):
    """Data or an engine that cannot be trained on; the message names file, line and column."""


def train_engine(
    engine: str, *, file: Path | None, seed: int, created_by: str, progress: Callable[[str], None]
) -> ModelVersion:
    """Train on a labelled file, or without one on generated data, and register the result as a candidate."""
    if engine not in MODELLED:
        raise TrainingRefused(f"engine '{engine}' has no model; known are {', '.join(MODELLED)}")
    from ml.modeling.errors import TrainingRefused as TooLittle
    from ml.preprocessing.tables import DataError, read_table

    try:
        if engine == UNPAID_DEBT.name:
            made = train_customers(file=file, seed=seed, progress=progress)
        elif file is None:
            training = _domain_training(engine)
            made = training.train_bootstrap(seed=seed, progress=progress, **_features(engine))
        else:
            given = _rates(engine) | _features(engine)
            made = _domain_training(engine).train_from_frame(
                read_table(file), seed=seed, path=str(file), progress=progress, **given
            )
    except (DataError, TooLittle) as refused:
        raise TrainingRefused(str(refused)) from refused
    model, report = made if isinstance(made, tuple) else (made, None)
    return register(model, created_by=created_by, report=report)


def train_stored(engine: str, *, seed: int, created_by: str, progress: Callable[[str], None]) -> ModelVersion:
    """Train on decisions whose outcome is known, from the features as they were logged; a candidate.

    Raises TrainingRefused when too few are labelled; then nothing is registered.
    """
    from fraud_detection.services.history_training import champion_of, check_installed
    from fraud_detection.services.stored_decisions import stored_decisions
    from ml.history.live import live_names
    from ml.modeling.design import Vectors
    from ml.modeling.errors import TrainingRefused as TooLittle
    from ml.modeling.histories import train_history
    from ml.modeling.report.rivals import Rivals

    check_installed(engine)
    stored = stored_decisions(engine)
    if not len(stored.history):
        raise TrainingRefused(
            f"no decision of {engine} with its present features has a label: label some by chargebacks, "
            "reports or verdicts, or train with --history, --file or --generated"
        )
    feature_set = engine_in_use(engine).feature_set
    names = live_names(feature_set)
    columns = [feature_set.numbers.index(name) for name in names]
    progress(f"{len(stored.history):,} labelled decisions, {stored.history.positives:,} of them fraud")
    try:
        model, report = train_history(
            stored.history,
            engine=engine,
            seed=seed,
            live=feature_set,
            vectors=Vectors(names, stored.X[:, columns], "stored"),
            compared_with=Rivals(champion_of(engine), stored.hit),
            progress=progress,
        )
    except TooLittle as refused:
        raise TrainingRefused(f"stored decisions of {engine}: {refused}") from refused
    return register(model, created_by=created_by, report=report)


def _domain_training(engine: str):
    """The training half of an engine's domain; it offers train_bootstrap, and train_from_frame."""
    return import_module(f"ml.domains.{engine}.training")


def _features(engine: str) -> dict[str, Any]:
    """The features where they depend on settings: those of aml follow the reporting threshold."""
    return {"feature_set": ENGINES[engine].feature_set} if engine == "aml" else {}


def _rates(engine: str) -> dict[str, Any]:
    """What a table of transactions needs beside its rows."""
    if engine not in ("payments", "aml"):
        return {}
    return {"rate": _rate, "reporting_currency": settings.REPORTING_CURRENCY}


def _rate(currency: str, day):
    return rate_between(currency, settings.REPORTING_CURRENCY, day)
