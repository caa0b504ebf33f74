"""What a rule file says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fraud_detection.rules.spec import RuleSpec

FORMAT = 1
# In the order in which they are written; each rule begins with its code.
FIELDS = (
    *("code", "description", "family", "subject", "condition", "requires", "severity", "confidence"),
    *("weight", "outcome", "cannot_be_overridden", "params", "reason", "evidence"),
)
TEXTS = ("subject", "condition", "requires", "severity", "confidence", "weight")


class Fault(NamedTuple):
    line: int
    detail: str


class PackRefused(ValueError):
    """A file that cannot be taken; `faults` name the lines."""

    def __init__(self, faults: Sequence[Fault]):
        self.faults = tuple(faults)
        super().__init__("; ".join(f"line {fault.line}: {fault.detail}" for fault in faults[:20]))


@dataclass(frozen=True)
class PackList:
    """A custom list that the rules read; its entries do not travel."""

    name: str
    kind: str
    description: str
    line: int = 0


@dataclass(frozen=True)
class PackRule:
    """One rule; `lines` has the line of each field."""

    code: str
    definition: Mapping[str, Any]
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Pack:
    """Rules of one engine. `complete` says that these are all of its rules."""

    engine: str
    rules: tuple[PackRule, ...]
    lists: tuple[PackList, ...] = ()
    title: str = ""
    description: str = ""
    complete: bool = False


def normal(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with its defaults, expressions without the indentation of their lines."""
    whole = RuleSpec.from_data(definition).as_data() | {"weight": definition.get("weight")}
    for name in TEXTS:
        if isinstance(whole.get(name), str):
            whole[name] = plain_lines(whole[name])
    return whole


def plain_lines(text: str) -> str:
    """Lines without what stands before and behind them."""
    return "\n".join(line.strip() for line in text.strip().splitlines())
