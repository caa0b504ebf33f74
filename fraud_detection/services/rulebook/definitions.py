"""A rule's definition as people send it: its shape while it is a draft, all of it when it is frozen."""

import json
from typing import Any

from django.utils import timezone

from fraud_detection.models import Rule
from fraud_detection.rules.compiled import compile_rule
from fraud_detection.rules.language import RuleSyntaxError
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.custom_lists import custom_lists
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.rulebook.errors import RuleRefused

LARGEST = 32_768  # bytes of a definition
TEXTS = {
    "code": 64,
    "family": 32,
    "subject": 4_000,
    "condition": 4_000,
    "severity": 4_000,
    "reason": 500,
    "description": 2_000,
    "requires": 4_000,
    "outcome": 16,
}
NEEDED = ("code", "family", "subject", "condition", "severity", "reason", "description")
OTHERS = ("confidence", "weight", "params", "cannot_be_overridden", "evidence")
MOST_PARAMS, MOST_EVIDENCE = 50, 50


def checked_shape(definition: Any) -> dict[str, Any]:
    """A definition that may be stored as a draft, finished or not; raises RuleRefused naming each field."""
    if not isinstance(definition, dict):
        raise RuleRefused(("definition", "must be a JSON object with the fields of a rule"))
    _check_size(definition)
    faults = [
        (name[:60], f"a rule has no such field; it has {', '.join((*TEXTS, *OTHERS))}")
        for name in definition
        if name not in TEXTS and name not in OTHERS
    ]
    for name, longest in TEXTS.items():
        if told := _text_fault(definition.get(name), longest):
            faults.append((name, told))
    faults += _other_faults(definition)
    if faults:
        raise RuleRefused(*faults[:20])
    return definition


def check_holds(rule: Rule, definition: dict[str, Any]) -> RuleSpec:
    """The rule compiles with the features and lists there are now; raises RuleRefused naming the field."""
    blank = [name for name in NEEDED if not str(definition.get(name) or "").strip()]
    if blank:
        raise RuleRefused(*((name, "is needed before a rule can leave the draft") for name in blank))
    engine = engine_in_use(rule.engine)
    try:
        spec = RuleSpec.from_data({name: value for name, value in definition.items() if value is not None})
        compile_rule(spec, Vocabulary.of(engine.feature_set, engine.context), custom_lists(timezone.now()))
    except RuleSyntaxError as error:
        where = f"line {error.line}, column {error.column}: " if error.line else ""
        raise RuleRefused((error.part or "condition", f"{where}{error.message}")) from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise RuleRefused(("definition", str(error) or type(error).__name__)) from error
    return spec


def _check_size(definition: dict[str, Any]) -> None:
    try:
        size = len(json.dumps(definition, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, TypeError, RecursionError) as error:  # a lone surrogate, NaN, endless nesting
        raise RuleRefused(("definition", "holds a value that cannot be stored as JSON")) from error
    if size > LARGEST:
        raise RuleRefused(("definition", f"has {size:,} bytes; a rule has at most {LARGEST:,}"))
    if _holds_nul(definition):
        raise RuleRefused(("definition", "contains a NUL character"))


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(name) or _holds_nul(inner) for name, inner in value.items())
    return isinstance(value, list) and any(map(_holds_nul, value))


def _text_fault(value: Any, longest: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return "must be a text"
    return f"has {len(value):,} characters; at most {longest:,} are allowed" if len(value) > longest else ""


def _other_faults(definition: dict[str, Any]) -> list[tuple[str, str]]:
    faults = []
    for name in ("confidence", "weight"):
        value = definition.get(name)
        if isinstance(value, str) and len(value) > TEXTS["condition"]:
            faults.append((name, f"has {len(value):,} characters; at most 4,000 are allowed"))
        elif value is not None and (isinstance(value, bool) or not isinstance(value, int | float | str)):
            faults.append((name, "must be a number from 0 to 1 or an expression"))
    params = definition.get("params", {})
    if not isinstance(params, dict) or len(params) > MOST_PARAMS:
        faults.append(("params", f"must be an object of at most {MOST_PARAMS} values by name"))
    elif wrong := [name for name, value in params.items() if not _is_parameter(value)]:
        faults.append(("params", f"'{wrong[0][:60]}' must be a number below 1e300, a text or true or false"))
    evidence = definition.get("evidence", [])
    is_list = isinstance(evidence, list) and all(isinstance(name, str) for name in evidence)
    if not is_list or len(evidence) > MOST_EVIDENCE:
        faults.append(("evidence", f"must be a list of at most {MOST_EVIDENCE} names"))
    if not isinstance(definition.get("cannot_be_overridden", False), bool):
        faults.append(("cannot_be_overridden", "must be true or false"))
    return faults


def _is_parameter(value: Any) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return abs(value) < 1e300
    return isinstance(value, str | bool)
