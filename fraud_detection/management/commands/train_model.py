from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.services.model_registry import promote_first
from fraud_detection.services.training import TrainingRefused, train_engine


class Command(BaseCommand):
    help = "Train an engine's model on a labelled CSV, or on generated data when no file is given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("engine", help="payments")
        parser.add_argument(
            "--file", type=Path, help="labelled CSV (native or PaySim names, is_fraud or isFraud)"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--author", default="train_model", help="e-mail of who trains; somebody else promotes"
        )

    def handle(self, *, engine: str, file: Path | None, seed: int, author: str, **options) -> None:
        try:
            version = train_engine(engine, file=file, seed=seed, created_by=author, progress=self._progress)
        except (TrainingRefused, OSError) as refused:
            raise CommandError(str(refused)) from refused
        promoted = promote_first(version, created_by=author)
        for name, value in version.card["metrics"].items():
            self.stdout.write(f"  {name}: {value:.4f}" if isinstance(value, float) else f"  {name}: {value}")
        fate = "champion, the first of this engine" if promoted else "candidate: promote it in the admin"
        self.stdout.write(self.style.SUCCESS(f"{version} registered as {fate}"))

    def _progress(self, message: str) -> None:
        self.stderr.write(message)
