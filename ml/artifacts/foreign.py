"""Estimators trained elsewhere, brought to one form: predict_proba over float64 vectors, NaN for missing.

Opening a joblib file runs what is in it. Whoever calls `opened` has let an operator name the file.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import joblib
import numpy as np

from ml.artifacts.onnx import OnnxClassifier, OnnxRefused


class ForeignRefused(ValueError):
    """A file that is no usable binary classifier; the message says what would help."""


class Classifier(Protocol):
    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """[n, 2] for X float64 [n, K]; the second column is fraud."""


@dataclass(frozen=True)
class OneClass:
    """The column of an estimator's probabilities that means fraud."""

    estimator: Any
    column: int

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        fraud = np.asarray(self.estimator.predict_proba(X), dtype=np.float64)[:, self.column]
        return np.column_stack([1.0 - fraud, fraud])


@dataclass(frozen=True)
class Margin:
    """An estimator without probabilities: its margin, put on a scale by a logistic curve."""

    estimator: Any
    centre: float
    scale: float

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        margin = (np.asarray(self.estimator.decision_function(X), np.float64) - self.centre) / self.scale
        fraud = 1.0 / (1.0 + np.exp(-np.clip(margin, -30.0, 30.0)))
        return np.column_stack([1.0 - fraud, fraud])


@dataclass(frozen=True)
class FilledIn:
    """A classifier that knows no missing values: `values` [K] stand in for them."""

    classifier: Classifier
    values: np.ndarray

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return self.classifier.predict_proba(np.where(np.isnan(X), self.values, X))


def opened(content: bytes, *, file: str) -> Any:
    """The estimator in these bytes: ONNX by the ending .onnx, else joblib. Raises ForeignRefused."""
    if file.lower().endswith(".onnx"):
        try:
            return OnnxClassifier(content)
        except OnnxRefused as refused:
            raise ForeignRefused(f"{file}: {refused}") from refused
    try:
        return joblib.load(io.BytesIO(content))
    except ModuleNotFoundError as error:
        raise ForeignRefused(f"{file} needs the library '{error.name}': install it here first") from error
    except (
        *(pickle.UnpicklingError, EOFError, OSError, ImportError),
        *(AttributeError, ValueError, TypeError, KeyError, IndexError),
    ) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ForeignRefused(
            f"{file} is not a joblib file that these library versions read: {said}"
        ) from error


def named_differently(estimator: Any, names: Sequence[str]) -> list[str]:
    """What speaks against these being the estimator's inputs in order; empty when nothing does."""
    if (own := getattr(estimator, "feature_names_in_", None)) is not None:
        own = [str(name) for name in own]
        problems = [f"the model reads '{name}', which the list lacks" for name in own if name not in names]
        problems += [
            f"the list has '{name}', which the model does not read" for name in names if name not in own
        ]
        if not problems and own != list(names):
            place = next(
                place for place, pair in enumerate(zip(own, names, strict=True), 1) if pair[0] != pair[1]
            )
            problems = [
                f"the order differs from place {place} on: the model reads '{own[place - 1]}' there, "
                f"the list has '{names[place - 1]}'"
            ]
        return problems
    width = getattr(estimator, "n_features_in_", None)
    if width is not None and width != len(names):
        return [f"the model takes {width} features, the list names {len(names)}"]
    return []


def as_classifier(
    estimator: Any, sample: np.ndarray, middle: np.ndarray, *, positive: str | None = None
) -> tuple[Classifier, list[str]]:
    """A classifier whose answers on `sample` [n, K] are sound, and notes on what had to be done for it.

    `middle` [K] are the values put in for missing ones when the estimator knows none.
    """
    notes: list[str] = []
    filled = np.where(np.isnan(sample), middle, sample)
    if hasattr(estimator, "predict_proba"):
        classifier: Classifier = OneClass(estimator, _column(estimator, positive))
    elif hasattr(estimator, "decision_function"):
        classifier = _margin(estimator, filled)
        notes.append("it gives no probabilities: its margin is put on a scale of 0 to 1, uncalibrated")
    else:
        kind = type(estimator).__name__
        raise ForeignRefused(f"a {kind} has neither predict_proba nor decision_function: fit a classifier")
    _check_answers(classifier, filled)
    if not _takes_missing(classifier, sample):
        classifier = FilledIn(classifier, middle)
        notes.append("it takes no missing values: the medians of the sample stand in for them")
    return classifier, notes


def _column(estimator: Any, positive: str | None) -> int:
    classes = [str(one) for one in getattr(estimator, "classes_", ("0", "1"))]
    if len(classes) != 2:
        raise ForeignRefused(f"it knows {len(classes)} classes ({', '.join(classes[:5])}): two are needed")
    if positive is not None:
        if positive not in classes:
            raise ForeignRefused(f"it has no class '{positive}': its classes are {' and '.join(classes)}")
        return classes.index(positive)
    if {classes[1].lower()} <= {"1", "1.0", "true"}:
        return 1
    raise ForeignRefused(f"its classes are {' and '.join(classes)}: say which one is fraud with --positive")


def _margin(estimator: Any, sample: np.ndarray) -> Margin:
    margins = _asked(estimator.decision_function, sample)
    if margins.ndim != 1:
        raise ForeignRefused("its decision_function has several columns: fit a classifier of two classes")
    if not hasattr(estimator, "classes_"):  # an outlier detector: outliers have small margins
        scale = max(float(margins.std()), 1e-9)
        return Margin(estimator, float(margins.mean()) - 2.0 * scale, -scale / 2.0)
    return Margin(estimator, 0.0, 1.0)


def _check_answers(classifier: Classifier, sample: np.ndarray) -> None:
    answers = _asked(classifier.predict_proba, sample)
    if answers.shape != (len(sample), 2):
        raise ForeignRefused(f"for {len(sample)} rows it answers {list(answers.shape)} probabilities")
    if not np.isfinite(answers).all() or answers.min() < 0 or answers.max() > 1:
        raise ForeignRefused("its probabilities do not all lie between 0 and 1")


def _asked(method: Any, sample: np.ndarray) -> np.ndarray:
    try:
        return np.asarray(method(sample), dtype=np.float64)
    except Exception as error:  # whatever a foreign estimator raises is the reason to refuse it
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ForeignRefused(
            f"it does not predict from a plain array of floats: {said}; fit it on one, in the list's order"
        ) from error


def _takes_missing(classifier: Classifier, sample: np.ndarray) -> bool:
    """Live vectors lack values now and then, each of them perhaps."""
    trial = np.vstack([sample[:50], np.full((1, sample.shape[1]), np.nan)])
    try:
        answers = np.asarray(classifier.predict_proba(trial), dtype=np.float64)
    except Exception:  # said by its refusal, whatever kind it is
        return False
    return bool(np.isfinite(answers).all())
