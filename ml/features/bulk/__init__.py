"""Primitives and features of many events at once, in numpy, stream by stream and in bounded chunks.

Rows that an out-of-order arrival overtook, or whose history held an event that was corrected later, are
marked dirty: their values here may be wrong and must be computed one by one (`sql`, or `exact`).
"""

from ml.features.bulk.batches import Batch, Plan, batches, compute, keys_of, primitives
from ml.features.bulk.exact import exact_primitives
from ml.features.bulk.table import Facts, coded_tables

__all__ = [
    "Batch",
    "Facts",
    "Plan",
    "batches",
    "coded_tables",
    "compute",
    "exact_primitives",
    "keys_of",
    "primitives",
]
