"""The two files of generated customers that everybody starts from."""

from __future__ import annotations

import os
from pathlib import Path

from ml.data_generation.customers import generate_customers

FILES = {
    "users_1k.csv": {"rows": 1_000, "fraud_rate": 0.10},
    "users_10k.csv": {"rows": 10_000, "fraud_rate": 0.05, "first": 10_001},  # both can be loaded
}


def write_customer_files(directory: Path, *, seed: int = 1, missing_only: bool = False) -> list[Path]:
    """Write users_1k.csv and users_10k.csv; each whole or not at all. The paths written."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, size in FILES.items():
        path = directory / name
        if missing_only and path.exists():
            continue
        temporary = path.with_name(f".{os.getpid()}.{name}")
        try:
            generate_customers(seed=seed, **size).to_csv(temporary, index=False)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        written.append(path)
    return written
