"""From compared candidates to the one that is fitted: the best, or a blend; and its calibration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ml.artifacts.calibration import Isotonic, Sigmoid
from ml.artifacts.scorers import BlendScorer
from ml.modeling.calibration import calibrated
from ml.modeling.fitting import Scorer, Table, centre_of, fit
from ml.modeling.recipes import Recipe
from ml.modeling.searching import Checked, Compared, blend_of, with_blend

BAGS = 3  # boosters of several seeds, averaged where the table is small enough
BAGGED_ROWS = 250_000
CLEARLY_WORSE = 0.97

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Chosen:
    """What the folds decided: the members (several blend), all figures, and the calibration."""

    members: tuple[Compared, ...]
    ranked: tuple[Compared, ...]
    figures: Mapping[str, float]
    calibration: Sigmoid | Isotonic
    raws: tuple[np.ndarray, ...]

    @property
    def algorithm(self) -> str:
        return "blend" if len(self.members) > 1 else self.members[0].recipe.family


def chosen_from(
    ranked: Sequence[Compared], folds: Sequence[Checked], *, rows: int, live: bool, progress: Progress
) -> Chosen:
    """The best candidate, or a blend where it pays and nothing has to answer at once; calibrated.

    rows  that the winner will be fitted on: on very many, one fit is all there is time for
    """
    figures = {one.recipe.name: one.average_precision for one in ranked}
    together = None
    if live:
        members = [fastest_of_the_best(ranked)]
    elif rows > BAGGED_ROWS:
        members = [ranked[0]]
    else:
        members, together = with_blend(ranked, folds)
    if together is not None:
        figures["blend"] = together
        progress(f"blend: average precision {together:.4f} on validation")
    raws = tuple(blend_of(members, fold) for fold in range(len(folds)))
    calibration = calibrated(
        np.concatenate(raws),
        np.concatenate([fold.y for fold in folds]),
        np.concatenate([fold.weight for fold in folds]),
    )
    return Chosen(tuple(members), tuple(ranked), figures, calibration, raws)


def fastest_of_the_best(ranked: Sequence[Compared]) -> Compared:
    """Boosted trees answer one row in 0.02 ms, all others in milliseconds: these must be clearly better."""
    quick = [one for one in ranked if one.recipe.family == "lightgbm"]
    if quick and quick[0].average_precision >= CLEARLY_WORSE * ranked[0].average_precision:
        return quick[0]
    return ranked[0]


def fitted(chosen: Chosen, table: Table, live: bool, seed: int, threads: int) -> Scorer:
    bags = BAGS if not live and len(table) <= BAGGED_ROWS else 1
    scorers = [fit(_bagged(one.recipe, bags), table, seed=seed, threads=threads) for one in chosen.members]
    if len(scorers) == 1:
        return scorers[0]
    parts = [s.scorers if isinstance(s, BlendScorer) else (s,) for s in scorers]
    flat = tuple(part for group in parts for part in group)
    shares = tuple(1.0 / len(parts) / len(group) for group in parts for _ in group)
    return BlendScorer(flat, shares, centre_of(table.X))


def _bagged(recipe: Recipe, bags: int) -> Recipe:
    return replace(recipe, bags=bags) if recipe.family == "lightgbm" else recipe
