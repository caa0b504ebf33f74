from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import ModelVersion
from fraud_detection.services.histories import NoSuchHistory
from fraud_detection.services.history_training import train_on_history
from fraud_detection.services.model_registry import promote_first
from fraud_detection.services.stored_decisions import labelled_decisions
from fraud_detection.services.training import TrainingRefused, train_engine, train_stored
from fraud_detection.services.unlabelled_training import (
    has_enough_decisions,
    learns_without_labels,
    train_unlabelled,
)
from ml.history import HistoryDamaged

WINDOWS = ("train_from", "train_until", "test_from", "test_until")


class Command(BaseCommand):
    help = (
        "Train an engine's model: on an imported history, a labelled CSV, generated data, or (the default) "
        "on stored decisions (with labels, where the model learns from them). Prints the version it made."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("engine", help="payments, aml, credit, insurance, market, ...")
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--history", help="an imported history (manage.py import_history)")
        source.add_argument(
            "--file", type=Path, help="labelled CSV (native or PaySim names, is_fraud or isFraud)"
        )
        source.add_argument("--generated", action="store_true", help="generated data")
        for name, text in (
            ("--train-from", "first moment of the training rows"),
            ("--train-until", "end of the training rows, exclusive; later known labels are not used"),
            ("--test-from", "first moment of the rows that measure (default: where training ends)"),
            ("--test-until", "end of these, exclusive"),
        ):
            parser.add_argument(name, metavar="D", help=f"{text}; with --history")
        parser.add_argument(
            "--live", action="store_true", help="with --history: only what live events carry (promotable)"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--author", default="train_model", help="e-mail of who trains; somebody else promotes"
        )

    def handle(self, *, author: str, **options) -> None:
        try:
            version = self._trained(author, options)
        except (TrainingRefused, NoSuchHistory, HistoryDamaged, OSError) as refused:
            raise CommandError(str(refused)) from refused
        promoted = promote_first(version, created_by=author)
        for name, value in version.card["metrics"].items():
            self.stdout.write(f"  {name}: {value:.4f}" if isinstance(value, float) else f"  {name}: {value}")
        for warning in (version.report.get("data") or {}).get("warnings", []):
            self.stderr.write(f"warning: {warning}")
        fate = "champion, the first of this engine" if promoted else "candidate: promote it in the admin"
        self.stdout.write(self.style.SUCCESS(f"{version} registered as {fate}"))

    def _trained(self, author: str, options: dict) -> ModelVersion:
        engine, common = options["engine"], {"seed": options["seed"], "created_by": author}
        windows = {name: options[name] for name in WINDOWS}
        if options["history"]:
            return train_on_history(
                engine,
                history=options["history"],
                windows=windows,
                live=options["live"],
                progress=self._progress,
                **common,
            )
        if options["live"] or any(windows.values()):
            raise CommandError("--live and windows of time go with --history")
        stored = options["file"] is None and not options["generated"] and engine in ENGINES
        if stored and learns_without_labels(engine):
            if has_enough_decisions(engine):
                return train_unlabelled(engine, progress=self._progress, **common)
            self._progress(f"too few decisions of {engine} are stored: training on generated data")
        elif stored:
            if labelled_decisions(engine):
                return train_stored(engine, progress=self._progress, **common)
            self._progress(f"no stored decision of {engine} has a label: training on generated data")
        return train_engine(engine, file=options["file"], progress=self._progress, **common)

    def _progress(self, message: str) -> None:
        self.stderr.write(message)
