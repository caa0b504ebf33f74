"""Row filters of primitives as boolean masks."""

import numpy as np
from numpy import ndarray

from ml.features.bulk.table import Table
from ml.features.spec import NULL

_COMPARE = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "in": lambda values, wanted: np.isin(values, wanted),
    "multiple": lambda values, step: values % step == 0,
}


def meets(table: Table, conditions: tuple, places: ndarray) -> ndarray:
    """Return bool [len(places)]; a missing value meets nothing."""
    mask = np.ones(len(places), bool)
    for column, comparison, wanted in conditions:
        values = table.get(column, places)
        mask &= values != NULL
        if comparison != "known":
            mask &= _COMPARE[comparison](values, wanted)
    return mask
