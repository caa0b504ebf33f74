from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from fraud_detection.services.backups import BackupFailed, take_backup


class Command(BaseCommand):
    help = "Back everything up that counts: the database as one snapshot, models, histories and case files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=Path("var/backups"), help="directory; var/backups")

    def handle(self, *, to: Path, **options) -> None:
        try:
            made = take_backup(to, now=timezone.now(), actor="backup", say=self.stderr.write)
        except BackupFailed as failed:
            raise CommandError(f"no backup was made: {failed}") from failed
        self.stdout.write(str(made))
