"""What a model reads of a customer's attributes: values, ratios of two, and one flag a choice."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, ClassVar

import numpy as np

from ml.domains.customers.schema import ATTRIBUTES, DEMOGRAPHIC
from ml.features.spec import Feature

RATIOS = (
    ("debt_to_income", "share", "Debt payments of income.", ("monthly_debt_payment", "monthly_income")),
    ("credit_used", "share", "Credit used.", ("card_balance", "credit_limit")),
    ("debt_months", "number", "All debts in months of income.", ("total_debt", "monthly_income")),
    ("savings_months", "number", "Savings in months of income.", ("savings", "monthly_income")),
)
LARGEST = 1e15
UNITS = {"money": "money", "whole": "count", "number": "share"}


@dataclass(frozen=True)
class CustomerFeatures:
    """The numbers of a customer, with the face of a FeatureSet that loading and explaining a model need."""

    name: str
    features: tuple[Feature, ...]
    base: ClassVar[str] = ""
    added: ClassVar[tuple[str, ...]] = ()  # people define features of events, not of customers

    def meanings(self, names: Iterable[str]) -> dict[str, str]:
        """Nothing: none of them was added."""
        return {}

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @property
    def texts(self) -> tuple[str, ...]:
        return ()

    @cached_property
    def version(self) -> str:
        """Changes whenever any definition does."""
        return f"{self.name}-{blake2b(repr(self.features).encode(), digest_size=6).hexdigest()}"

    @cached_property
    def _by_name(self) -> dict[str, Feature]:
        return {feature.name: feature for feature in self.features}

    def feature(self, name: str) -> Feature:
        """Return a feature; KeyError when there is none of that name."""
        return self._by_name[name]


def _features() -> tuple[Feature, ...]:
    values = [
        Feature(field.name, "number", UNITS[field.kind], field.help, "value", (field.name,))
        for field in ATTRIBUTES
        if field.kind in UNITS
    ]
    flags = [
        Feature(f"{field.name}_{choice}", "bool", "flag", field.help, "is", (field.name,), (number,))
        for field in ATTRIBUTES
        for number, choice in enumerate(field.choices)
    ]
    ratios = [Feature(name, "number", unit, help, "ratio", operands) for name, unit, help, operands in RATIOS]
    return (*values, *flags, *ratios)


CUSTOMERS = CustomerFeatures("customers", _features())
CHOICES = {field.name: field.choices for field in ATTRIBUTES if field.choices}


def model_features(allowed: Collection[str] = ()) -> tuple[str, ...]:
    """The features a model may be trained on: all but those of demographics that are not allowed."""
    return tuple(f.name for f in CUSTOMERS.features if not set(demographics_of([f.name])) - set(allowed))


def demographics_of(names: Sequence[str]) -> list[str]:
    """The demographics that these features read."""
    read = {operand for name in names for operand in CUSTOMERS.feature(name).operands}
    return [name for name in DEMOGRAPHIC if name in read]


def inputs_of(names: Sequence[str]) -> tuple[str, ...]:
    """The attributes that these features read, in the order of the schema."""
    read = {operand for name in names for operand in CUSTOMERS.feature(name).operands}
    return tuple(field.name for field in ATTRIBUTES if field.name in read)


def vectors(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> np.ndarray:
    """float64 [n, K] of stored attributes, columns in the order of names; what is absent is NaN."""
    columns = {name: _column(name, rows) for name in inputs_of(names)}
    matrix = np.empty((len(rows), len(names)))
    for place, name in enumerate(names):
        matrix[:, place] = _computed(CUSTOMERS.feature(name), columns)
    return matrix


def _column(name: str, rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Numbers as they are, choices as their place in the list."""
    if name in CHOICES:
        places = {choice: float(place) for place, choice in enumerate(CHOICES[name])}
        return np.array([places.get(row.get(name), np.nan) for row in rows], dtype=np.float64)
    values = [row.get(name) for row in rows]
    try:
        column = np.array(values, dtype=np.float64)  # absent is NaN
    except (TypeError, ValueError):  # attributes can be edited by hand: what is no number counts as absent
        column = np.array([_number(value) for value in values], dtype=np.float64)
    return np.where(np.abs(column) < LARGEST, column, np.nan)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else np.nan


def _computed(feature: Feature, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    value = columns[feature.operands[0]]
    if feature.op == "is":
        return np.where(np.isnan(value), np.nan, value == feature.parameters[0])
    if feature.op == "ratio":
        whole = columns[feature.operands[1]]
        return np.divide(value, whole, out=np.full(len(value), np.nan), where=whole > 0)
    return value
