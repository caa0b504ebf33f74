"""What the rules say of many rows at once: who must be looked at alone, and which rules had no answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fraud_detection.rules.arrays import Evaluator
from fraud_detection.rules.columns import Column
from fraud_detection.rules.compiled import CompiledRule
from fraud_detection.services.rule_shares import SharedRule
from fraud_detection.services.serving import Serving


@dataclass(frozen=True)
class Said:
    """hit: a rule holds, in force or in shadow; the others are JSON lists of codes, by row."""

    hit: np.ndarray
    not_evaluable: list[str]
    insufficient: list[str]


class _Masks:
    """Outcomes of rules over rows, gathered rule by rule."""

    def __init__(self, count: int) -> None:
        self.hit = np.zeros(count, bool)
        self.codes: list[str] = []
        self.unanswered: list[np.ndarray] = []
        self.insufficient: list[np.ndarray] = []

    def add(self, rule: CompiledRule, evaluator: Evaluator, rows: np.ndarray | None = None) -> None:
        """The outcomes of a rule, in `rows` only if they are given."""
        holds, enough = evaluator.value(rule.logic.condition), evaluator.value(rule.logic.requires)
        count = len(self.hit)
        hit = np.broadcast_to(holds.true & enough.true, count)
        too_few = np.broadcast_to(enough.false, count)
        unanswered = ~(hit | (holds.false & enough.true) | too_few)
        if rows is not None:
            hit, too_few, unanswered = hit & rows, too_few & rows, unanswered & rows
        self.hit |= hit
        self.codes.append(rule.spec.code)
        self.unanswered.append(unanswered)
        self.insufficient.append(too_few)


def said_of(state: Serving, columns: Mapping[str, Column], entities: Sequence[str]) -> Said:
    """What the rules of `state` say; `entities` are whom shares of rules go by."""
    count = len(entities)
    evaluator = Evaluator(columns, slice(0, count))
    masks = _Masks(count)
    for rule in state.rule_set.rules:
        masks.add(rule, evaluator)
    joined = np.zeros(count, bool)
    for shared in state.shared:
        joined |= _shared(shared, masks, evaluator, entities)
    watched = _Masks(count)
    for rule in state.watching.rules.rules if state.watching else ():
        watched.add(rule, evaluator)
    codes = tuple(masks.codes)
    return Said(
        masks.hit | watched.hit,
        _lists(codes, masks.unanswered, joined),
        _lists(codes, masks.insufficient, joined),
    )


def _shared(shared: SharedRule, masks: _Masks, evaluator: Evaluator, entities: Sequence[str]) -> np.ndarray:
    """Add a rule of several versions, each for its share; which rows any of them was asked about."""
    place = {id(part): number for number, part in enumerate(shared.parts)}
    part_of = {entity: place.get(id(shared.part_of(entity)), -1) for entity in set(entities)}
    parts = np.array([part_of[entity] for entity in entities])
    for number, part in enumerate(shared.parts):
        for rule in part.rules.rules:
            masks.add(rule, evaluator, parts == number)
    return parts >= 0


def _lists(codes: tuple[str, ...], masks: list[np.ndarray], joined: np.ndarray) -> list[str]:
    """JSON lists of the codes whose mask is set, by row; each distinct one is written once."""
    bits = np.packbits(np.stack([*masks, joined], axis=1), axis=1)
    patterns, rows = np.unique(bits.view(f"V{bits.shape[1]}")[:, 0], return_inverse=True)
    texts = [_list(codes, pattern.tobytes()) for pattern in patterns]
    return [texts[row] for row in rows.tolist()]


@lru_cache(4096)
def _list(codes: tuple[str, ...], pattern: bytes) -> str:
    *flags, joined = np.unpackbits(np.frombuffer(pattern, np.uint8), count=len(codes) + 1).tolist()
    found = [code for code, flag in zip(codes, flags, strict=True) if flag]
    return json.dumps(sorted(found) if joined else found)
