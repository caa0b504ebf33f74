"""Training the unpaid-debt model. Loads the training code only when called."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from ml.artifacts import Model


def train_customers(
    *, file: Path | None, seed: int, progress: Callable[[str], None]
) -> tuple[Model, dict[str, Any]]:
    """A model of a labelled CSV of customers, or of generated ones when there is none, and its report.

    Raises DataError and TrainingRefused of ml.
    """
    from ml.domains.customers.training import generated, train_reported
    from ml.preprocessing.tables import read_table

    given = generated(seed) if file is None else {"frame": read_table(file), "seed": seed, "path": str(file)}
    return train_reported(**given, allowed=settings.CUSTOMER_DEMOGRAPHICS, progress=progress)
