import time

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from fraud_detection.services.customers.champion import NoCustomerModel
from fraud_detection.services.customers.predicting import predict_stored


class Command(BaseCommand):
    help = "Predict which stored customers will likely leave debts unpaid; a rerun renews only what changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", help="a registered model, say customers-2 (default: the champion)")

    def handle(self, *, model: str | None, **options) -> None:
        started = time.perf_counter()
        with tqdm(unit=" customers", unit_scale=True, file=self.stderr, disable=None) as bar:
            try:
                done = predict_stored(
                    model=model,
                    acting="predict_users",
                    progress=lambda now, total: self._show(bar, now, total),
                )
            except NoCustomerModel as refused:
                raise CommandError(str(refused)) from refused
        seconds = time.perf_counter() - started
        self.stdout.write(
            f"{done.customers:,} customers by {done.model_version}: {done.new:,} predicted, {done.renewed:,}"
            f" renewed, {done.unchanged:,} unchanged, {done.too_few:,} with too few attributes"
        )
        self.stdout.write(
            f"{done.unpaid:,} of {done.new + done.renewed:,} are likely to leave debts unpaid;"
            f" {seconds:.1f} s"
        )

    @staticmethod
    def _show(bar: tqdm, now: int, total: int) -> None:
        bar.total = total
        bar.update(now - bar.n)
