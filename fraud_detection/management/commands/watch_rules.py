"""manage.py watch_rules: count what rules did and look at their flags, now."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState
from fraud_detection.services.rule_watch import rebuild_days, watch_rules

MOST_DAYS = 400


class Command(BaseCommand):
    help = "Count what rules did and look at their flags, as the worker does every five minutes."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--days", type=int, default=0, help="first count so many days anew, 1 to 400")

    def handle(self, *args, days: int, **options) -> None:
        if not 0 <= days <= MOST_DAYS:
            raise CommandError(f"--days is from 1 to {MOST_DAYS}")
        now = timezone.now()
        installed = EngineState.objects.filter(engine__in=ENGINES).order_by("engine")
        for state in installed if days else ():
            counted = rebuild_days(state.engine, days=days, now=now)
            self.stdout.write(f"{state.engine}: {counted} days counted anew")
        for engine, flagged in watch_rules(now).items():
            self.stdout.write(f"{engine}: {', '.join(flagged) or 'no rule'} flagged")
