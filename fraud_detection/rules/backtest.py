"""Outcomes, severities and weights of rules over many events at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fraud_detection.rules.spec import SEVERITIES, WEIGHTS

from .arrays import CHUNK, Evaluator, row_count
from .columns import Column, Texts
from .compiled import CompiledRule

_WEIGHTS = np.array([WEIGHTS[severity] for severity in SEVERITIES])


@dataclass(frozen=True)
class RuleMasks:
    """What one rule says about each row: three bool masks, no two of them true together.

    severity   int8 index into SEVERITIES, -1 where there is no hit
    weight     float64 confidence of the hit, 0 where there is none
    """

    hit: np.ndarray
    insufficient: np.ndarray
    not_evaluable: np.ndarray
    severity: np.ndarray
    weight: np.ndarray

    @classmethod
    def empty(cls, rows: int) -> "RuleMasks":
        masks = (np.zeros(rows, bool) for _ in range(3))
        return cls(*masks, np.full(rows, -1, np.int8), np.zeros(rows))


def backtest(rules: Sequence[CompiledRule], columns: Mapping[str, Column]) -> dict[str, RuleMasks]:
    """Masks by rule code. They take 12 bytes a row and rule: give bounded slices of a long history."""
    rows = row_count(columns)
    results = {rule.spec.code: RuleMasks.empty(rows) for rule in rules}
    for start in range(0, rows, CHUNK):
        chunk = slice(start, min(start + CHUNK, rows))
        evaluator = Evaluator(columns, chunk)
        for rule in rules:
            _fill(rule, evaluator, results[rule.spec.code], chunk)
    return results


def _fill(rule: CompiledRule, evaluator: Evaluator, masks: RuleMasks, chunk: slice) -> None:
    holds, enough = evaluator.value(rule.logic.condition), evaluator.value(rule.logic.requires)
    hit = masks.hit[chunk]
    hit[:] = holds.true & enough.true
    masks.insufficient[chunk] = enough.false
    masks.not_evaluable[chunk] = ~(hit | (holds.false & enough.true) | enough.false)
    if hit.any():
        severity = _severity(rule, evaluator)
        masks.severity[chunk] = np.where(hit, severity, -1)
        masks.weight[chunk] = np.where(hit, _confidence(rule, evaluator, severity), 0.0)


def _severity(rule: CompiledRule, evaluator: Evaluator) -> np.ndarray:
    texts: Texts = evaluator.value(rule.severity)
    named = (*texts.values, rule.most_severe)  # code -1, missing, is the last one
    return np.array([SEVERITIES.index(name) for name in named], np.int8)[texts.codes]


def _confidence(rule: CompiledRule, evaluator: Evaluator, severity: np.ndarray) -> np.ndarray:
    usual = _WEIGHTS[severity]
    if rule.confidence is None:
        return usual
    own = evaluator.value(rule.confidence)
    return np.where(np.isnan(own), usual, np.clip(own, 0.0, 1.0))
