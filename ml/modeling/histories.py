"""Train on an imported history: plan its features, compare candidates, calibrate, fit once more, measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ml.artifacts.card import Card
from ml.artifacts.model import Model
from ml.features.spec import FeatureSet
from ml.history.encoders import Encoder
from ml.history.history import History
from ml.history.live import live_matrix
from ml.modeling.choosing import Chosen, chosen_from, fitted
from ml.modeling.description import described_rows, libraries, measured
from ml.modeling.design import Design, Vectors
from ml.modeling.designing import designed
from ml.modeling.errors import TrainingRefused
from ml.modeling.fitting import Scorer
from ml.modeling.parts import Parts, parts_of
from ml.modeling.recipes import FAMILIES, Recipe, recipes
from ml.modeling.report.document import Measured, report_of
from ml.modeling.report.rivals import Rivals, measured_rivals, rival_figures
from ml.modeling.searching import Checked, checked_folds, compare
from ml.modeling.threads import free_threads
from ml.modeling.windows import Windows

HISTORY_SET = "history"  # not one that live events are computed for
PREDICTED_AT_ONCE = 50_000

Progress = Callable[[str], None]


def train_history(
    history: History,
    *,
    engine: str,
    seed: int = 1,
    windows: Windows | None = None,
    live: FeatureSet | None = None,
    vectors: Vectors | None = None,
    compared_with: Rivals | None = None,
    candidates: Sequence[Recipe] | None = None,
    threads: int | None = None,
    progress: Progress = lambda message: None,
) -> tuple[Model, dict[str, Any]]:
    """A calibrated model and its report; the same history, windows and seed give the same predictions.

    live     train only on this feature set, which live events carry; otherwise on all that the history has
    vectors  of `live`, as they were logged when the events were decided; computed when None
    compared_with  the champion and the rules, measured on the same rows
    candidates  recipes to compare; those that suit the size of the history when None
    Raises TrainingRefused when the history cannot teach a model.
    """
    if not len(history):
        raise TrainingRefused("the history is empty")
    parts = parts_of(history, windows or Windows(), seed)
    _tell(parts, progress)
    threads = threads or free_threads()
    if live is not None and vectors is None:
        vectors = Vectors(*live_matrix(history, live, progress), "imported")
    rivals = measured_rivals(compared_with, vectors, parts.test)
    design, encoders = designed(history, parts, vectors=vectors, seed=seed, progress=progress)
    folds = checked_folds(design, parts.folds, seed)
    candidates = candidates or recipes(len(folds[0].table), len(design.names), FAMILIES, seed)
    ranked = compare(folds, candidates, seed=seed, threads=threads, progress=progress)
    chosen = chosen_from(ranked, folds, rows=len(parts.learn), live=live is not None, progress=progress)
    table, encoder = design.fitted(parts.learn, seed)
    progress(f"fitting {chosen.algorithm} on {len(table):,} rows and {len(design.names)} features")
    scorer = fitted(chosen, table, live is not None, seed, threads)
    measuring = _measuring(design, parts, folds, chosen, scorer, encoder)
    card = _card(history, engine, live, vectors, parts, design, chosen, scorer, table.X, measuring, seed)
    kept = encoders | {"encoder": encoder.as_json()} if encoder is not None else encoders
    model = Model(scorer, chosen.calibration, card, None if live else kept)
    progress("writing the report")
    report = report_of(history, parts, design, chosen, model, measuring, seed=seed)
    report["data"]["source"] = card.source
    return model, report | rival_figures(rivals, measuring)


def _card(
    history: History, engine: str, live: FeatureSet | None, vectors: Vectors | None, parts: Parts,
    design: Design, chosen: Chosen, scorer: Scorer, X: np.ndarray, measuring: Measured, seed: int,
) -> Card:  # fmt: skip
    return Card(
        engine=engine,
        name=f"{engine}-{history.name}-seed-{seed}",
        algorithm=chosen.algorithm,
        features=design.names,
        feature_set=live.version if live else HISTORY_SET,
        base_feature_set=live.base if live else "",
        added_features=live.meanings(design.names) if live else {},
        source=vectors.source if vectors else "imported",
        seed=seed,
        candidates=chosen.figures,
        calibration=chosen.calibration.kind,
        explanation=scorer.explanation,
        split=parts.kind,
        libraries=libraries(),
        notes=parts.warnings,
        **described_rows(design.names, X, _window(history, parts)),
        **measured(measuring.probability, measuring.y),
    )


def _measuring(
    design: Design,
    parts: Parts,
    folds: Sequence[Checked],
    chosen: Chosen,
    scorer: Scorer,
    encoder: Encoder | None,
) -> Measured:
    """Untouched rows where there are some; otherwise the rows that each fold left out."""
    if len(parts.test):
        X = design.seen(parts.test, encoder)
        raw = raw_in_parts(scorer, X)
        return Measured("test", parts.test, design.y[parts.test], chosen.calibration(raw), X)
    rows = np.concatenate([fold.rows for fold in folds])
    probability = chosen.calibration(np.concatenate(chosen.raws))
    X = np.vstack([fold.X for fold in folds])
    order = np.argsort(rows, kind="stable")
    return Measured("out of fold", rows[order], design.y[rows[order]], probability[order], X[order])


def raw_in_parts(scorer: Scorer, X: np.ndarray) -> np.ndarray:
    """Log-odds [n]; in parts, because scorers work in double precision."""
    made = [
        scorer.raw(np.asarray(X[start : start + PREDICTED_AT_ONCE], dtype=np.float64))
        for start in range(0, len(X), PREDICTED_AT_ONCE)
    ]
    return np.concatenate(made) if made else np.empty(0)


def _tell(parts: Parts, progress: Progress) -> None:
    progress(f"{parts.kind} split: {len(parts.learn):,} rows to learn from, {len(parts.test):,} to test on")
    for warning in parts.warnings:
        progress(f"warning: {warning}")


def _window(history: History, parts: Parts) -> dict[str, Any]:
    fit_rows, check_rows = parts.folds[0]
    window: dict[str, Any] = {
        "train_rows": len(fit_rows),
        "validation_rows": len(check_rows),
        "learnt_rows": len(parts.learn),
        "test_rows": len(parts.test),
        "history": history.name,
        **parts.bounds,
    }
    if "train_from" in parts.bounds:
        window |= {"from": parts.bounds["train_from"], "until": parts.bounds["train_until"]}
    return window
