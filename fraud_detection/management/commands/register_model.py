from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.services.foreign import RegistrationRefused, Request, register_foreign


class Command(BaseCommand):
    help = (
        "Enter a model that was trained elsewhere (joblib or ONNX) in the registry as a candidate. "
        "Opening a joblib file runs code in it: name only files you trust."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("engine", help="payments")
        parser.add_argument("file", type=Path, help="a classifier saved by joblib, or in ONNX form (.onnx)")
        parser.add_argument(
            "--features", type=Path, required=True, metavar="JSON", help="names in the model's input order"
        )
        parser.add_argument(
            "--sample",
            type=Path,
            metavar="CSV",
            help="feature values to try it on, instead of stored decisions; a column `probability` is what "
            "the model gave where it was trained, `label` is 1 or 0",
        )
        parser.add_argument("--positive", metavar="CLASS", help="the class that means fraud, when not 1")
        parser.add_argument("--sha256", default="", help="refuse the file when it has another hash")
        parser.add_argument("--author", default="register_model", help="e-mail; somebody else promotes")

    def handle(self, *, engine: str, file: Path, features: Path, **options) -> None:
        chosen = {name: options[name] for name in ("sample", "positive", "sha256", "author")}
        request = Request(engine=engine, file=file, features=features, **chosen)
        try:
            version = register_foreign(request, progress=self.stdout.write)
        except RegistrationRefused as refused:
            raise CommandError(str(refused)) from refused
        for note in version.card["notes"]:
            self.stdout.write(self.style.WARNING(f"Note: {note}"))
        self.stdout.write(f"SHA-256 {version.sha256}")
        self.stdout.write(self.style.SUCCESS(f"{version} registered as candidate"))
