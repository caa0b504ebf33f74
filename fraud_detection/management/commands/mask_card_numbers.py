"""manage.py mask_card_numbers [--dry-run]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from fraud_detection.services.privacy.masking import mask_stored


class Command(BaseCommand):
    help = "Masks card numbers in rows that were stored before masking began; see docs/PRIVACY.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        for table, rows in mask_stored(dry_run=options["dry_run"]):
            if rows:
                self.stdout.write(f"{table}: {rows:,} {'hold' if options['dry_run'] else 'masked'}")
        self.stdout.write("done")
