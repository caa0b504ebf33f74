"""A rule as data: what a pack ships, the database stores and people edit."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fraud_detection.rules.language.tree import Value
from fraud_detection.rules.reasons import render_reason

__all__ = ["OUTCOMES", "SEVERITIES", "SUBJECTS", "WEIGHTS", "RuleSpec", "render_reason"]

SEVERITIES = ("low", "medium", "high", "critical")
SUBJECTS = (
    *("customer", "sender", "receiver", "card", "device", "ip", "merchant", "pair"),
    *("applicant", "phone", "claimant", "policy", "provider", "object", "symbol", "trader", "owner"),
)
OUTCOMES = (None, "review", "decline")

# Evidence that a hit adds to the risk (noisy-OR) when its rule states no confidence of its own.
WEIGHTS: Mapping[str, float] = {"low": 0.10, "medium": 0.30, "high": 0.60, "critical": 0.90}

_CODE = re.compile(r"(?=.{2,64}\Z)[A-Za-z]\w*( \w+)*", re.ASCII)


@dataclass(frozen=True)
class RuleSpec:
    """One rule of an engine.

    subject               one of SUBJECTS, or a CEL expression that chooses among them
    condition, requires   CEL conditions; `requires` is the minimum history, below it the outcome is
                          insufficient data
    severity              one of SEVERITIES, or a CEL expression that chooses among them
    confidence            None (the weight of the severity), a number 0..1, or a CEL expression (clipped)
    weight                what it adds to the risk: None (the confidence), a number, or a CEL expression
    params                defaults of the parameters `p.name`: numbers, texts, bools
    reason                template of the sentence people read
    outcome               forced decision: None, review or decline
    cannot_be_overridden  an allow-list entry does not lower it
    evidence              names of the values copied into the metadata of a hit
    """

    code: str
    family: str
    subject: str
    condition: str
    severity: str
    reason: str
    description: str
    confidence: float | str | None = None
    params: Mapping[str, Value] = field(default_factory=dict)
    requires: str | None = None
    outcome: str | None = None
    cannot_be_overridden: bool = False
    evidence: tuple[str, ...] = ()
    weight: float | str | None = None

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError(f"'{self.code}' cannot be the code of a rule")
        if not self.family:
            raise ValueError(f"rule {self.code} needs a family")
        if self.subject not in SUBJECTS and "?" not in self.subject:
            raise ValueError(f"subject '{self.subject}' is not one of {', '.join(SUBJECTS)}")
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome '{self.outcome}' is not review or decline")
        for name in ("confidence", "weight"):
            value = getattr(self, name)
            if isinstance(value, int | float) and not 0 <= value <= 1:
                raise ValueError(f"{name} must lie between 0 and 1")

    def as_data(self) -> dict[str, object]:
        """The rule as JSON types, for storage."""
        data = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        if self.weight is None:  # so that the digests of rules stored before there were weights still hold
            del data["weight"]
        return data | {"params": dict(self.params), "evidence": list(self.evidence)}

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> "RuleSpec":
        """The reverse of `as_data`; ValueError names a field that is unknown or absent."""
        known = {each.name: each for each in dataclasses.fields(cls)}
        unknown = sorted(data.keys() - known.keys())
        if unknown:
            raise ValueError(f"a rule has no field '{unknown[0]}'")
        needed = [name for name, each in known.items() if _is_required(each) and name not in data]
        if needed:
            raise ValueError(f"a rule needs the field '{needed[0]}'")
        return cls(**{**data, "evidence": tuple(data.get("evidence", ()))})


def _is_required(each: dataclasses.Field) -> bool:
    return each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
