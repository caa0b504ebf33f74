from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.services.histories import NoSuchHistory
from fraud_detection.services.history_training import ScoringRefused, learnt_from, score_history
from fraud_detection.services.model_registry import NoSuchModel
from ml.artifacts import ArtifactRefused
from ml.history import HistoryDamaged


class Command(BaseCommand):
    help = (
        "Score an imported history with a model: id and score of each row in order of time, each with the "
        "events and the labels known at its moment."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", help="a version like payments-3")
        parser.add_argument("--history", required=True, help="an imported history")
        parser.add_argument("--from", dest="from_time", metavar="D", help="first moment of the rows to score")
        parser.add_argument("--until", dest="until_time", metavar="D", help="end of these, exclusive")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="CSV of id and score")

    def handle(self, *, model: str, history: str, out: Path, **options) -> None:
        windows = {name: options[name] for name in ("from_time", "until_time")}
        try:
            rows = score_history(model, history=history, windows=windows, out=out, progress=self._progress)
            if learnt_from(model, history):
                self._progress(
                    f"warning: {model} learnt from rows of {history}, which has no time to part them by: "
                    "figures over these scores flatter it; its report holds honest ones"
                )
        except (
            ScoringRefused,
            NoSuchModel,
            NoSuchHistory,
            HistoryDamaged,
            ArtifactRefused,
            OSError,
        ) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"{rows:,} scores of {model} in {out}"))

    def _progress(self, message: str) -> None:
        self.stderr.write(message)
