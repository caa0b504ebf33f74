"""Generated applications for credit: what people ask for, how they live, and who defaulted.

A hidden strain drives debts, delays, savings and inquiries of everybody, and the chance of default;
no single field gives it away. Schemes planted among them are what overrides look for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from ml.data_generation.planted import PlantedEvent

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK_APPLICATIONS = 2_000
OCCURRENCES = 6
OPTIONAL = {  # how often an application leaves it out
    "liquid_assets": 0.1,
    "verified_income": 0.3,
    "address_months": 0.05,
    "inquiries_6m": 0.02,
    "account_types": 0.02,
    "phone": 0.1,
    "device_id": 0.2,
}


def generate(*, rows: int = 4_000, seed: int = 1, start: datetime = START, days: float = 730) -> pd.DataFrame:
    """Applications in order of time with the column `default` (0 or 1); absent values are NaN or None."""
    rng = np.random.default_rng(seed)
    strain = rng.normal(0.0, 1.0, rows)
    household = _household(rng, strain)
    frame = pd.DataFrame(household | _credit_file(rng, strain, household["verified_income"]))
    _tidy(frame)
    frame["default"] = _defaults(rng, strain, frame)
    for name, share in OPTIONAL.items():
        if name in frame:
            frame.loc[rng.random(rows) < share, name] = np.nan
    moments = np.sort(rng.uniform(0, days * 86_400, rows))
    frame.insert(0, "application_id", [f"APP-{seed}-{number:06d}" for number in range(rows)])
    frame.insert(1, "applicant_id", [f"PERSON-{seed}-{number:06d}" for number in range(rows)])
    frame["occurred_at"] = [(start + timedelta(seconds=float(s))).isoformat() for s in moments]
    frame["phone"] = [f"+1555{seed % 100:02d}{number:06d}" for number in range(rows)]
    frame["device_id"] = [f"DEV-{seed}-{number:06d}" for number in range(rows)]
    return frame


def _household(rng: np.random.Generator, strain: np.ndarray) -> dict[str, np.ndarray]:
    count = len(strain)
    income = 3_400 * rng.lognormal(0.0, 0.45, count) * np.exp(-0.12 * strain)
    stated = income * np.where(rng.random(count) < 0.12, rng.uniform(1.02, 1.4, count), 1.0)
    return {
        "monthly_income": np.round(stated, 2),
        "verified_income": np.round(income, 2),
        "employment_length": np.minimum(rng.gamma(1.5, 46.0, count) * np.exp(-0.25 * strain), 480),
        "address_months": np.minimum(rng.gamma(1.4, 50.0, count) * np.exp(-0.15 * strain), 600),
        "monthly_expenses": np.round(income * rng.uniform(0.3, 0.75, count) * np.exp(0.06 * strain), 2),
        "liquid_assets": np.round(income * rng.lognormal(0.4, 1.0, count) * np.exp(-0.7 * strain), 2),
        "requested_amount": np.round(income * 12 * rng.lognormal(-1.75, 0.6, count) / 100) * 100 + 500,
    }


def _credit_file(rng: np.random.Generator, strain: np.ndarray, income: np.ndarray) -> dict[str, np.ndarray]:
    count = len(strain)
    late = rng.random(count) < 1 / (1 + np.exp(2.1 - 1.5 * strain))
    limit = np.round(income * rng.lognormal(0.5, 0.6, count) / 100) * 100 + 300
    used = 1 / (1 + np.exp(-(1.2 * strain - 1.1 + rng.normal(0.0, 1.0, count))))
    record = rng.random(count) < np.clip(0.012 * np.exp(0.8 * strain), 0, 0.3)
    return {
        "monthly_debt": np.round(income * rng.beta(2.2, 9.0, count) * np.exp(0.22 * strain), 2),
        "revolving_limit": limit,
        "revolving_balance": np.round(limit * used, 2),
        "worst_delinquency_24m": np.where(late, rng.gamma(1.4, 22.0, count) * np.exp(0.3 * strain), 0),
        "oldest_account_months": np.minimum(rng.gamma(2.0, 52.0, count) * np.exp(-0.2 * strain), 500),
        "inquiries_6m": rng.poisson(0.8 * np.exp(0.45 * strain)),
        "inquiries_7d": rng.binomial(1, 0.05, count),
        "account_types": np.minimum(rng.poisson(2.2, count), 6),
        "public_records": record.astype(int),
        "public_record_months_ago": np.where(record, rng.integers(25, 90, count), np.nan),
    }


def _tidy(frame: pd.DataFrame) -> None:
    for name in ("employment_length", "address_months", "worst_delinquency_24m", "oldest_account_months"):
        frame[name] = frame[name].round().astype(int)
    inquiries = np.maximum(frame["inquiries_6m"], frame["inquiries_7d"])
    frame["inquiries_6m"] = inquiries


def _defaults(rng: np.random.Generator, strain: np.ndarray, frame: pd.DataFrame) -> np.ndarray:
    """Strain, the size of the loan and chance: a tenth of all default."""
    burden = np.log(frame["requested_amount"] / (12 * frame["monthly_income"]) + 0.01)
    logit = -3.6 + 1.7 * strain + 0.35 * (burden + 1.8) + 0.7 * (frame["public_records"] > 0)
    return (rng.random(len(strain)) < 1 / (1 + np.exp(-logit))).astype(int)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The requests of generated applications: plain values, what is absent left out."""
    whole = {"inquiries_6m", "account_types", "address_months", "public_record_months_ago"}
    found = []
    for row in frame.drop(columns=["default"], errors="ignore").to_dict("records"):
        present = {name: value for name, value in row.items() if value is not None and value == value}
        found.append({name: int(v) if name in whole else _plain(v) for name, v in present.items()})
    return found


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def generate_week(*, seed: int = 1, scale: float = 1.0) -> list[PlantedEvent]:
    """A week of ordinary applications with six occurrences of each scheme among them."""
    rng = np.random.default_rng(seed + 1_000)
    rows = max(int(WEEK_APPLICATIONS * scale), 50)
    events = [PlantedEvent(record) for record in records(generate(rows=rows, seed=seed, days=7))]
    good = records(generate(rows=400, seed=seed + 7, days=7))
    for number in range(OCCURRENCES):
        for scheme, changes in _SCHEMES.items():
            base = good[int(rng.integers(len(good)))]
            events += _occurrence(scheme, number, base, changes, rng)
    return sorted(events, key=lambda event: event.record["occurred_at"])


# What each scheme puts into otherwise ordinary applications, one application an entry.
_SCHEMES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "recent bankruptcy": ({"public_records": 1, "public_record_months_ago": 9},),
    "debt burden": ({"monthly_debt": "0.55 of income"},),
    "thin file": ({"oldest_account_months": 3, "account_types": 1},),
    "identity ring": ({"device_id": "shared"},) * 4,
    "loan stacking": ({"inquiries_7d": 4, "inquiries_6m": 5},),
    "inflated income": ({"verified_income": "0.5 of income"},),
}


def _occurrence(
    scheme: str,
    number: int,
    base: Mapping[str, Any],
    changes: tuple[Mapping[str, Any], ...],
    rng: np.random.Generator,
) -> list[PlantedEvent]:
    slug = scheme.replace(" ", "-")
    at = datetime.fromisoformat(base["occurred_at"])
    made = []
    for member, change in enumerate(changes):
        moment = at + timedelta(minutes=int(rng.integers(5, 90)) * (member + 1))
        record = {
            **base,
            "application_id": f"{slug}-{number}-{member}",
            "applicant_id": f"{slug}-{number}-{member}",
            "phone": f"+1666{number:03d}{member:03d}{len(slug):02d}",
            "occurred_at": moment.isoformat(),
        }
        record |= {name: _value(value, base, f"{slug}-{number}") for name, value in change.items()}
        made.append(PlantedEvent(record, scheme, f"{slug}-{number}"))
    return made


def _value(value: Any, base: Mapping[str, Any], occurrence: str) -> Any:
    if value == "shared":
        return f"DEV-{occurrence}"
    if isinstance(value, str):
        return round(float(value.partition(" ")[0]) * base["monthly_income"], 2)
    return value
