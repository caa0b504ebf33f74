"""Labels as arrays and as the stream that fraud-rate features read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.preprocessing.tables import DataError, line_of

UNKNOWN = -1
_TEXTS = {"1": 1, "true": 1, "yes": 1, "fraud": 1, "0": 0, "false": 0, "no": 0, "legitimate": 0, "": UNKNOWN}
LABEL_KEYS = ("receiver_key", "device_key", "ip_key", "merchant_key")


def labels_of(frame: pd.DataFrame, column: str, path: str) -> np.ndarray:
    """1 fraud, 0 legitimate, -1 unknown (empty) for each row. DataError names the first other value."""
    texts = frame[column].map(lambda value: "" if pd.isna(value) else str(value).strip().lower())
    values = texts.str.removesuffix(".0").map(_TEXTS)
    wrong = np.flatnonzero(values.isna().to_numpy())
    if len(wrong):
        detail = f"'{texts.iloc[wrong[0]][:40]}' is not a label; use 1 or 0, or leave it empty"
        raise DataError(path, detail, line=line_of(frame.index[wrong[0]]), column=column)
    return values.to_numpy(dtype=np.int64)


def label_stream(events: dict[str, np.ndarray], y: np.ndarray, known_at: np.ndarray) -> dict[str, np.ndarray]:
    """The label rows of events (int64 columns), in the order in which they became known."""
    rows = np.flatnonzero(y >= 0)
    rows = rows[np.argsort(known_at[rows], kind="stable")]
    return {
        "id": np.arange(1, len(rows) + 1, dtype=np.int64),
        "known_at": known_at[rows],
        "fraud_delta": y[rows].astype(np.int64),
        **{name: events[name][rows] for name in LABEL_KEYS},
    }
