"""Compare recipes on folds by average precision; lengths of boostings are chosen on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import average_precision_score

from ml.artifacts.scorers import BoosterScorer, blended
from ml.modeling.design import Design
from ml.modeling.fitting import Scorer, Table, fit, sample
from ml.modeling.parts import Fold
from ml.modeling.recipes import Recipe

SEARCH_ROWS = 100_000  # fitted on per candidate
CHECK_ROWS = 100_000
LENGTHS = (50, 100, 150, 200, 300)
NEAR = 0.9  # of the best one's average precision: what may join a blend
FEW = 20_000  # checked rows up to which any gain of a blend counts; on more it must be worth its time
WORTH = 1.005

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Checked:
    """The rows of one fold that compare candidates: row numbers, y and what each row stands for."""

    rows: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    X: np.ndarray
    table: Table


@dataclass(frozen=True)
class Compared:
    """A recipe, its average precision (the mean of the folds), and its log-odds of each fold's rows."""

    recipe: Recipe
    average_precision: float
    raws: tuple[np.ndarray, ...]


def checked_folds(design: Design, folds: Sequence[Fold], seed: int) -> list[Checked]:
    found = []
    for fit_rows, check_rows in folds:
        table, encoder = design.fitted(fit_rows, seed)
        table = table.sampled(SEARCH_ROWS, seed)
        weight = np.ones(len(check_rows))
        if len(check_rows) > CHECK_ROWS:
            chosen, weight = sample(design.y[check_rows], CHECK_ROWS, seed)
            check_rows = check_rows[chosen]
        found.append(
            Checked(check_rows, design.y[check_rows], weight, design.seen(check_rows, encoder), table)
        )
    return found


def compare(
    folds: Sequence[Checked], candidates: Sequence[Recipe], *, seed: int, threads: int, progress: Progress
) -> list[Compared]:
    """Every candidate, the best first; the earlier wins a tie."""
    found = []
    for recipe in candidates:
        scorers = [fit(recipe, fold.table, seed=seed, threads=threads) for fold in folds]
        one = (
            _shortest(recipe, scorers, folds)
            if recipe.family == "lightgbm"
            else _as_is(recipe, scorers, folds)
        )
        progress(f"{recipe.name}: average precision {one.average_precision:.4f} on validation")
        found.append(one)
    return sorted(found, key=lambda one: -one.average_precision)


def with_blend(ranked: Sequence[Compared], folds: Sequence[Checked]) -> tuple[list[Compared], float | None]:
    """The members of the best blend (one alone when blending does not pay), and the blend's own figure.

    Families join in the order of their best candidate, each only when the blend gains by it.
    """
    members, figure = [ranked[0]], ranked[0].average_precision
    worth = 1.0 if len(folds) > 1 and sum(len(fold.y) for fold in folds) <= FEW else WORTH
    for one in ranked[1:]:
        if one.average_precision < NEAR * ranked[0].average_precision:
            break
        if one.recipe.family in {member.recipe.family for member in members}:
            continue
        together = _figure([blend_of([*members, one], fold) for fold in range(len(folds))], folds)
        if together > worth * figure:
            members, figure = [*members, one], together
    return members, figure if len(members) > 1 else None


def blend_of(members: Sequence[Compared], fold: int) -> np.ndarray:
    """Log-odds of one fold's rows as the blend of these members gives them."""
    if len(members) == 1:
        return members[0].raws[fold]
    return blended([one.raws[fold] for one in members], [1.0 / len(members)] * len(members))


def _as_is(recipe: Recipe, scorers: Sequence[Scorer], folds: Sequence[Checked]) -> Compared:
    raws = tuple(scorer.raw(fold.X) for scorer, fold in zip(scorers, folds, strict=True))
    return Compared(recipe, _figure(raws, folds), raws)


def _shortest(recipe: Recipe, scorers: Sequence[BoosterScorer], folds: Sequence[Checked]) -> Compared:
    """The length that ranks best over all folds; log-odds are sums over trees, so each tree is asked once."""
    raws = [np.zeros(len(fold.y)) for fold in folds]
    tried, done = [], 0
    for trees in sorted({min(length, recipe.trees) for length in LENGTHS}):
        for place, (scorer, fold) in enumerate(zip(scorers, folds, strict=True)):
            raws[place] = raws[place] + scorer.booster.predict(
                fold.X, raw_score=True, start_iteration=done, num_iteration=trees - done, num_threads=1
            )
        done = trees
        tried.append(Compared(recipe.with_trees(trees), _figure(raws, folds), tuple(raws)))
    return max(tried, key=lambda one: one.average_precision)


def _figure(raws: Sequence[np.ndarray], folds: Sequence[Checked]) -> float:
    figures = [
        average_precision_score(fold.y, raw, sample_weight=fold.weight)
        for raw, fold in zip(raws, folds, strict=True)
    ]
    return float(np.mean(figures))
