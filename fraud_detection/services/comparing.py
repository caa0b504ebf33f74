"""A model in shadow against the champion, on the decisions that both scored."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import F, FloatField, OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from fraud_detection.models import Assessment, Decision, EngineState, ModelVersion
from transactions.models import Label

NEWEST = 20_000  # decisions compared, at most


@dataclass(frozen=True)
class Found:
    """What one model's alerts held: of `alerts`, `labelled` are labelled and `frauds` of them fraud."""

    alerts: int
    labelled: int
    frauds: int

    @property
    def precision(self) -> float | None:
        return self.frauds / self.labelled if self.labelled else None


@dataclass(frozen=True)
class Comparison:
    """`scored` by both; alerts are decisions that are not approved, rules counted in for both.

    `same_number` is the shadow at as many alerts as the champion raised, its highest first: what it
    finds when its probabilities are calibrated otherwise.
    """

    scored: int
    failed: int
    since: datetime | None
    until: datetime | None
    review_from: float
    agree: int
    only_champion: int
    only_shadow: int
    mean_difference: float | None
    champion: Found
    shadow: Found
    same_number: Found
    labelled: int
    frauds: int

    @property
    def agreement(self) -> float | None:
        return self.agree / self.scored if self.scored else None


def compare_with_champion(version: ModelVersion) -> Comparison | None:
    """Over the newest decisions that carry this model's shadow score; None when there are none."""
    rows = list(_rows(version)[:NEWEST])
    if not rows:
        return None
    state = EngineState.objects.select_related("policy").get(engine=version.engine)
    scored = [row for row in rows if row["shadow"] is not None and row["fraud_probability"] is not None]
    moments = [row["decided_at"] for row in rows]
    failed = sum(row["shadow"] is None for row in rows)
    return _compared(scored, failed, (min(moments), max(moments)), state.policy.review_from)


def _rows(version: ModelVersion):
    verdict = Label.objects.filter(transaction=OuterRef("transaction")).order_by("-known_at", "-id")
    asked = Assessment.objects.filter(
        engine=version.engine, shadow_scores__isnull=False, shadow_scores__has_key=str(version)
    )
    return (
        asked.filter(degraded=False)
        .annotate(
            shadow=Cast(KeyTextTransform(str(version), F("shadow_scores")), FloatField()),
            verdict=Subquery(verdict.values("verdict")[:1]),
        )
        .order_by("-id")
        .values("decided_at", "fraud_probability", "risk_score", "decision", "released", "shadow", "verdict")
    )


def _compared(
    rows: list[dict], failed: int, period: tuple[datetime, datetime], review_from: float
) -> Comparison:
    champion, shadow, risk = np.array(
        [(row["fraud_probability"], row["shadow"], row["risk_score"]) for row in rows], float
    ).reshape(-1, 3).T  # fmt: skip
    # a released event was stopped by the champion, whatever was decided to learn from it
    stopped = np.array([row["decision"] != Decision.APPROVE or row["released"] for row in rows], bool)
    fraud = np.array([row["verdict"] == "fraud" for row in rows], bool)
    known = np.array([row["verdict"] in ("fraud", "legitimate") for row in rows], bool)
    other = risk_with(shadow, champion, risk)
    raises = would_stop(other, risk, stopped, review_from)
    as_many = np.zeros(len(rows), bool)
    as_many[np.argsort(-other, kind="stable")[: int(stopped.sum())]] = True
    return Comparison(
        scored=len(rows),
        failed=failed,
        since=period[0],
        until=period[1],
        review_from=review_from,
        agree=int((stopped == raises).sum()),
        only_champion=int((stopped & ~raises).sum()),
        only_shadow=int((raises & ~stopped).sum()),
        mean_difference=float(np.abs(shadow - champion).mean()) if rows else None,
        champion=_found(stopped, known, fraud),
        shadow=_found(raises, known, fraud),
        same_number=_found(as_many, known, fraud),
        labelled=int(known.sum()),
        frauds=int(fraud.sum()),
    )


def risk_with(probability: np.ndarray, champion: np.ndarray, risk: np.ndarray) -> np.ndarray:
    """The score 0-100 of each decision [n] with another model's probability in the champion's place.

    Noisy-OR lets the rules' share be divided out: 1 - risk = (1 - p) x what the rules leave.
    """
    left_by_rules = np.clip((1 - risk / 100) / np.maximum(1 - champion, 1e-9), 0.0, 1.0)
    return 100 * (1 - (1 - probability) * left_by_rules)


def would_stop(other: np.ndarray, risk: np.ndarray, stopped: np.ndarray, review_from: float) -> np.ndarray:
    """Which decisions the other model would not approve; what lists and forced rules decided stays so."""
    forced = stopped & (risk < review_from)
    allowed = ~stopped & (risk >= review_from)
    return forced | ((other >= review_from) & ~allowed)


def _found(raised: np.ndarray, known: np.ndarray, fraud: np.ndarray) -> Found:
    return Found(int(raised.sum()), int((raised & known).sum()), int((raised & fraud).sum()))
