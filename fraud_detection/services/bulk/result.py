"""What became of a chunk of rows."""

from dataclasses import dataclass, field
from typing import NamedTuple

from fraud_detection.services.conflicts import EventConflict
from ml.domains.fields import RecordRefused


class Refusal(NamedTuple):
    """A row that was not stored: its line, the column it is about ("" for the whole) and why."""

    line: int
    column: str
    reason: str


class RowResult(NamedTuple):
    """The decision about a row; `replayed`: it was made before."""

    line: int
    event_id: str
    decision: str
    risk_score: float
    risk_level: str
    assessment_id: int
    replayed: bool


@dataclass
class ChunkResult:
    """Rows stored now, stored before, and refused; fresh decisions counted; refusals and results by line."""

    stored: int = 0
    repeated: int = 0
    failed: int = 0
    decisions: dict[str, int] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    results: list[RowResult] = field(default_factory=list)

    def decided(self, result: RowResult) -> None:
        """Enter a decision."""
        self.results.append(result)
        if result.replayed:
            self.repeated += 1
            return
        self.stored += 1
        self.decisions[result.decision] = self.decisions.get(result.decision, 0) + 1

    def refuse(self, line: int, column: str, reason: str) -> None:
        """Enter a row that was not stored, for one reason."""
        self.failed += 1
        self.refused.append(Refusal(line, column, reason))

    def refuse_for(self, line: int, refusal: RecordRefused | EventConflict) -> None:
        """Enter a row that was not stored, with everything that is wrong with it."""
        if isinstance(refusal, EventConflict):
            self.refuse(line, refusal.id_field, str(refusal))
            return
        self.failed += 1
        self.refused += [Refusal(line, problem.field, problem.detail) for problem in refusal.problems]

    def add(self, other: "ChunkResult") -> None:
        """Enter everything of another result."""
        self.failed += other.failed
        self.refused += other.refused
        for result in other.results:
            self.decided(result)

    def in_order(self) -> "ChunkResult":
        """The same with refusals and results in the order of lines."""
        self.refused.sort(key=lambda refusal: refusal.line)
        self.results.sort(key=lambda result: result.line)
        return self
