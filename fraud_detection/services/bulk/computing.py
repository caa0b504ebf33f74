"""Features of rows that are not stored yet, as if each had been stored in its place."""

from collections.abc import Iterator, Mapping

import numpy as np

from fraud_detection.services.batch.history import stored_facts, stored_probes
from fraud_detection.services.bulk.encoding import Encoded
from fraud_detection.services.bulk.facts import all_facts
from fraud_detection.services.bulk.memory import FOREVER, Memory
from ml.features import kernel
from ml.features.bulk import Plan, coded_tables, keys_of
from ml.features.columns import EVENT_TABLE, KEY_KINDS, STATUS_COLUMNS, STATUS_TABLE
from ml.features.spec import NULL, FeatureSet
from transactions.models import Status

DECLINED = Status.DECLINED.value


class Features:
    """Features of encoded rows, some at a time, in the order of time.

    late  rows whose history others of the file overtook: they are computed when they are stored
    """

    def __init__(self, feature_set: FeatureSet, memory: Memory, rows: Encoded) -> None:
        self.feature_set, self.memory, self.rows = feature_set, memory, rows
        memory.refresh(rows.integers)
        self.late = np.zeros(len(rows), bool)
        self._columns = rows.integers
        self._plan = self._planned()

    def parts(self, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(places of rows, float64 [m, K]) until all are told."""
        for batch in self._plan.batches(size):
            at = batch.rows - self._first
            columns = {name: column[at] for name, column in self._columns.items()}
            self.late[at] = batch.dirty
            yield at, kernel.evaluate(self.feature_set, batch.primitives, columns)

    def _planned(self) -> Plan:
        given, count = self.rows.integers, len(self.rows)
        known, known_codes = self.memory.about(given)
        own = given | {"id": FOREVER + np.arange(count)}
        self._first = len(known["id"])
        events = {name: np.concatenate([known[name], own[name]]) for name in known}
        codes = {
            key: np.concatenate([known_codes[key], self.memory.code(key, own[key])]) for key in known_codes
        }
        facts = self._facts()
        wanted = sorted(keys_of(self.feature_set))
        fact_codes = {table: self._fact_codes(columns, wanted) for table, columns in facts.items()}
        found = coded_tables(EVENT_TABLE, events, facts, fact_codes | {EVENT_TABLE: codes}, wanted)
        targets = np.zeros(self._first + count, bool)
        targets[self._first :] = True
        plan = Plan(self.feature_set, found, targets)
        plan.probe({name: np.append(np.full(self._first, NULL), v) for name, v in self._probes().items()})
        return plan

    def _facts(self) -> dict[str, dict[str, np.ndarray]]:
        """Stored labels and statuses, and the declines that the rows themselves bring along."""
        facts = all_facts(self.feature_set) or stored_facts(self.feature_set, self.rows.integers)
        if STATUS_TABLE in facts and self.rows.columns.has("status"):
            given = self.rows.columns.column("status")
            at = np.array([n for n, status in enumerate(given) if status == DECLINED], np.intp)
            own = {name: self.rows.integers[name][at] for name in STATUS_COLUMNS if name.endswith("_key")}
            own |= {"id": FOREVER + at, "transaction_id": FOREVER + at, "declined_delta": np.ones_like(at)}
            own["known_at"] = self.rows.integers["occurred_at"][at]
            facts[STATUS_TABLE] = {n: np.concatenate([c, own[n]]) for n, c in facts[STATUS_TABLE].items()}
        return facts

    def _fact_codes(self, facts: Mapping[str, np.ndarray], wanted: list[str]) -> dict[str, np.ndarray]:
        return {key: self.memory.code(key, facts[key]) for key in wanted if key in facts and key in KEY_KINDS}

    def _probes(self) -> dict[str, np.ndarray]:
        """What the database answers to probes about entities of which not everything is known here."""
        asking = np.zeros(len(self.rows), bool)
        streams = self.feature_set.stream_by_name
        for name in {p.stream for p in self.feature_set.primitives if p.is_probe}:
            asking |= ~self.memory.complete(streams[name], self.rows.integers)
        at = np.flatnonzero(asking)
        if not len(at):
            return {}
        batch = {name: column[at] for name, column in self.rows.integers.items()}
        found = {}
        for name, answers in stored_probes(self.feature_set, batch, FOREVER).items():
            found[name] = np.full(len(asking), NULL)
            found[name][at] = answers
        return found
