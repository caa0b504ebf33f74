"""The fields of a rule as the workbench shows them and gets them back, all of them texts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from fraud_detection.services.workbench.findings import Finding

TEXTS = ("code", "family", "subject", "condition", "requires", "severity", "reason", "description", "outcome")
SHARES = ("confidence", "weight")
KINDS = ("number", "text", "bool")
MEASURES = ("money", "seconds", "hours", "days", "km", "km/h")
MOST_PARAMETERS = 60  # read from a form; what is too many is said by the check
_NUMBER = re.compile(r"-?(\d{1,40}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True)
class Parameter:
    name: str
    kind: str
    value: str
    unit: str = ""

    @property
    def measure(self) -> str:
        """The unit where it says more than that it is a number."""
        return self.unit if self.unit in MEASURES else ""

    @property
    def as_value(self) -> float | int | str | bool:
        """ValueError when a number was asked for and something else was written."""
        if self.kind == "bool":
            return self.value == "true"
        if self.kind == "text":
            return self.value
        text = self.value.strip().replace("\u2212", "-")
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"parameter '{self.name}' is a number; '{self.value[:40]}' is none")
        return int(text) if text.lstrip("-").isdecimal() else float(text)


@dataclass(frozen=True)
class RuleForm:
    """Everything a person can edit. `base` is the stored definition that it was filled from."""

    texts: Mapping[str, str]
    params: tuple[Parameter, ...] = ()
    evidence: str = ""
    cannot_be_overridden: bool = False
    base: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> "RuleForm":
        texts = {name: laid_out(_as_text(definition.get(name))) for name in (*TEXTS, *SHARES)}
        params = definition.get("params") or {}
        return cls(
            texts,
            tuple(_parameter(name, value) for name, value in params.items()),
            ", ".join(definition.get("evidence") or ()),
            bool(definition.get("cannot_be_overridden")),
            definition,
        )

    @classmethod
    def posted(cls, data: QueryDict, base: Mapping[str, Any]) -> "RuleForm":
        """What the page sent; line ends as they are stored."""
        texts = {name: data.get(name, "").replace("\r\n", "\n") for name in (*TEXTS, *SHARES)}
        rows = zip(
            data.getlist("param_name"), data.getlist("param_kind"), data.getlist("param_value"), strict=False
        )
        params = [Parameter(name.strip(), kind, value) for name, kind, value in rows if name.strip()]
        return cls(
            texts,
            tuple(params[:MOST_PARAMETERS]),
            data.get("evidence", ""),
            data.get("cannot_be_overridden") == "on",
            base,
        )

    def __getattr__(self, name: str) -> str:
        try:
            return self.__dict__["texts"][name]
        except KeyError:
            raise AttributeError(name) from None

    def with_units(self, units: Mapping[str, str]) -> "RuleForm":
        return replace(self, params=tuple(replace(p, unit=units.get(p.name, "")) for p in self.params))

    def definition(self) -> dict[str, Any]:
        """The definition that is meant; a parameter that is no number is left out, see `faults`."""
        said: dict[str, Any] = {name: self._text(name) for name in TEXTS}
        said |= {name: self._share(name) for name in SHARES}
        data = {name: value for name, value in said.items() if value is not None or name in self.base}
        usable = {p.name: p.as_value for p in self.params if not _fault(p)}
        evidence = [name.strip() for name in self.evidence.split(",") if name.strip()]
        return data | {
            "params": usable,
            "evidence": evidence,
            "cannot_be_overridden": self.cannot_be_overridden,
        }

    def faults(self) -> list[Finding]:
        """What a form can hold and a definition cannot."""
        names = [p.name for p in self.params]
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        found = [_fault(p) for p in self.params]
        found += [f"there are two parameters '{name}'" for name in twice]
        return [Finding("params", told) for told in found if told]

    def _text(self, name: str) -> str | None:
        """The stored text where only its layout differs: opening a rule and saving it changes nothing."""
        text = self.texts[name]
        stored = self.base.get(name)
        if isinstance(stored, str) and laid_out(stored) == text:
            return stored
        optional = name in ("requires", "outcome")
        return None if optional and not text.strip() else text

    def _share(self, name: str) -> float | int | str | None:
        text = self.texts[name].strip()
        stored = self.base.get(name)
        if laid_out(_as_text(stored)) == self.texts[name]:
            return stored
        if not _NUMBER.fullmatch(text):
            return text or None
        return int(text) if text.isdecimal() else float(text)


def laid_out(text: str) -> str:
    """A text over several lines with its own indentation taken off: two blanks where there were twelve."""
    first, *rest = text.split("\n")
    depths = [len(line) - len(line.lstrip(" ")) for line in rest if line.strip()]
    if not depths or min(depths) <= 2:
        return text
    return "\n".join((first, *("  " + line[min(depths) :] if line.strip() else "" for line in rest)))


def _parameter(name: str, value: Any) -> Parameter:
    if isinstance(value, bool):
        return Parameter(name, "bool", "true" if value else "false")
    if isinstance(value, str):
        return Parameter(name, "text", value)
    return Parameter(name, "number", _as_text(value))


def _fault(parameter: Parameter) -> str:
    if parameter.kind not in KINDS:
        return f"parameter '{parameter.name[:64]}' is a number, a text or yes or no"
    try:
        parameter.as_value  # noqa: B018 - asked for its refusal
    except ValueError as error:
        return str(error)
    return ""


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else repr(value)
