"""manage.py purge_expired [--only CLASS] [--dry-run]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from fraud_detection.services.privacy import purge_expired, retention_table
from fraud_detection.services.privacy.retention import UnknownClass


class Command(BaseCommand):
    help = "Removes what is older than its class of data is kept (RETENTION_..._DAYS); see docs/PRIVACY.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", metavar="CLASS", help="One class of data, e.g. events.")
        parser.add_argument("--dry-run", action="store_true", help="Count, remove nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = purge_expired(only=options["only"], dry_run=options["dry_run"], acting="purge_expired")
        except UnknownClass as unknown:
            raise CommandError(str(unknown)) from None
        kept = {each.name: each.kept_days for each in retention_table(timezone.now())}
        verb = "would go" if options["dry_run"] else "removed"
        for name in kept if options["only"] is None else [options["only"]]:
            days = f"kept {kept[name]:,} days" if kept[name] else "kept for ever"
            self.stdout.write(f"{name}: {counts.get(name, 0):,} {verb} ({days})")
