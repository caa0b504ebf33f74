"""manage.py export_customer ID --to FILE.zip"""

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.services.privacy import export_customer
from users.models import Customer


class Command(BaseCommand):
    help = "Writes all that is stored about a customer to a ZIP of JSON files; see docs/PRIVACY.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", help="The customer's id, as client systems send it.")
        parser.add_argument("--to", required=True, type=Path, help="File to write; it must not exist.")

    def handle(self, *args: Any, **options: Any) -> None:
        customer = Customer.objects.filter(external_id=options["customer"]).first()
        if customer is None:
            raise CommandError("there is no such customer")
        try:
            with (
                options["to"].open("xb") as file,
                export_customer(customer, actor_kind="system", actor="export_customer") as archive,
            ):
                shutil.copyfileobj(archive, file)
        except OSError as error:
            raise CommandError(f"{options['to']}: {error.strerror}") from error
        self.stdout.write(f"written to {options['to']}")
