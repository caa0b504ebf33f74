"""Which features a history has: learnt once on training rows, kept with the model as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ml.history.history import History
from ml.history.subjects import COLUMN, ROLE_KEYS, Subject


@dataclass(frozen=True)
class Plan:
    """What is computed from a history.

    amount, time, place  whether these roles are read
    subjects    whose habits are followed
    values      numeric columns compared with the entity's own earlier values: (centre, scale)
    numeric     numeric columns read as they are
    codes       categorical columns read as codes of this vocabulary
    balances    (a, b): numeric columns that differ by the amount where books balance
    parts       numeric columns that amounts are a part of
    """

    amount: bool
    time: bool
    place: bool
    subjects: tuple[Subject, ...]
    values: Mapping[str, tuple[float, float]]
    numeric: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    balances: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()

    def columns(self) -> list[str]:
        """Names (without `column:`) of what is read straight from extra columns, in order."""
        made = [*self.numeric, *self.codes]
        made += [f"{a} less {b} {way} amount" for a, b in self.balances for way in ("less", "plus")]
        made += [f"{name} {what} amount" for name in self.parts for what in ("over", "less")]
        return made

    def check(self, history: History) -> None:
        """Raise ValueError naming what the history lacks."""
        roles = {key for subject in self.subjects for key in subject.keys if key in ROLE_KEYS}
        roles |= {role for role in ("amount", "time") if getattr(self, role)}
        roles |= {"location"} if self.place else set()
        if missing := sorted(roles - set(history.roles)):
            raise ValueError(f"history {history.name} has no {', '.join(missing)}; the model reads it")
        numbers = {*self.numeric, *self.values, *self.parts, *(n for pair in self.balances for n in pair)}
        if missing := sorted(numbers - set(history.numeric)):
            raise ValueError(f"history {history.name} has no numeric column {', '.join(missing)}")
        words = {*self.codes} | {
            key.removeprefix(COLUMN) for s in self.subjects for key in s.keys if key.startswith(COLUMN)
        }
        if missing := sorted(words - set(history.categorical)):
            raise ValueError(f"history {history.name} has no categorical column {', '.join(missing)}")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Plan:
        subjects = tuple(Subject(**{**one, "keys": tuple(one["keys"])}) for one in told["subjects"])
        return cls(
            amount=told["amount"],
            time=told["time"],
            place=told["place"],
            subjects=subjects,
            values={name: tuple(pair) for name, pair in told["values"].items()},
            numeric=tuple(told["numeric"]),
            codes={name: tuple(words) for name, words in told["codes"].items()},
            balances=tuple(tuple(pair) for pair in told["balances"]),
            parts=tuple(told["parts"]),
        )
