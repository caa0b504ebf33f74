"""Verdicts of many rows: those that nothing speaks against together, the others as the single path judges."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii
from typing import Any

import numpy as np
from django.db import connection

from fraud_detection.models import ListKind
from fraud_detection.policy import APPROVE, Verdict, level_of
from fraud_detection.rules.columns import Column
from fraud_detection.services.bulk.encoding import Encoded
from fraud_detection.services.bulk.reading import NotPlain
from fraud_detection.services.bulk.ruling import said_of
from fraud_detection.services.context import PARTIES, WORDS, context_of
from fraud_detection.services.features import FeatureValues
from fraud_detection.services.lists import FIELDS as LISTED
from fraud_detection.services.lists import LOOKUP, NOT_LISTED
from fraud_detection.services.payment_events import Request, subjects_of
from fraud_detection.services.releasing import release
from fraud_detection.services.scoring import Scored, score
from fraud_detection.services.serving import Serving
from fraud_detection.services.shadowing import shadow_scores_together
from ml.features import kernel
from ml.features.spec import NULL
from users.models import ClientSystem

LOW = level_of(0.0)


@dataclass
class Judged:
    """Rows with their features [n, K] and verdicts; `alone` those that were judged one by one, by place."""

    numbers: np.ndarray
    texts: list[str]
    probabilities: list[float]
    risks: list[float]
    not_evaluable: list[str]
    insufficient: list[str]
    shadow_scores: list[dict | None]
    alone: dict[int, tuple[Request, FeatureValues, Scored]] = field(default_factory=dict)

    def some(self, rows: slice) -> "Judged":
        """The same of some rows."""
        inside = range(rows.start, rows.stop)
        return Judged(
            *(getattr(self, name)[rows] for name in _BY_ROW),
            alone={row - rows.start: self.alone[row] for row in self.alone if row in inside},
        )

    def verdict(self, row: int) -> tuple[str, float, str]:
        """(decision, risk score, risk level)."""
        if row not in self.alone:
            return APPROVE, self.risks[row], LOW
        verdict = self.alone[row][2].verdict
        return verdict.decision, verdict.risk_score, verdict.risk_level

    def scored(self, row: int) -> Scored:
        """Everything the decision consists of, as the single path has it."""
        if row in self.alone:
            return self.alone[row][2]
        probability = round(self.probabilities[row], 6)
        return Scored(
            Verdict(APPROVE, self.risks[row], LOW, probability, probability, False),
            hits=[],
            reasons=[],
            not_evaluable=json.loads(self.not_evaluable[row]),
            insufficient=json.loads(self.insufficient[row]),
            degraded_parts=[],
        )


_BY_ROW = (*("numbers", "texts", "probabilities", "risks", "not_evaluable", "insufficient", "shadow_scores"),)


class Judge:
    """Judges rows of one client system by what is in force."""

    def __init__(self, state: Serving, client: ClientSystem, rows: Encoded) -> None:
        self.state, self.client, self.rows = state, client, rows
        self.now = datetime.now(UTC)
        self.context = self._context()
        self.listed = self._listed()
        self.thresholds = min(state.policy.review_from, state.policy.decline_from)

    def _context(self) -> dict[str, list[Any]]:
        """The texts of all rows by name, in the order in which the single path names them."""
        columns, given = self.rows.columns, self.rows.integers
        feature_set = self.state.engine.feature_set
        found: dict[str, Any] = {
            name: column.tolist() for name, column in kernel.text_columns(feature_set, given).items()
        }
        found |= {name: columns.column(name) for name in (*WORDS, *PARTIES)}
        domains = {e: e and e.rpartition("@")[2].lower() for e in set(columns.column("email"))}
        found["email_domain"] = [domains[email] for email in columns.column("email")]
        return found | {name: [value] * len(columns) for name, value in NOT_LISTED._asdict().items()}

    def _listed(self) -> np.ndarray:
        """Which rows name somebody on the block or allow lists."""
        in_use, columns = self.state.lists_in_use, self.rows.columns
        found = np.zeros(len(columns), bool)
        if in_use is None:
            return found
        fields = [(str(kind), columns.column(name)) for kind, name in LISTED]
        fields.append((str(ListKind.EMAIL_DOMAIN), self.context["email_domain"]))
        wanted = {(kind, value) for kind, column in fields for value in set(column) if value is not None}
        with connection.cursor() as cursor:
            cursor.execute(LOOKUP, ([k for k, _ in wanted], [v for _, v in wanted], self.now))
            standing = {(kind, value) for _, kind, value in cursor.fetchall()}
        addresses = {ip for ip in set(columns.column("ip_address")) if ip is not None}
        held = {ip for ip in addresses if in_use.networks.holding(ip, self.now)}
        for kind, column in fields:
            found |= np.array([(kind, value) in standing for value in column], bool)
        return found | np.array([ip in held for ip in columns.column("ip_address")], bool)

    def judged(self, at: np.ndarray, numbers: np.ndarray) -> Judged:
        """The verdicts on the rows at these places, with their features; raises NotPlain."""
        predicted = self.state.predictor.probabilities_or_none(numbers)
        if predicted is None:
            raise NotPlain("the model fails on many rows at once")
        places = at.tolist()
        customers = self.rows.columns.column("user_id")
        said = said_of(self.state, self._columns(places, numbers), [customers[place] for place in places])
        risks = [round(min(100 * (1.0 - (1.0 - one)), 100.0), 2) for one in predicted]
        grave = {risk for risk in set(risks) if level_of(risk) != LOW or risk >= self.thresholds}
        told = np.array([risk in grave for risk in risks], bool)
        found = Judged(
            numbers=numbers,
            texts=self._texts(places),
            probabilities=predicted,
            risks=risks,
            not_evaluable=said.not_evaluable,
            insufficient=said.insufficient,
            shadow_scores=shadow_scores_together(self.state, numbers) if self.state.shadows else [],
        )
        for row in np.flatnonzero(said.hit | told | self.listed[at]).tolist():
            found.alone[row] = self.alone(places[row], numbers[row], predicted[row])
            if found.shadow_scores:
                found.alone[row][2].shadow_scores = found.shadow_scores[row]
        return found

    def alone(
        self, place: int, numbers: np.ndarray, probability: float | None
    ) -> tuple[Request, FeatureValues, Scored]:
        """One row as the single path judges it."""
        state = self.state
        request = self.rows.columns.request(place, self.client)
        own = {name: int(column[place]) for name, column in self.rows.integers.items()}
        event = {name: None if value == NULL else value for name, value in own.items()}
        context = context_of(request.values, lists_in_use=state.lists_in_use, now=self.now)
        features = FeatureValues(numbers, kernel.texts(state.engine.feature_set, event) | context)
        scored = score(state, features, subjects_of(request.values), [], probability, at=self.now)
        release(state, scored, client_id=self.client.pk, external_id=request.transaction_id)
        return request, features, scored

    def _columns(self, places: Sequence[int], numbers: np.ndarray) -> Mapping[str, Column]:
        """What the rules read, by name: numbers as they are, texts only those that are asked for."""
        names = self.state.engine.feature_set.numbers
        return _Columns(dict(zip(names, numbers.T, strict=True)), self.context, places)

    def _texts(self, places: Sequence[int]) -> list[str]:
        """The texts of rows as JSON, each distinct value written once."""
        members = [
            list(self._members(name, [column[p] for p in places])) for name, column in self.context.items()
        ]
        return ["{" + ", ".join(row) + "}" for row in zip(*members, strict=True)]

    @staticmethod
    def _members(name: str, column: list[Any]) -> Iterator[str]:
        named = json.dumps(name) + ": "
        known = {
            value: named + (encode_basestring_ascii(value) if type(value) is str else json.dumps(value))
            for value in set(column)
        }
        return map(known.__getitem__, column)


class _Columns(dict):
    """Columns for the rules; texts are picked from those of all rows when they are first read."""

    def __init__(self, numbers: dict[str, np.ndarray], texts: Mapping[str, list], places: Sequence[int]):
        super().__init__(numbers)
        self._texts, self._places = texts, places

    def __missing__(self, name: str) -> np.ndarray:
        column = self._texts[name]
        picked = np.array([column[place] for place in self._places], dtype=object)
        if name.startswith("on_"):  # what the lists say of rows that they do not name
            picked = np.zeros(len(self._places))
        self[name] = picked
        return picked
