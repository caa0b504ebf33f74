"""Decisions whose outcome is known, as training reads them: the features as they were logged."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, Decision, RuleHit
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.feature_definitions.vectors import as_present, usable_versions
from ml.features.spec import NULL
from ml.history import History
from transactions.models import Label, Verdict

AT_ONCE = 2_000
TOGETHER = 50_000  # brought to the present features at once
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EVENT = ("transaction_id", "transaction__occurred_at", "transaction__sender_key")
_FIELDS = ("pk", *_EVENT, "amount_minor", "released", "release_propensity", "feature_set_version", "features")


@dataclass(frozen=True)
class Stored:
    """history: labelled decisions in order of event time; X float32 [n, numbers]; hit: a rule fired [n]."""

    history: History
    X: np.ndarray
    hit: np.ndarray


def labelled_decisions(engine: str) -> int:
    """How many decisions of the current shipped features have a label."""
    if ENGINES[engine].link != "transaction_id":
        return 0
    return _of_present_features(engine).filter(_labelled()).count()


def stored_decisions(engine: str) -> Stored:
    """Every decision of the current shipped features whose outcome is known; the newest label counts.

    Features that people defined since are filled in as they would have been then.

    An approved event without a label is legitimate once LABEL_MATURITY_DAYS are over; a stopped one never
    is: what was not let through cannot be charged back.
    One that was released at random weighs 1 / its propensity: it stands for all that were stopped like it.
    """
    in_use = engine_in_use(engine)
    verdicts = {
        transaction: (verdict == Verdict.FRAUD, known_at)
        for transaction, verdict, known_at in Label.objects.order_by("transaction_id", "-known_at", "-id")
        .distinct("transaction_id")
        .values_list("transaction_id", "verdict", "known_at")
        .iterator()
        if verdict != Verdict.WITHDRAWN
    }
    rows = list(_rows(engine, verdicts))
    X = np.empty((len(rows), len(in_use.feature_set.numbers)), np.float32)
    for start in range(0, len(rows), TOGETHER):
        part = rows[start : start + TOGETHER]
        X[start : start + TOGETHER] = as_present(in_use, [(row[0], row[-2], row[-1]) for row in part])
    return Stored(_history(engine, rows), X, np.array([row[-3] for row in rows], bool))


def _of_present_features(engine: str):
    return Assessment.objects.filter(
        engine=engine,
        feature_set_version__in=usable_versions(engine_in_use(engine).feature_set),
        transaction__isnull=False,
    )


def _labelled() -> Q:
    """Whether the newest label says something: one that was withdrawn does not."""
    newer = Q(known_at__gt=OuterRef("known_at")) | Q(known_at=OuterRef("known_at"), id__gt=OuterRef("id"))
    later = Exists(Label.objects.filter(newer, transaction=OuterRef("transaction")))
    withdrawn = Label.objects.filter(~later, verdict=Verdict.WITHDRAWN)  # few, whatever the history
    said = Exists(Label.objects.filter(transaction=OuterRef("transaction_id")))
    return Q(said) & ~Q(transaction__in=withdrawn.order_by().values("transaction"))


def _decisions(engine: str):
    mature = timezone.now() - timedelta(days=settings.LABEL_MATURITY_DAYS)
    unheard = Q(decision=Decision.APPROVE, transaction__occurred_at__lt=mature, decided_at__lt=mature)
    return _of_present_features(engine).filter(Q(_labelled()) | unheard)


def _rows(engine: str, verdicts: dict) -> Iterator[tuple]:
    """In order of event time: id, at, sender, amount, fraud, known_at, weight, hit, version, features."""
    hits = Exists(RuleHit.objects.filter(assessment=OuterRef("pk"), rule_version__isnull=False))
    asked = _decisions(engine).annotate(hit=hits).order_by("transaction__occurred_at", "pk")
    for pk, event, at, sender, amount, released, chance, version, features, hit in asked.values_list(
        *_FIELDS, "hit"
    ).iterator(AT_ONCE):
        fraud, known_at = verdicts.get(event) or (False, at + timedelta(days=settings.LABEL_MATURITY_DAYS))
        weight = 1 / chance if released else 1.0
        yield pk, _micros(at), sender, amount, fraud, _micros(known_at), weight, hit, version, bytes(features)


def _history(engine: str, rows: list[tuple]) -> History:
    """The decisions as a history without columns of its own: the logged features take their place."""
    columns = list(zip(*rows, strict=True)) or [()] * 10
    ids, times, senders, amounts, fraud, known, weights, *_ = columns
    events = {
        "id": np.arange(1, len(rows) + 1, dtype=np.int64),
        "occurred_at": np.array(times, np.int64),
        "sender_key": np.array([NULL if key is None else key for key in senders], np.int64),
        "amount_minor": np.array(amounts, np.int64),
    }
    return History(
        name="stored-decisions",
        ids=np.array(ids, dtype=str),
        times=events["occurred_at"],
        y=np.array(fraud, np.int8),
        known_at=np.array(known, np.int64),
        weight=np.array(weights, np.float32) if any(weight != 1 for weight in weights) else None,
        events=events,
        numeric={},
        categorical={},
        roles=frozenset({"id", "time", "entity", "amount", "label"}),
        label_delay=0,
    )


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
