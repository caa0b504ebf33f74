"""Generated customers for the unpaid-debt model: who will likely leave debts unpaid."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.data_generation.names import customer_name

REGIONS = ("north", "south", "east", "west", "centre")
EMPLOYMENT = ("employed", "self_employed", "part_time", "unemployed", "retired")
HOUSING = ("owner", "mortgage", "tenant", "family")
LEAST_ROWS = 50


def generate_customers(
    *, rows: int = 1_000, fraud_rate: float = 0.10, seed: int = 1, first: int = 1
) -> pd.DataFrame:
    """`rows` customers, exactly round(rows * fraud_rate) of them with is_fraud 1, in random order.

    `first` is the number in the first one's id.

    A hidden strain (0 easy .. high) drives debts, delays and account use of everybody; those who leave
    debts unpaid live under more of it and overlap with the honest. Money in major units a month or in all.
    """
    if rows < LEAST_ROWS:
        raise ValueError(f"rows must be at least {LEAST_ROWS}, not {rows}")
    if not 0.0 < fraud_rate < 0.5:
        raise ValueError(f"fraud_rate must lie between 0 and 0.5, not {fraud_rate}")
    rng = np.random.default_rng(seed)
    label = np.zeros(rows, dtype=np.int64)
    label[: round(rows * fraud_rate)] = 1
    label = rng.permutation(label)
    strain = rng.normal(0.0, 1.0, rows) + 2.1 * label
    person = _people(rng, strain)
    debts = _debts(rng, strain, person)
    history = _history(rng, strain, debts, person)
    use = _account_use(rng, strain, person, debts)
    numbers = range(first, first + rows)
    ids = pd.DataFrame(
        {
            "customer_id": [f"U{number:06d}" for number in numbers],
            "name": [customer_name(number) for number in numbers],
        }
    )
    return pd.concat([ids, person, debts, history, use], axis=1).assign(is_fraud=label)


def _people(rng, strain: np.ndarray) -> pd.DataFrame:
    count = len(strain)
    age = np.rint(np.clip(rng.gamma(7.0, 6.0, count) + 18 - 1.2 * strain, 18, 88)).astype(int)
    employment = _employment(rng, age, strain)
    factor = np.array([1.0, 1.1, 0.55, 0.35, 0.65])[employment]
    career = 1.0 + 0.012 * np.clip(age - 22, 0, 30)
    income = 1_900 * factor * career * rng.lognormal(0.0, 0.38, count) * np.exp(-0.10 * strain)
    tenure = rng.gamma(1.6, 30.0, count) * np.clip((age - 16) / 30, 0.1, 1.5) * np.exp(-0.15 * strain)
    job = rng.gamma(1.4, 40.0, count) * np.clip((age - 16) / 30, 0.05, 1.5) * np.exp(-0.2 * strain)
    working = np.isin(employment, (0, 1, 2))
    housing = _housing(rng, age, income)
    return pd.DataFrame(
        {
            "age": age,
            "region": np.array(REGIONS, dtype=object)[rng.choice(5, count, p=[0.18, 0.22, 0.2, 0.15, 0.25])],
            "employment": np.array(EMPLOYMENT, dtype=object)[employment],
            "employment_months": np.where(working, np.minimum(job, (age - 16) * 12), 0).astype(int),
            "housing": np.array(HOUSING, dtype=object)[housing],
            "dependants": np.minimum(rng.poisson(np.where((age > 25) & (age < 60), 0.9, 0.2)), 6),
            "monthly_income": np.round(income, 2),
            "tenure_months": np.clip(tenure, 1, (age - 15) * 12).astype(int),
        }
    )


def _employment(rng, age: np.ndarray, strain: np.ndarray) -> np.ndarray:
    """Index into EMPLOYMENT; strain goes with less secure work."""
    weight = np.empty((len(age), 5))
    weight[:, 0] = 6.0
    weight[:, 1] = 1.0
    weight[:, 2] = 0.9 * np.exp(0.2 * strain)
    weight[:, 3] = 0.4 * np.exp(0.45 * strain)
    weight[:, 4] = np.where(age >= 64, 40.0, 0.0)
    cumulative = np.cumsum(weight, axis=1)
    return (rng.random(len(age))[:, None] * cumulative[:, -1:] > cumulative).sum(axis=1)


def _housing(rng, age: np.ndarray, income: np.ndarray) -> np.ndarray:
    """Index into HOUSING: the young stay with family or rent, the older own."""
    settled = np.clip((age - 24) / 30, 0.0, 1.0) * np.clip(income / 2_500, 0.4, 1.4)
    draw = rng.random(len(age))
    owner, mortgage = 0.35 * settled, 0.75 * settled
    family = np.where(age < 28, 0.45, 0.06)
    return np.select([draw < owner, draw < mortgage, draw > 1 - family], [0, 1, 3], 2)


def _debts(rng, strain: np.ndarray, person: pd.DataFrame) -> pd.DataFrame:
    count = len(strain)
    income = person["monthly_income"].to_numpy()
    limit = np.round(income * rng.lognormal(0.35, 0.5, count) * np.exp(-0.12 * strain) / 50) * 50 + 200
    appetite = 1.0 / (1.0 + np.exp(-(0.55 * strain - 0.9 + rng.normal(0.0, 1.0, count))))
    loans = rng.poisson(0.7 + 0.35 * np.exp(0.3 * strain))
    debt = loans * income * rng.lognormal(0.5, 0.7, count)
    mortgage = person["housing"].to_numpy() == "mortgage"
    payment = debt / rng.uniform(24, 60, count) + np.where(
        mortgage, income * rng.uniform(0.15, 0.32, count), 0.0
    )
    balance = np.minimum(limit * appetite * rng.uniform(0.8, 1.25, count), limit * 1.2)
    return pd.DataFrame(
        {
            "credit_limit": limit,
            "card_balance": np.round(balance, 2),
            "open_loans": loans,
            "total_debt": np.round(debt + balance, 2),
            "monthly_debt_payment": np.round(payment + 0.03 * balance, 2),
        }
    )


def _history(rng, strain: np.ndarray, debts: pd.DataFrame, person: pd.DataFrame) -> pd.DataFrame:
    count = len(strain)
    months = np.minimum(person["tenure_months"].to_numpy(), 24)
    exposure = months / 24 * (0.4 + 0.3 * np.minimum(debts["open_loans"].to_numpy(), 3))
    late = rng.poisson(exposure * 0.9 * np.exp(0.62 * strain))
    worst = np.where(late > 0, rng.gamma(1.3, 9.0, count) * np.exp(0.4 * strain) + 1, 0.0)
    defaults = rng.binomial(np.minimum(late, 3), np.clip(0.03 * np.exp(0.7 * strain), 0, 0.6))
    return pd.DataFrame(
        {
            "late_payments_24m": np.minimum(late, months),
            "worst_delay_days": np.minimum(worst, 180).astype(int),
            "previous_defaults": np.minimum(defaults, late),
            "inquiries_6m": rng.poisson(0.6 * np.exp(0.38 * strain)),
            "address_changes_24m": rng.poisson(0.25 * np.exp(0.22 * strain)),
        }
    )


def _account_use(rng, strain: np.ndarray, person: pd.DataFrame, debts: pd.DataFrame) -> pd.DataFrame:
    count = len(strain)
    income = person["monthly_income"].to_numpy()
    left = income - debts["monthly_debt_payment"].to_numpy()
    savings = np.maximum(left, 0) * rng.lognormal(0.6, 1.1, count) * np.exp(-0.5 * strain)
    habit = rng.gamma(0.9, 1.1, count)  # some live in overdraft who could do otherwise
    logins = rng.gamma(2.5, 5.0, count) * np.where(person["age"].to_numpy() > 65, 0.5, 1.0)
    return pd.DataFrame(
        {
            "savings": np.round(savings, 2),
            "transactions_month": rng.poisson(8 + np.minimum(income / 90, 60)),
            "cash_withdrawal_share": np.round(np.clip(rng.beta(1.6, 7.0, count) + 0.035 * strain, 0, 1), 3),
            "overdraft_days_90d": np.minimum(rng.poisson(2.2 * habit * np.exp(0.45 * strain)), 90),
            "returned_debits_12m": rng.poisson(0.25 * np.exp(0.6 * strain)),
            "app_logins_month": np.rint(logins).astype(int),
        }
    )
