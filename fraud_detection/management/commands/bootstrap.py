import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from fraud_detection.services.demo import demo_access, ensure_model, seed_events


class Command(BaseCommand):
    help = (
        "Make a fresh installation usable: engines, a first model, demo people and payments. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--without-demo", action="store_true", help="engines and model only")

    def handle(self, *, without_demo: bool, **options) -> None:
        ensure_model("payments", self.stderr.write)
        if without_demo or settings.PRODUCTION:
            self.stdout.write(json.dumps({"logins": [], "api_key": ""}))
            return
        seed_events()
        self.stdout.write(json.dumps(demo_access(settings.VAR_DIR / "demo.json")))
