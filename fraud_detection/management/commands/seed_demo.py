from django.core.management.base import BaseCommand, CommandParser

from fraud_detection.services.demo import ensure_model, seed_events


class Command(BaseCommand):
    help = "Fill an installation with a month of generated payments, decided and partly labelled."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=40)
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--seed", type=int, default=11)

    def handle(self, *, customers: int, days: int, seed: int, **options) -> None:
        ensure_model("payments", self.stderr.write)
        count = seed_events(customers=customers, days=days, seed=seed)
        self.stdout.write(f"{count:,} payments decided" if count else "the demonstration is there already")
