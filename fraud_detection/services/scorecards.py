"""Refitting the scorecard in force to outcomes: a drafted policy, which another person puts in force."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from fraud_detection.models import PolicyVersion
from fraud_detection.services.policies import draft_policy, policy_in_force
from fraud_detection.services.training import TrainingRefused
from ml.domains.credit.features import CREDIT
from ml.domains.credit.scorecard import Scorecard

if TYPE_CHECKING:
    from ml.domains.credit.refitting import Refit


def refit_scorecard(path: Path, *, author: str, today: date) -> tuple[PolicyVersion, "Refit"]:
    """Refit to a CSV of applications with the column `default`; the new points wait for approval.

    Raises TrainingRefused naming file, line and column, or what is missing to learn from.
    """
    from ml.domains.credit.refitting import refit
    from ml.domains.credit.training import features_and_labels
    from ml.modeling.errors import TrainingRefused as TooLittle
    from ml.preprocessing.tables import DataError, read_table

    in_force = policy_in_force("credit")
    card = Scorecard.from_json(in_force.settings["scorecard"])
    try:
        X, y, _ = features_and_labels(read_table(path), path=str(path))
        known = y >= 0
        columns = {c.name: X[known, CREDIT.numbers.index(c.name)] for c in card.characteristics}
        version = f"refit-{today.isoformat()}-from-{in_force.number}"
        found = refit(card, columns, y[known], version=version, date=today.isoformat())
    except (DataError, TooLittle) as refused:
        raise TrainingRefused(str(refused)) from refused
    reason = f"scorecard refitted to {found.rows:,} outcomes of {path.name}"
    settings = {"scorecard": found.scorecard.as_json()}
    return draft_policy("credit", author=author, reason=reason, settings=settings), found
