from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.evaluating import Evaluation, apart, evaluate, from_file, generated_week
from fraud_detection.services.evaluating.apart import NoRoomApart


class Command(BaseCommand):
    help = (
        "Measure an engine as it is in force: recall of planted schemes and false alerts per 1,000 events,"
        " over its generated week or a labelled CSV. Runs in a database of its own, which is dropped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("engine", choices=sorted(ENGINES))
        parser.add_argument("--file", type=Path, help="labelled CSV (is_fraud, label, default or scheme)")
        parser.add_argument("--seed", type=int, default=1, help="of the generated week (default: 1)")
        parser.add_argument("--scale", type=float, default=1.0, help="of the generated week (default: 1)")

    def handle(self, *, engine: str, file: Path | None, seed: int, scale: float, **options) -> None:
        try:
            events = list(from_file(engine, file) if file else generated_week(engine, seed=seed, scale=scale))
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror or error}") from error
        except FileRefused as refused:
            raise CommandError(f"{file}: {refused}") from refused
        bar = tqdm(total=len(events), unit=" events", file=self.stderr, disable=None)
        try:
            with bar, apart(engine):
                found = evaluate(
                    engine, events, text=file is not None, progress=lambda done: bar.update(done - bar.n)
                )
        except NoRoomApart as refused:
            raise CommandError(str(refused)) from refused
        self._print(engine, found)

    def _print(self, engine: str, found: Evaluation) -> None:
        self.stdout.write(f"{engine}: {found.ordinary:,} ordinary events, {found.refused:,} refused")
        for scheme in sorted(found.planted):
            planted, seen = len(found.planted[scheme]), len(found.found[scheme])
            self.stdout.write(f"  {scheme}: {seen} of {planted} found")
        if found.recall is not None:
            self.stdout.write(f"recall of planted schemes: {100 * found.recall:.1f}%")
        if found.false_per_thousand is not None:
            self.stdout.write(f"false alerts per 1,000 events: {found.false_per_thousand:.2f}")
        for rule in sorted(found.on_planted | found.on_ordinary):
            self.stdout.write(
                f"  {rule}: {found.on_planted[rule]} hits on planted, {found.on_ordinary[rule]} on ordinary"
            )
