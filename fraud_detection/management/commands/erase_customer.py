"""manage.py erase_customer ID --asked-by EMAIL --carried-out-by EMAIL --reason TEXT"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.services.privacy import ErasureConflict, ErasureRefused, SecondPerson, erase_customer
from users.models import Customer, User
from users.roles import Ability


class Command(BaseCommand):
    help = "Replaces all that names a customer by pseudonyms, for good; see docs/PRIVACY.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", help="The customer's id, as client systems send it.")
        parser.add_argument("--asked-by", required=True, metavar="EMAIL")
        parser.add_argument("--carried-out-by", required=True, metavar="EMAIL", help="Somebody else.")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        customer = Customer.objects.filter(external_id=options["customer"]).first()
        if customer is None:
            raise CommandError("there is no such customer")
        try:
            done = erase_customer(
                customer=customer,
                asked_by=_person(options["asked_by"]),
                carried_out_by=_person(options["carried_out_by"]),
                reason=options["reason"],
            )
        except (ErasureConflict, ErasureRefused, SecondPerson) as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"erased: {sum(done.changed.values()):,} rows changed, customer {customer.pk}")


def _person(email: str) -> User:
    found = User.objects.filter(email=email.lower()).first()
    if found is None or not found.can(Ability.PRIVACY):
        raise CommandError(f"{email} is nobody who may erase customers")
    return found
