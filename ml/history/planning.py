"""Learn from training rows which features a history deserves."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from ml.features.spec import NULL
from ml.history.extras import amounts
from ml.history.history import History
from ml.history.plan import Plan
from ml.history.subjects import COLUMN, ROLE_KEYS, Subject, key_of
from ml.preprocessing.leaks import rate_auc

SAMPLE = 50_000
MOST_CODES = 64  # a category of more values is read by its habits and rates only
MOST_FOLLOWED = 12  # categories whose own habits and rates are followed
MOST_CROSSED = 6  # of these, compared with the entity's own use of them
MOST_PAIRED = 8  # of these, compared with each other: which values usually stand together
MOST_PAIRS = 3
UNUSUAL_AUC = 0.55  # what rarity of a pair of values must separate to be followed
MOST_VALUES = 6
MOST_MONEY = 12
VARIES = 0.02  # of an entity's events follow another value
BALANCED = 0.10
PART = 0.01
OTHERS = {"entity": "counterparty", "counterparty": "entity", "device": "entity"}


def plan_of(history: History, train: np.ndarray, *, seed: int) -> Plan:
    """The plan for a history; `train`: row numbers that may be learnt from."""
    timed = history.times is not None
    rows = _sample(history, train, seed)
    subjects = _subjects(history, rows) if timed else []
    amount = "amount" in history.roles
    balances, parts = _books(history, rows) if amount else ((), ())
    codes = {n: tuple(words) for n, (_, words) in history.categorical.items() if len(words) <= MOST_CODES}
    return Plan(
        amount=amount,
        time=timed,
        place="location" in history.roles,
        subjects=tuple(subjects),
        values=_values(history, rows) if timed and "entity" in history.roles else {},
        numeric=tuple(history.numeric),
        codes=codes,
        balances=balances,
        parts=parts,
    )


def _sample(history: History, train: np.ndarray, seed: int) -> np.ndarray:
    if len(train) <= SAMPLE:
        return train
    return np.sort(np.random.default_rng(seed).choice(train, SAMPLE, replace=False))


def _subjects(history: History, rows: np.ndarray) -> list[Subject]:
    roles = [role for role in ROLE_KEYS if role in history.roles]
    found = [Subject(r, (r,), "full", OTHERS[r] if OTHERS[r] in roles else None, labels=True) for r in roles]
    if {"entity", "counterparty"} <= set(roles):
        found.append(Subject("pair", ("entity", "counterparty"), "short"))
    strongest = _strongest(history, rows)
    found += [
        Subject(f"{COLUMN}{n}", (f"{COLUMN}{n}",), "short", labels=True) for n in strongest[:MOST_FOLLOWED]
    ]
    if "entity" in roles:
        crossed = [n for n in strongest if _varies(history, key_of(history, f"{COLUMN}{n}"))][:MOST_CROSSED]
        found += [
            Subject(f"{COLUMN}{n}/entity", ("entity", f"{COLUMN}{n}"), "short", "entity") for n in crossed
        ]
    found += [
        Subject(f"{COLUMN}{a} with {b}", (f"{COLUMN}{a}", f"{COLUMN}{b}"), "short", f"{COLUMN}{a}")
        for a, b in _unusual_together(history, rows, strongest[:MOST_PAIRED])
    ]
    return found


def _unusual_together(history: History, rows: np.ndarray, names: list[str]) -> list[tuple[str, str]]:
    """Pairs of categories whose rare combinations tell: a procedure that does not belong to its diagnosis."""
    labels = np.asarray(history.y)[rows]
    rows, labels = rows[labels >= 0], labels[labels >= 0]
    codes = {name: np.asarray(history.categorical[name][0])[rows].astype(np.int64) + 1 for name in names}
    sizes = {name: np.bincount(code) for name, code in codes.items()}
    strength = {}
    for a, b in combinations(sorted(names, key=lambda name: -len(sizes[name])), 2):
        if len(sizes[b]) <= 2:
            continue
        _, pair, n = np.unique(codes[a] * len(sizes[b]) + codes[b], return_inverse=True, return_counts=True)
        chance = sizes[a][codes[a]] * sizes[b][codes[b]] / max(len(rows), 1)
        strength[a, b] = rate_auc(_bins(np.log((n[pair] - 0.5) / chance)), labels)
    telling = [pair for pair, auc in strength.items() if auc > UNUSUAL_AUC]
    return sorted(telling, key=lambda pair: -strength[pair])[:MOST_PAIRS]


def _strongest(history: History, rows: np.ndarray) -> list[str]:
    """Categorical columns by how well their values' fraud rates separate, strongest first."""
    labels = np.asarray(history.y)[rows]
    known = labels >= 0
    strength = {}
    for name, (codes, words) in history.categorical.items():
        if len(words) > 1:
            strength[name] = rate_auc(np.asarray(codes)[rows][known] + 1, labels[known])
    return sorted(strength, key=lambda name: -strength[name])


def _varies(history: History, values: np.ndarray) -> bool:
    """Whether an entity's next event often has another value; a column that never varies says who it is."""
    entity = key_of(history, "entity")
    order = np.argsort(entity, kind="stable")
    same = (np.diff(entity[order]) == 0) & (entity[order][1:] != NULL)
    changes = np.diff(values[order]) != 0
    return bool(same.any() and changes[same].mean() > VARIES)


def _values(history: History, rows: np.ndarray) -> dict[str, tuple[float, float]]:
    """Numbers that vary within an entity, with centre and spread; the most separating ones."""
    labels = np.asarray(history.y)[rows]
    known = labels >= 0
    strength = {}
    for name, column in history.numeric.items():
        values = np.asarray(column)
        if _varies(history, np.nan_to_num(values, nan=-1.0)):
            strength[name] = rate_auc(_bins(values[rows][known]), labels[known])
    chosen = sorted(strength, key=lambda name: -strength[name])[:MOST_VALUES]
    return {name: _spread(np.asarray(history.numeric[name])[rows]) for name in chosen}


def _bins(values: np.ndarray) -> np.ndarray:
    edges = (
        np.unique(np.nanquantile(values, np.linspace(0.05, 0.95, 19))) if (~np.isnan(values)).any() else []
    )
    return np.where(np.isnan(values), 0, np.searchsorted(edges, values) + 1)


def _spread(values: np.ndarray) -> tuple[float, float]:
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, middle, high = np.quantile(values.astype(np.float64), (0.25, 0.5, 0.75))
    spread = high - low or float(values.std()) or 1.0
    return float(middle), float(spread)


def _books(history: History, rows: np.ndarray) -> tuple[tuple, tuple]:
    """Pairs of numbers that often differ by exactly the amount, and numbers that amounts are a part of."""
    money = amounts(history)[rows]
    columns = {
        name: np.asarray(values)[rows].astype(np.float64)
        for name, values in list(history.numeric.items())[:MOST_MONEY]
    }
    tolerance = np.maximum(np.abs(money) * 1e-4, 0.006)
    some = money > 0.01
    pairs = []
    names = list(columns)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            matches = np.abs(np.abs(columns[a] - columns[b]) - money) <= tolerance
            if (matches & some).mean() >= BALANCED:
                pairs.append((a, b))
    taking_part = {name for pair in pairs for name in pair}
    for name, values in columns.items():
        if ((np.abs(values - money) <= tolerance) & some).mean() >= PART:
            taking_part.add(name)
    return tuple(pairs), tuple(name for name in names if name in taking_part)
