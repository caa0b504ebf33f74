"""Asking for a backtest, and calling it off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from fraud_detection.models import Backtest, BacktestLabels, BacktestState, Rule
from fraud_detection.models.backtests import UNFINISHED
from fraud_detection.services.engine_setup import definition_digest
from fraud_detection.services.workbench.accepting import accepted
from logs.services import record
from users.models import User

TASK = "fraud_detection.tasks.run_backtest"
LONGEST = timedelta(days=3_660)
USUAL = timedelta(days=30)
MOST_ALERT_COST = Decimal(1_000_000)


class BacktestRefused(ValueError):
    """Something asked of a backtest that cannot be; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


class TooManyBacktests(Exception):
    """The person has as many waiting or running as may be."""


class BacktestEnded(Exception):
    """It is done, failed or cancelled already."""


@dataclass(frozen=True)
class Terms:
    """What a backtest asks beside the wording. [since, until) by when events happened.

    `cut_off` matters for `as_known` only and is the end of the period unless given.
    """

    since: datetime
    until: datetime
    labels: str = BacktestLabels.FINAL
    cut_off: datetime | None = None
    alert_cost: Decimal | None = None
    friction_share: float | None = None

    def checked(self, now: datetime) -> "Terms":
        """With defaults filled in; raises BacktestRefused."""
        if not self.since < self.until:
            raise BacktestRefused("until", "must lie after the beginning of the period")
        if self.until - self.since > LONGEST:
            raise BacktestRefused("since", f"a period is at most {LONGEST.days:,} days long")
        if self.since > now:
            raise BacktestRefused("since", "lies in the future: nothing has happened since then")
        if self.labels not in BacktestLabels.values:
            raise BacktestRefused("labels", f"must be one of {', '.join(BacktestLabels.values)}")
        cost = Decimal(str(settings.BACKTEST_ALERT_COST)) if self.alert_cost is None else self.alert_cost
        share = settings.BACKTEST_FRICTION_SHARE if self.friction_share is None else self.friction_share
        if not 0 <= cost <= MOST_ALERT_COST:
            raise BacktestRefused("alert_cost", f"must be a number from 0 to {MOST_ALERT_COST:,}")
        if not 0 <= share <= 1:
            raise BacktestRefused("friction_share", "must be a share from 0 to 1")
        return Terms(self.since, self.until, self.labels, self._cut_off(), cost, share)

    def _cut_off(self) -> datetime | None:
        if self.labels == BacktestLabels.FINAL:
            if self.cut_off is not None:
                raise BacktestRefused("cut_off", "only labels as_known have a cut-off")
            return None
        return self.cut_off or self.until


def usual_terms(now: datetime) -> Terms:
    """The last thirty days, labels as they are known now."""
    return Terms(since=now - USUAL, until=now).checked(now)


def start_backtest(
    *,
    definition: Mapping[str, Any],
    engine: str,
    terms: Terms,
    acting_user: User,
    rule: Rule | None = None,
    wording_saved_at: datetime | None = None,
    request_id: str = "",
) -> Backtest:
    """Queue a backtest of a wording; a worker then calls `run_backtest`.

    Raises DefinitionRefused, UnknownEngine, BacktestRefused, TooManyBacktests.
    """
    wording = accepted(definition, engine=engine)
    asked = terms.checked(timezone.now())
    with transaction.atomic():
        _refuse_too_many(acting_user)
        backtest = Backtest.objects.create(
            engine=engine,
            rule=rule,
            code=wording["code"],
            definition=wording,
            digest=definition_digest(wording),
            wording_saved_at=wording_saved_at,
            created_by=acting_user.email,
            **vars(asked),
        )
        _record("backtest.started", backtest, acting_user, request_id, {"rule": backtest.code})
        transaction.on_commit(lambda: tell_a_worker(backtest.pk))
    return backtest


def cancel_backtest(*, backtest_id: int, acting_user: User, request_id: str = "") -> Backtest:
    """Call a waiting or running backtest off; its worker stops at the next slice. Raises BacktestEnded."""
    with transaction.atomic():
        now = timezone.now()
        unfinished = Backtest.objects.filter(pk=backtest_id, state__in=UNFINISHED)
        if not unfinished.update(state=BacktestState.CANCELLED, ended_at=now):
            backtest = Backtest.objects.get(pk=backtest_id)
            raise BacktestEnded(f"backtest {backtest_id} is {backtest.get_state_display().lower()} already")
        backtest = Backtest.objects.get(pk=backtest_id)
        _record("backtest.cancelled", backtest, acting_user, request_id)
    return backtest


def tell_a_worker(backtest_id: int) -> None:
    """Queue it by the name of its task, which stands above services; a store that is away is asked again."""
    try:
        current_app.send_task(TASK, args=(backtest_id,))
    except OperationalError:
        return  # tend_backtests sends what waits


def _refuse_too_many(person: User) -> None:
    User.objects.select_for_update().get(pk=person.pk)  # two requests at once count one after the other
    most = settings.BACKTESTS_PER_PERSON
    unfinished = Backtest.objects.filter(created_by=person.email, state__in=UNFINISHED).count()
    if unfinished >= most:
        raise TooManyBacktests(
            f"you have {unfinished} backtests waiting or running, at most {most} are possible: "
            "wait for one, or cancel it"
        )


def _record(
    action: str, backtest: Backtest, person: User, request_id: str, after: dict[str, Any] | None = None
) -> None:
    record(
        action,
        actor_kind="user",
        actor=person.email,
        subject_kind="backtest",
        subject=str(backtest.pk),
        after=after,
        request_id=request_id,
    )
