from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.models import PolicyVersion
from fraud_detection.services.policies import PolicyRefused, activate_policy
from users.models import User
from users.roles import Ability


class Command(BaseCommand):
    help = "Put a version of a policy in force, a drafted one or an older one; its author cannot approve it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", help="such as aml-policy-2")
        parser.add_argument("--approver", required=True, help="e-mail of who approves")

    def handle(self, *, version: str, approver: str, **options) -> None:
        engine, _, number = version.rpartition("-policy-")
        found = None
        if number.isdecimal():
            found = PolicyVersion.objects.filter(engine=engine, number=int(number)).first()
        if found is None:
            raise CommandError(f"there is no policy '{version}'")
        person = User.objects.filter(email__iexact=approver, is_active=True).first()
        if person is None or not person.can(Ability.MANAGE):
            raise CommandError(f"{approver} is nobody who may approve a policy: name an admin's e-mail")
        try:
            activate_policy(found, approved_by=person.email)
        except PolicyRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(self.style.SUCCESS(f"{found} decides within 5 seconds in every process"))
