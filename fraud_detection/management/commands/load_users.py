import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.customers.loading import LoadedCustomers, RowsRefused, load_customers


class Command(BaseCommand):
    help = "Load a CSV of customers (gzip too): all of it or nothing; a rerun changes only what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--errors",
            type=Path,
            help="where refused rows go (default: FILE.errors.csv in the working directory)",
        )
        parser.add_argument(
            "--skip-bad", action="store_true", help="store the good rows though others are refused"
        )

    def handle(self, *, file: Path, errors: Path | None, skip_bad: bool, **options) -> None:
        started = time.perf_counter()
        with tqdm(unit=" rows", unit_scale=True, file=self.stderr, disable=None) as bar:
            try:
                loaded = load_customers(
                    file,
                    errors=errors or Path(f"{file.name}.errors.csv"),
                    acting="load_users",
                    skip_bad=skip_bad,
                    progress=lambda rows: bar.update(rows - bar.n),
                )
            except OSError as error:
                raise CommandError(f"{error.filename or file}: {error.strerror or error}") from error
            except FileRefused as refused:
                raise CommandError(f"{file}: {refused}") from refused
            except RowsRefused as refused:
                raise CommandError(f"{file}: {refused}\n{self._problems(refused.loaded)}") from refused
        self._report(loaded, time.perf_counter() - started)

    def _report(self, loaded: LoadedCustomers, seconds: float) -> None:
        for name, reason in loaded.left_out.items():
            self.stdout.write(self.style.WARNING(f"column {name} was left out: it {reason}"))
        self.stdout.write(
            f"{loaded.rows:,} rows: {loaded.new:,} new, {loaded.changed:,} changed,"
            f" {loaded.unchanged:,} as they were, {loaded.refused:,} refused; {seconds:.1f} s"
        )
        if loaded.refused:
            self.stdout.write(self.style.WARNING(self._problems(loaded)))

    @staticmethod
    def _problems(loaded: LoadedCustomers) -> str:
        lines = [f"  {problem}" for problem in loaded.first_problems]
        return "\n".join([*lines, f"all of them, by line and column: {loaded.errors}"])
