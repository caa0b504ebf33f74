"""What keeps backtests going and small: lost ones are sent again, old ones are forgotten."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from fraud_detection.models import Backtest, BacktestState
from fraud_detection.models.backtests import MOST_ATTEMPTS, SILENT, UNFINISHED
from fraud_detection.services.backtesting.starting import tell_a_worker

UNHEARD = timedelta(minutes=10)  # a message to a busy worker may wait; then another one is sent


def tend_backtests(now: datetime) -> list[int]:
    """Send again what nobody took up or whose worker was lost; running twice harms nothing."""
    _give_up(now)
    untold = Q(heartbeat_at=None, created_at__lt=now - SILENT) | Q(heartbeat_at__lt=now - UNHEARD)
    waiting = Q(untold, state=BacktestState.QUEUED)
    lost = list(Backtest.objects.filter(waiting | _silent(now)).order_by("id").values_list("pk", flat=True))
    Backtest.objects.filter(pk__in=lost, state=BacktestState.QUEUED).update(heartbeat_at=now)
    for backtest_id in lost:
        tell_a_worker(backtest_id)
    forget_old(now)
    return lost


def _silent(now: datetime) -> Q:
    return Q(state=BacktestState.RUNNING, heartbeat_at__lt=now - SILENT)


def _give_up(now: datetime) -> None:
    """What lost its worker again and again would lose the next one too."""
    hopeless = Backtest.objects.filter(_silent(now), attempts__gte=MOST_ATTEMPTS)
    error = f"Its worker was lost {MOST_ATTEMPTS} times; a shorter period needs less memory."
    hopeless.update(state=BacktestState.FAILED, ended_at=now, error=error)


def forget_old(now: datetime) -> int:
    """Delete the backtests that ended more than BACKTEST_KEPT_DAYS ago."""
    old = now - timedelta(days=settings.BACKTEST_KEPT_DAYS)
    ended = Backtest.objects.exclude(state__in=UNFINISHED).filter(ended_at__lt=old)
    return ended.delete()[0]
