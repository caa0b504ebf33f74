"""One rule, checked and bound to its parameters and lists, ready for both executors."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from fraud_detection.rules.spec import SEVERITIES, RuleSpec

from .fused import ALWAYS, RuleLogic
from .language import Kind, Node, RuleSyntaxError, Scope, bind, depends_on, parse
from .language.tree import Call, Constant
from .reasons import placeholders
from .vocabulary import Vocabulary

Lists = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class CompiledRule:
    """`severity` and `confidence` are bound expressions; a confidence of None follows the severity."""

    spec: RuleSpec
    logic: RuleLogic
    severity: Node
    confidence: Node | None
    hit_names: tuple[str, ...]  # what a hit reads: evidence, reason, severity and confidence

    @cached_property
    def most_severe(self) -> str:
        """The worst severity it can have: what a hit gets when its severity cannot be evaluated."""
        return max(_choices(self.severity), key=SEVERITIES.index)


def compile_rule(spec: RuleSpec, vocabulary: Vocabulary, lists: Lists | None = None) -> CompiledRule:
    """Check every expression of a rule.

    RuleSyntaxError (its `part` names the field) for an expression, reason or evidence that does not hold;
    ValueError for a parameter whose name or value cannot be used.
    """
    lists = lists or {}
    checker = _Checker(spec, Scope.of(vocabulary.kinds, spec.params, lists), lists)
    severity = checker.severity()
    confidence = checker.confidence()
    logic = RuleLogic(
        checker.expression("condition", spec.condition, Kind.BOOL),
        checker.expression("requires", spec.requires, Kind.BOOL) if spec.requires else ALWAYS,
    )
    names = {*checker.reason_names(), *checker.evidence(), *depends_on(severity)}
    names |= depends_on(confidence) if confidence else set()
    return CompiledRule(spec, logic, severity, confidence, tuple(sorted(names)))


@dataclass(frozen=True)
class _Checker:
    spec: RuleSpec
    scope: Scope
    lists: Lists

    def expression(self, part: str, source: str, kind: Kind) -> Node:
        try:
            return bind(parse(source, self.scope, kind), self.spec.params, self.lists)
        except RuleSyntaxError as error:
            error.part = part
            raise

    def severity(self) -> Node:
        if self.spec.severity in SEVERITIES:
            return Constant(self.spec.severity, Kind.TEXT)
        tree = self.expression("severity", self.spec.severity, Kind.TEXT)
        wrong = _choices(tree) - set(SEVERITIES)
        if wrong:
            message = f"a severity is low, medium, high or critical; this can be '{min(wrong)}'"
            raise RuleSyntaxError(message, self.spec.severity, part="severity")
        return tree

    def confidence(self) -> Node | None:
        if self.spec.confidence is None:
            return None
        if isinstance(self.spec.confidence, str):
            return self.expression("confidence", self.spec.confidence, Kind.NUMBER)
        return Constant(float(self.spec.confidence), Kind.NUMBER)

    def reason_names(self) -> list[str]:
        """Names of the features in the reason; every placeholder must be declared."""
        try:
            found = placeholders(self.spec.reason)
        except ValueError as error:
            raise RuleSyntaxError(str(error), self.spec.reason, part="reason") from None
        for name, _, offset in found:
            known = name[2:] in self.scope.parameters if name.startswith("p.") else name in self.scope.names
            if not known:
                raise RuleSyntaxError(f"unknown name '{name}'", self.spec.reason, offset, "reason")
        return [name for name, _, _ in found if not name.startswith("p.")]

    def evidence(self) -> tuple[str, ...]:
        for name in self.spec.evidence:
            if name not in self.scope.names:
                raise RuleSyntaxError(f"unknown name '{name}'", name, part="evidence")
        return self.spec.evidence


def _choices(node: Node) -> frozenset[str]:
    """Texts that the expression can give; what only the event decides counts as 'anything'."""
    if isinstance(node, Constant):
        return frozenset([node.value])
    if isinstance(node, Call) and node.operator == "?:":
        return _choices(node.arguments[1]) | _choices(node.arguments[2])
    return frozenset(["anything"])
