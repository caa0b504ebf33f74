"""The features of one event, from its history in the database and the event itself."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from django.db import connection

from ml.features.kernel import evaluate_one, texts
from ml.features.spec import FeatureSet
from ml.features.sql import statement
from transactions.services import prepare_once


class FeatureValues(NamedTuple):
    """numbers: float64 [K] in the order of feature_set.numbers, missing as NaN.

    texts: text features and what the lists say, by name; None is missing.
    """

    numbers: np.ndarray
    texts: dict[str, str | bool | None]


def computed(feature_set: FeatureSet, columns: Mapping[str, int | None], at) -> FeatureValues:
    """Features of the event with these integer columns, which happened at the datetime `at`."""
    prepared = statement(feature_set)
    name = "features_" + feature_set.version.replace("-", "_")
    with connection.cursor() as cursor:
        prepare_once(cursor, name, prepared.prepare(name))
        cursor.execute(prepared.execute(name), prepared.arguments({**columns, "occurred_at": at}))
        primitives = cursor.fetchone()
    return FeatureValues(evaluate_one(feature_set, primitives, columns), texts(feature_set, columns))


def without_history(feature_set: FeatureSet) -> FeatureValues:
    """Every feature missing: what is left when they could not be computed."""
    return FeatureValues(np.full(len(feature_set.numbers), np.nan), dict.fromkeys(feature_set.texts))
