import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.event_imports import load_events
from fraud_detection.services.jobs import JobRefused
from fraud_detection.services.serving import EngineNotInstalled


class Command(BaseCommand):
    help = (
        "Load, store and decide a CSV of an engine's events (the names of its request); a rerun adds nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("engine", choices=sorted(ENGINES))
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--client", default="files", help="client system the ids belong to (default: files)"
        )
        parser.add_argument(
            "--errors",
            type=Path,
            help="where refused rows go (default: FILE.errors.csv in the working directory)",
        )

    def handle(self, *, engine: str, file: Path, client: str, errors: Path | None, **options) -> None:
        started = time.perf_counter()
        with tqdm(unit=" rows", unit_scale=True, file=self.stderr, disable=None) as bar:
            try:
                loaded = load_events(
                    engine,
                    file,
                    client_name=client,
                    errors=errors or Path(f"{file.name}.errors.csv"),
                    acting="load_events",
                    progress=lambda done, total: self._show(bar, done, total),
                )
            except OSError as error:
                raise CommandError(f"{error.filename or file}: {error.strerror or error}") from error
            except (FileRefused, JobRefused, EngineNotInstalled) as refused:
                raise CommandError(f"{file}: {refused}") from refused
        seconds = time.perf_counter() - started
        self.stdout.write(f"{loaded.told()}; {loaded.rows / seconds:,.0f} rows/s in {seconds:.1f} s")
        if loaded.errors:
            self.stdout.write(self.style.WARNING(f"refused rows, by line and column: {loaded.errors}"))

    @staticmethod
    def _show(bar: tqdm, done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)
