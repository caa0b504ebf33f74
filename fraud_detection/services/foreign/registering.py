"""Registering a model that was trained elsewhere: an operator names the file, never a web request."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from fraud_detection.engines.registry import ENGINES, Engine
from fraud_detection.models import EngineState, ModelVersion
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.foreign.features import RegistrationRefused, read_features
from fraud_detection.services.foreign.samples import Sample, csv_sample, stored_sample
from fraud_detection.services.foreign.trial import lines_of, trial_report
from fraud_detection.services.model_registry import register
from logs.services import record
from ml.artifacts import Card, Model
from ml.artifacts.calibration import IDENTITY
from ml.artifacts.foreign import ForeignRefused, as_classifier, named_differently, opened
from ml.artifacts.scorers import EstimatorScorer
from ml.modeling.description import HASHED_ROWS, column_quantiles, libraries, measured, prediction_hash
from ml.monitoring.bins import binned

FARTHEST = 1e-3  # from the probability that the sample says the model gave where it was trained
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What the operator named. `sha256`, when given, is what the file must have."""

    engine: str
    file: Path
    features: Path
    sample: Path | None = None
    positive: str | None = None
    sha256: str = ""
    author: str = "register_model"


def register_foreign(request: Request, *, progress: Progress) -> ModelVersion:
    """Check the feature list, open the file, try it on a sample, and enter it as a candidate.

    The file's hash is in the audit trail before anything in it runs. Raises RegistrationRefused.
    """
    try:
        engine = _engine(request.engine)
        names = read_features(request.features, engine)
        content = _content(request)
        estimator = opened(content, file=request.file.name)
        if problems := named_differently(estimator, names):
            raise RegistrationRefused("; ".join(problems[:10]))
        sample = _sample(request, engine, names)
        model = _model(request, engine, names, estimator, sample, content)
    except (ForeignRefused, OSError) as refused:
        raise RegistrationRefused(str(refused)) from refused
    report = trial_report(engine, model, sample)
    for line in lines_of(report):
        progress(line)
    return register(model, created_by=request.author, report=report)


def _engine(name: str) -> Engine:
    if name not in ENGINES:
        raise RegistrationRefused(f"there is no engine '{name}'; known are {', '.join(ENGINES)}")
    if not EngineState.objects.filter(engine=name).exists():
        raise RegistrationRefused(f"engine '{name}' is not installed: run manage.py install_engines")
    return engine_in_use(name)


def _content(request: Request) -> bytes:
    content = request.file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if request.sha256 and request.sha256.lower() != digest:
        raise RegistrationRefused(f"{request.file.name} has SHA-256 {digest}, not the one that was given")
    with transaction.atomic():
        record(
            "model.file_named",
            actor_kind="user" if "@" in request.author else "system",
            actor=request.author,
            subject_kind="model",
            subject=request.file.name,
            after={"sha256": digest, "bytes": len(content), "engine": request.engine},
        )
    return content


def _sample(request: Request, engine: Engine, names: Sequence[str]) -> Sample:
    if request.sample is not None:
        return csv_sample(request.sample, engine, names)
    return stored_sample(engine, names)


def _model(
    request: Request,
    engine: Engine,
    names: tuple[str, ...],
    estimator: Any,
    sample: Sample,
    content: bytes,
) -> Model:
    middle = _middle(engine, names, sample)
    rows = sample.X if len(sample.X) else middle[None, :]
    classifier, notes = as_classifier(estimator, rows, middle, positive=request.positive)
    scorer = EstimatorScorer(classifier, middle)
    card = replace(
        _blank_card(engine, names),
        name=f"{engine.name}-{request.file.stem}"[:60],
        algorithm=_algorithm(estimator),
        explanation=scorer.explanation,
        training_window={
            "file": request.file.name,
            "file_sha256": hashlib.sha256(content).hexdigest(),
        },
        medians=dict(zip(names, middle.tolist(), strict=True)),
        notes=tuple(notes),
    )
    return _measured(Model(scorer, IDENTITY, card), sample, rows)


def _blank_card(engine: Engine, names: tuple[str, ...]) -> Card:
    """What is the same for every model of which only the file is known."""
    return Card(
        engine=engine.name,
        name="",
        algorithm="",
        features=names,
        feature_set=engine.feature_set.version,
        base_feature_set=engine.feature_set.base,
        added_features=engine.feature_set.meanings(names),
        source="external",
        seed=0,
        metrics={},
        candidates={},
        calibration=IDENTITY.kind,
        explanation="",
        split="trained elsewhere",
        training_window={},
        medians={},
        percentiles={},
        score_percentiles=(),
        prediction_hash="",
        libraries=libraries(),
    )


def _measured(model: Model, sample: Sample, rows: np.ndarray) -> Model:
    """With what its predictions on the sample say: their hash, and figures where labels are known."""
    predicted = model.predict(rows)
    _check_expected(predicted, sample)
    known = sample.y >= 0
    said: dict[str, Any] = {
        "prediction_hash": prediction_hash(predicted[:HASHED_ROWS]),
    }
    if len(sample.X):
        columns = zip(model.card.features, sample.X.T, strict=True)
        said["feature_bins"] = {name: binned(column) for name, column in columns}
    if len(np.unique(sample.y[known])) == 2:
        found = measured(predicted[known], sample.y[known])
        said |= {name: found[name] for name in ("metrics", "score_percentiles", "score_bins")}
    return model.with_card(**said)


def _check_expected(predicted: np.ndarray, sample: Sample) -> None:
    if sample.expected is None:
        return
    apart = np.nan_to_num(np.abs(predicted - sample.expected))
    worst = int(np.argmax(apart))
    if apart[worst] > FARTHEST:
        raise RegistrationRefused(
            f"row {worst + 1} of the sample expects the probability {sample.expected[worst]:.6f}, the model "
            f"gives {predicted[worst]:.6f}: the conversion, or the order of the features, is wrong"
        )


def _middle(engine: Engine, names: Sequence[str], sample: Sample) -> np.ndarray:
    """Medians of the sample; where it holds none, the champion's, else 0."""
    medians = column_quantiles(sample.X, (50,))[0] if len(sample.X) else np.full(len(names), np.nan)
    champion = EngineState.objects.select_related("model").get(engine=engine.name).model
    theirs = champion.card.get("medians", {}) if champion else {}
    spare = np.array([theirs.get(name) if theirs.get(name) is not None else 0.0 for name in names], float)
    return np.where(np.isnan(medians), spare, medians)


def _algorithm(estimator: Any) -> str:
    steps = getattr(estimator, "steps", None)
    return type(steps[-1][1] if steps else estimator).__name__
