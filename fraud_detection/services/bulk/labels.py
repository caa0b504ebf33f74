"""Labels that rows of a file bring along: the file says what they were."""

from datetime import timedelta

import numpy as np
from django.utils import timezone

from fraud_detection.services.bulk import wire
from fraud_detection.services.bulk.encoding import Encoded
from fraud_detection.services.file_labels import LABEL_DELAY
from ml.domains.moments import microseconds
from ml.features.spec import NULL
from transactions.models import LabelSource, Verdict
from transactions.services import copy_in_binary

KEYS = ("receiver_key", "device_key", "ip_key", "merchant_key")
DELAY = LABEL_DELAY // timedelta(microseconds=1)


def store_labels(rows: Encoded, ids: np.ndarray) -> None:
    """Label the rows that were stored now (id NULL: not), as known seven days after they happened."""
    said = [row.is_fraud for row in rows.columns.rows]
    at = np.array([n for n, one in enumerate(said) if one is not None and ids[n] != NULL], np.intp)
    if not len(at):
        return
    fraud = np.array([said[place] for place in at.tolist()], bool)
    columns = {
        "transaction_id": wire.integers(ids[at], 8),
        "verdict": wire.texts([Verdict.FRAUD.value if one else Verdict.LEGITIMATE.value for one in fraud]),
        "source": wire.texts([LabelSource.IMPORT.value] * len(at)),
        "reason": wire.field(b""),
        "recorded_by": wire.field(b""),
        "recorded_at": wire.moments(np.full(len(at), microseconds(timezone.now()))),
        "known_at": wire.moments(rows.integers["occurred_at"][at] + DELAY),
        "fraud_delta": wire.integers(fraud.astype(np.int64), 2),
        **{name: wire.integers(rows.integers[name][at], 8) for name in KEYS},
    }
    copy_in_binary("transactions_label", list(columns), wire.rows_of(list(columns.values()), len(at)))
