from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.fairness import load_groups


class Command(BaseCommand):
    help = (
        "Load groups of applicants (CSV: applicant_id and a column for each attribute) for the four-fifths"
        " report; no engine and no training reads them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--author", default="load_groups", help="e-mail, for the audit trail")

    def handle(self, *, file: Path, author: str, **options) -> None:
        try:
            stored = load_groups(file, acting=author)
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror or error}") from error
        except FileRefused as refused:
            raise CommandError(f"{file}: {refused}") from refused
        self.stdout.write(self.style.SUCCESS(f"{stored:,} groups stored"))
