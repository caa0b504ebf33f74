import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from fraud_detection.services.customers.champion import NoCustomerModel
from fraud_detection.services.customers.demo import seed_attributes, write_samples
from fraud_detection.services.demo import DEMO_CLIENT, demo_access, ensure_models, seed_events


class Command(BaseCommand):
    help = (
        "Make a fresh installation usable: engines, a first model, demo people and payments. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--without-demo", action="store_true", help="engines and model only")

    def handle(self, *, without_demo: bool, **options) -> None:
        ensure_models(self.stderr.write)
        if without_demo or settings.PRODUCTION:
            self.stdout.write(json.dumps({"logins": [], "api_key": ""}))
            return
        seed_events()
        self._customers()
        self.stdout.write(json.dumps(demo_access(settings.VAR_DIR / "demo.json")))

    def _customers(self) -> None:
        """Samples to load, and something to see; a demonstration goes on without either."""
        try:
            for path in write_samples(settings.DATA_DIR):
                self.stderr.write(f"wrote {path}")
            seed_attributes(client=DEMO_CLIENT)
        except (OSError, NoCustomerModel) as missing:
            self.stderr.write(f"customers are not demonstrated: {missing}")
