from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from fraud_detection.services.backups import BackupDamaged, RestoreRefused, note_restore, restore_backup


class Command(BaseCommand):
    help = "Put a backup in the place of the present database and files, which are kept under another name."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="what manage.py backup printed")
        parser.add_argument("--force", action="store_true", help="although the present database holds events")

    def handle(self, *, directory: Path, force: bool, **options) -> None:
        try:
            kept = restore_backup(directory, now=timezone.now(), force=force, say=self.stderr.write)
        except (BackupDamaged, RestoreRefused) as refused:
            raise CommandError(f"nothing was restored: {refused}") from refused
        call_command("migrate", verbosity=0)
        note_restore(directory, actor="restore", kept=kept)
        self.stdout.write(self.style.SUCCESS(f"Restored. The database before is kept as {kept}."))
