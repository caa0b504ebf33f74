from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.market_data import load_bars

MOST_NAMED = 50


class Command(BaseCommand):
    help = "Load daily bars of symbols from a CSV: symbol, date, open, high, low, close, volume."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--symbol", help="the symbol of a file without such a column")

    def handle(self, *, file: Path, symbol: str | None, **options) -> None:
        try:
            loaded = load_bars(file, symbol=symbol, acting="load_market_data")
        except (FileRefused, OSError) as refused:
            raise CommandError(f"{file}: {refused}") from refused
        for bad in loaded.bad[:MOST_NAMED]:
            column = f", {bad.column}" if bad.column else ""
            self.stderr.write(f"line {bad.line}{column}: {bad.reason}")
        self.stdout.write(
            f"{loaded.rows:,} rows: {loaded.new:,} new, {loaded.changed:,} changed, "
            f"{loaded.unchanged:,} as they were, {len(loaded.bad):,} left out"
        )
        if loaded.bad and not (loaded.new or loaded.changed or loaded.unchanged):
            raise CommandError(f"{file}: no row could be used; the reasons are named above")
