"""Django's own, with an audit event, and an end to what the person was signed in with."""

import getpass

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from users.models import User
from users.services.passwords import password_was_set


class Command(changepassword.Command):
    help = "Change a person's password; ends their sessions and tokens."

    @transaction.atomic
    def handle(self, *args, **options) -> str:
        options["username"] = (options["username"] or getpass.getuser()).lower()
        told = super().handle(*args, **options)  # CommandError unless it was changed
        password_was_set(User.objects.get_by_natural_key(options["username"]), acting_user=None)
        return told
