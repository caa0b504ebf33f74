"""Compiles all rules of an engine to one Python function: what decides a single event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from .emit import RUNTIME, Emitter, has_choice
from .language.tree import Constant, Kind, Node, depends_on

ALWAYS = Constant(True, Kind.BOOL)


class Outcome(Enum):
    """What a rule says about an event. Only HIT is evidence; the last two are recorded."""

    HIT = "hit"
    NO_HIT = "no_hit"
    INSUFFICIENT_DATA = "insufficient_data"
    NOT_EVALUABLE = "not_evaluable"


@dataclass(frozen=True)
class Failed:
    """A rule that raised: it is isolated, the other rules of the event still count."""

    error: Exception


@dataclass(frozen=True)
class RuleLogic:
    """Bound conditions of one rule: `requires` is its minimum history."""

    condition: Node
    requires: Node = ALWAYS


FusedRules = Callable[[Sequence], list[Outcome | Failed]]


def fuse(rules: Sequence[RuleLogic], order: Sequence[str]) -> FusedRules:
    """One function of the values named by `order` (MISSING for absent), giving one outcome a rule.

    Numbers are Python floats, bools True/False or 1.0/0.0, times and durations int microseconds.
    NaN must not be passed: it is MISSING.
    """
    emitter = Emitter()
    used = frozenset().union(*(_names(rule) for rule in rules))
    lines = []
    for index, rule in enumerate(rules):
        lines += _kleene_function(emitter, index, rule) if _has_choice(rule) else []
    lines.append("def fused(values):")
    lines += _locals(order, used)
    for index, rule in enumerate(rules):
        lines += _fast_block(emitter, index, rule)
    lines.append(f"    return [{', '.join(f'r{index}' for index in range(len(rules)))}]")
    return _define("fused", lines, emitter)


def compile_value(node: Node, order: Sequence[str]) -> Callable[[Sequence], float | str | bool | None]:
    """A function of the values (as for `fuse`) that gives the expression's value, None if not evaluable."""
    emitter = Emitter()
    lines = ["def value(values):"]
    lines += _locals(order, depends_on(node))
    lines += _guarded(f"result = {emitter.exact(node)}", "return None")
    lines.append("    return None if result is MISSING else result")  # a bare name was not touched
    return _define("value", lines, emitter)


def _locals(order: Sequence[str], used: frozenset[str]) -> list[str]:
    return [f"    v_{name} = values[{index}]" for index, name in enumerate(order) if name in used]


def _fast_block(emitter: Emitter, index: int, rule: RuleLogic) -> list[str]:
    fallback = f"kleene_{index}({_arguments(rule)})" if _has_choice(rule) else "NOT_EVALUABLE"
    outcome = f"HIT if {emitter.fast(rule.condition)} else NO_HIT"
    if rule.requires != ALWAYS:
        outcome = f"({outcome}) if {emitter.fast(rule.requires)} else INSUFFICIENT_DATA"
    return [*_guarded(f"r{index} = {outcome}", f"r{index} = {fallback}"), *_isolated(f"r{index} = ")]


def _kleene_function(emitter: Emitter, index: int, rule: RuleLogic) -> list[str]:
    outcome = f"KLEENE_OUTCOMES[{emitter.kleene(rule.condition)}]"
    if rule.requires != ALWAYS:
        outcome = f"insufficient_unless({emitter.kleene(rule.requires)}, {outcome})"
    head = [f"def kleene_{index}({_arguments(rule)}):", "    try:", f"        return {outcome}"]
    return [*head, *_isolated("return ")]


def _guarded(statement: str, fallback: str) -> list[str]:
    return ["    try:", f"        {statement}", "    except NOT_EVALUABLE_ERRORS:", f"        {fallback}"]


def _isolated(target: str) -> list[str]:
    return ["    except Exception as error:", f"        {target}Failed(error)"]


def _insufficient_unless(enough: bool | None, outcome: Outcome) -> Outcome:
    if enough is None:
        return Outcome.NOT_EVALUABLE
    return outcome if enough else Outcome.INSUFFICIENT_DATA


def _has_choice(rule: RuleLogic) -> bool:
    return has_choice(rule.condition) or has_choice(rule.requires)


def _names(rule: RuleLogic) -> frozenset[str]:
    return depends_on(rule.condition) | depends_on(rule.requires)


def _arguments(rule: RuleLogic) -> str:
    return ", ".join(f"v_{name}" for name in sorted(_names(rule)))


_NAMESPACE = {
    **RUNTIME,
    **{outcome.name: outcome for outcome in Outcome},
    "KLEENE_OUTCOMES": {True: Outcome.HIT, False: Outcome.NO_HIT, None: Outcome.NOT_EVALUABLE},
    "insufficient_unless": _insufficient_unless,
    "Failed": Failed,
}


def _define(name: str, lines: list[str], emitter: Emitter) -> Callable:
    """Run the generated source. It is made only of typed trees: names were checked, literals are repr()."""
    namespace = _NAMESPACE | emitter.constants
    source = "\n".join(lines) + "\n"
    exec(compile(source, "<rules>", "exec"), namespace)  # of a checked tree  # nosec B102
    function = namespace[name]
    function.source = source
    return function
