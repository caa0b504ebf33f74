"""Both executors against CEL's own evaluator, over generated expressions and rows with missing values."""

import datetime as dt
import math

import numpy as np
import pytest
from cel_expr_python import cel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraud_detection.rules.arrays import evaluate_many
from fraud_detection.rules.fused import Outcome, RuleLogic, compile_value, fuse
from fraud_detection.rules.language import Kind, Scope, bind, parse
from fraud_detection.rules.missing import MISSING
from fraud_detection.tests.rules_expressions import LISTS, NAMES, PARAMETERS, conditions, numbers, rows

SCOPE = Scope.of(NAMES, PARAMETERS, LISTS)
ORDER = list(NAMES)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
OUTCOMES = {True: Outcome.HIT, False: Outcome.NO_HIT, None: Outcome.NOT_EVALUABLE}
THOROUGH = settings(deadline=None, suppress_health_check=list(HealthCheck))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def _divide(left: float, right: float) -> float:
    return _finite(left / right)


def _oracle_environment() -> cel.Env:
    number, time = cel.Type.DOUBLE, cel.Type.TIMESTAMP
    types = {
        Kind.NUMBER: number,
        Kind.TEXT: cel.Type.STRING,
        Kind.BOOL: cel.Type.BOOL,
        Kind.TIMESTAMP: time,
        Kind.DURATION: cel.Type.DURATION,
    }
    functions = {
        "min": ([number, number], min),
        "max": ([number, number], max),
        "abs": ([number], abs),
        "finite": ([number], _finite),
        "divide": ([number, number], _divide),
        "hour": ([time], lambda moment: float(moment.hour)),
        "weekday": ([time], lambda moment: float(moment.weekday())),
    }
    variables = {name: types[kind] for name, kind in NAMES.items()}
    variables |= {f"{name}__missing": cel.Type.BOOL for name in NAMES}
    variables["grey"] = cel.Type.List(cel.Type.STRING)
    declared = [
        cel.FunctionDecl(name, [cel.Overload(f"{name}_here", number, arguments, False, body)])
        for name, (arguments, body) in functions.items()
    ]
    return cel.NewEnv(variables=variables, functions=declared)


ORACLE = _oracle_environment()


def bound(text: str, kind: Kind = Kind.BOOL):
    return bind(parse(text, SCOPE, kind), PARAMETERS, LISTS)


def as_cel(name: str, value):
    if NAMES[name] is Kind.TIMESTAMP:
        return EPOCH + dt.timedelta(microseconds=value)
    return dt.timedelta(microseconds=value) if NAMES[name] is Kind.DURATION else value


def asked_of_cel(expression: cel.Expression, row: dict):
    """CEL's answer; None for an error, which is what a name left unbound gives."""
    data = {name: as_cel(name, value) for name, value in row.items() if value is not None}
    data |= {f"{name}__missing": value is None for name, value in row.items()}
    answer = expression.eval(data=data | {"grey": sorted(LISTS["grey"])})
    # an error is a truthy value: only the type tells it apart
    return answer.value() if answer.type() in (cel.Type.BOOL, cel.Type.DOUBLE) else None


def as_values(row: dict) -> list:
    return [MISSING if row[name] is None else row[name] for name in ORDER]


def as_columns(many: list[dict]) -> dict:
    columns = {}
    for name, kind in NAMES.items():
        values = [row[name] for row in many]
        if kind is Kind.TEXT:
            columns[name] = np.array(values, object)
        else:
            columns[name] = np.array([np.nan if value is None else float(value) for value in values])
    return columns


def compare(pairs, many):
    trees = [bound(pair.rule) for pair in pairs]
    oracles = [ORACLE.compile(pair.oracle) for pair in pairs]
    fused = fuse([RuleLogic(tree) for tree in trees], ORDER)
    masks = evaluate_many(trees, as_columns(many))
    for index, row in enumerate(many):
        answers = [asked_of_cel(oracle, row) for oracle in oracles]
        assert fused(as_values(row)) == [OUTCOMES[answer] for answer in answers]
        assert [bool(mask.true[index]) for mask in masks] == [answer is True for answer in answers]
        assert [bool(mask.false[index]) for mask in masks] == [answer is False for answer in answers]


@settings(THOROUGH, max_examples=200)
@given(st.lists(conditions, min_size=1, max_size=3), st.lists(rows, min_size=1, max_size=6))
def test_both_executors_agree_with_cel(pairs, many):
    compare(pairs, many)


@pytest.mark.long
@settings(THOROUGH, max_examples=10_000)
@given(st.lists(conditions, min_size=1, max_size=3), st.lists(rows, min_size=1, max_size=8))
def test_both_executors_agree_with_cel_at_length(pairs, many):
    compare(pairs, many)


@settings(THOROUGH, max_examples=80)
@given(numbers, rows)
def test_number_expressions_agree_with_cel(pair, row):
    value = compile_value(bound(pair.rule, Kind.NUMBER), ORDER)
    assert value(as_values(row)) == asked_of_cel(ORACLE.compile(pair.oracle), row)


@settings(THOROUGH, max_examples=80)
@given(conditions, conditions, rows)
def test_minimum_history_is_asked_first(condition, requires, row):
    rule = RuleLogic(bound(condition.rule), bound(requires.rule))
    enough = asked_of_cel(ORACLE.compile(requires.oracle), row)
    holds = asked_of_cel(ORACLE.compile(condition.oracle), row)
    expected = {True: OUTCOMES[holds], False: Outcome.INSUFFICIENT_DATA, None: Outcome.NOT_EVALUABLE}[enough]
    assert fuse([rule], ORDER)(as_values(row)) == [expected]
