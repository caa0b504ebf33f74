from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from fraud_detection.services.policies import PolicyRefused
from fraud_detection.services.scorecards import refit_scorecard
from fraud_detection.services.training import TrainingRefused


class Command(BaseCommand):
    help = (
        "Refit the points of the credit scorecard to a CSV of applications with their outcome (column"
        " default, 0 or 1). Bins and scaling are kept; the drafted policy waits for somebody's approval."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--author", default="refit_scorecard", help="e-mail of who refits")

    def handle(self, *, file: Path, author: str, **options) -> None:
        try:
            policy, found = refit_scorecard(file, author=author, today=timezone.localdate())
        except (TrainingRefused, PolicyRefused, OSError) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{found.rows:,} outcomes, {found.bad:,} defaults; ROC AUC on a fifth held out:"
            f" {found.auc_before:.4f} before, {found.auc_after:.4f} after"
        )
        for line in found.scorecard.characteristics:
            self.stdout.write(f"  {line.title}: {', '.join(map(str, line.points))}; missing {line.missing}")
        self.stdout.write(self.style.SUCCESS(f"{policy} drafted: manage.py activate_policy {policy}"))
