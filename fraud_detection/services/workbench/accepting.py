"""A definition as somebody sent it, taken only when it holds as a whole."""

from typing import Any

from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.custom_lists import custom_lists
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.workbench.findings import Finding
from fraud_detection.services.workbench.reading import cleaned, read_definition


class DefinitionRefused(ValueError):
    """A wording that does not hold; `findings` say where and why."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        first = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(f"{first.field}, {first.line}:{first.column}: {first.message}{more}")


class UnknownEngine(LookupError):
    """No engine of that name decides."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no engine '{name[:32]}'; use one of {', '.join(ENGINES)}")


def accepted(definition: object, *, engine: str) -> dict[str, Any]:
    """The definition with its fields in order; raises DefinitionRefused, UnknownEngine."""
    if engine not in ENGINES:
        raise UnknownEngine(engine)
    used = engine_in_use(engine)
    vocabulary = Vocabulary.of(used.feature_set, used.context)
    reading = read_definition(definition, vocabulary, custom_lists(timezone.now()))
    if reading.errors:
        raise DefinitionRefused(reading.errors)
    return cleaned(reading.definition)
