"""A domain's generated week as a table: what `manage.py load_events` and `evaluate_engine --file` take."""

from __future__ import annotations

from importlib import import_module

import pandas as pd

DOMAINS = ("aml", "credit", "insurance", "market")


def week_table(domain: str, *, seed: int = 1, scale: float = 1.0) -> pd.DataFrame:
    """One row an event in order of time, the fields of the request, and `scheme`, "" for ordinary ones.

    History that baselines need stands before the week, unlabelled like ordinary activity.
    """
    events = import_module(f"ml.domains.{domain}.generator").generate_week(seed=seed, scale=scale)
    frame = pd.DataFrame([dict(event.record) for event in events], dtype=object)
    return frame.assign(scheme=[event.scheme for event in events])
