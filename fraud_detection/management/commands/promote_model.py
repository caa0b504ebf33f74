from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.services.model_registry import NoSuchModel, version_named
from fraud_detection.services.model_stages import StageRefused, promote
from users.models import User
from users.roles import Ability


class Command(BaseCommand):
    help = "Make a registered model champion, approved by somebody who did not make it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", help="payments-3")
        parser.add_argument("--approver", required=True, metavar="EMAIL", help="an admin, not the maker")

    def handle(self, *, version: str, approver: str, **options) -> None:
        person = User.objects.filter(email__iexact=approver, is_active=True).first()
        if person is None or not person.can(Ability.MANAGE):
            raise CommandError(f"{approver} is nobody who may approve a model: name an admin's e-mail")
        try:
            promoted = promote(version_named(version), approved_by=person.email)
        except (NoSuchModel, StageRefused) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            self.style.SUCCESS(f"{promoted} is champion; every process serves it within 5 seconds")
        )
