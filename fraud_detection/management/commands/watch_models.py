from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState, MonitoringSnapshot, SnapshotKind
from fraud_detection.services.monitoring import Watched, watch, watch_all

SHOWN = 8  # features


class Command(BaseCommand):
    help = "Look at the models now: drift, calibration and precision of stored decisions, and their alarms."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("engine", nargs="?", help="payments, ...; all that are installed when not given")

    def handle(self, *, engine: str | None, **options) -> None:
        now = timezone.now()
        if engine is None:
            looks = watch_all(now, anew=True)
        elif engine in ENGINES and EngineState.objects.filter(engine=engine).exists():
            looks = [watch(engine, now, anew=True)]
        else:
            raise CommandError(f"engine '{engine}' is not installed; known are {', '.join(ENGINES)}")
        for looked in looks:
            self._print(looked)

    def _print(self, looked: Watched) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(looked.engine))
        if not looked.snapshots:
            self.stdout.write("  no decisions of a model yet")
        for snapshot in looked.snapshots:
            PRINTERS[snapshot.kind](self.stdout.write, snapshot)
        for finding in looked.findings:
            over = finding in looked.raised
            style = self.style.WARNING if over else str
            self.stdout.write(style(f"  {'ALARM ' if over else ''}{finding.message}"))


def _drift(write, snapshot: MonitoringSnapshot) -> None:
    figures = snapshot.figures
    title = f"{snapshot.model_version}, {snapshot.get_kind_display().lower()}, n = {snapshot.n:,}"
    write(f"  {title}: score {_index(figures['score'])}, {figures['past']} features past the limit")
    for row in figures["features"][:SHOWN]:
        write(f"    {row['name']:<44} {_index(row)}")


def _index(row: dict) -> str:
    return row["status"] if row["psi"] is None else f"PSI {row['psi']:.4f}"


def _calibration(write, snapshot: MonitoringSnapshot) -> None:
    write(f"  {snapshot.model_version}, calibration by age of the decision")
    for age in snapshot.figures["ages"]:
        observed, ratio = age["observed"], age["ratio"]
        value = "-" if observed["value"] is None else f"{observed['value']:.4f}"
        write(
            f"    {age['from_days']:>3} to {age['until_days']:>3} days: n {age['n']:,}, "
            f"labelled {age['labelled']:,}, predicted {_or_dash(age['predicted'])}, observed {value} "
            f"({observed['low']:.4f} to {observed['high']:.4f}), ratio {_or_dash(ratio)}"
            f"{'' if age['settled'] else ', so far'}"
        )


def _or_dash(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _outcomes(write, snapshot: MonitoringSnapshot) -> None:
    write("  week        decisions  stopped  labelled    fraud  matured  precision of stopped")
    for week in snapshot.figures["weeks"]:
        precision = week["precision"]
        interval = f"{precision['low']:.2f} to {precision['high']:.2f}, n = {precision['n']:,}"
        write(
            f"  {week['week']}  {week['decisions']:>9,} {week['stopped']:>8,} {week['labelled']:>9,} "
            f"{week['fraud']:>8,} {week['maturity']:>8.0%}  {_or_dash(precision['value'])} ({interval})"
        )


PRINTERS = {
    SnapshotKind.DRIFT_DAY: _drift,
    SnapshotKind.DRIFT_WEEK: _drift,
    SnapshotKind.DRIFT_MONTH: _drift,
    SnapshotKind.CALIBRATION: _calibration,
    SnapshotKind.OUTCOMES: _outcomes,
}
