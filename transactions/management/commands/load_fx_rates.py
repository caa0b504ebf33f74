from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from transactions.services.rates import RatesRefused, replace_rates


class Command(BaseCommand):
    help = "Replace the exchange rates by a CSV with the columns day, currency, usd."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options) -> None:
        try:
            count = replace_rates(file)
        except (RatesRefused, OSError, UnicodeDecodeError) as refused:
            raise CommandError(f"{file}: {refused}") from refused
        self.stdout.write(f"{count:,} rates loaded; running processes use them within a minute")
