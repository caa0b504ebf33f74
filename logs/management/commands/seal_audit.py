import json
import os

from django.core.management.base import BaseCommand, CommandError

from logs.services.chain.heads import exported
from logs.services.chain.sealing import last_seal, seal_events


class Command(BaseCommand):
    help = "Seals the audit events written so far and prints the head of the chain, to be kept elsewhere."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--out", metavar="FILE", help="write the head to a new file")

    def handle(self, *args, out, **options) -> None:
        seal_events()
        text = json.dumps(exported(last_seal()), indent=1)
        if out is None:
            self.stdout.write(text)
            return
        try:
            with open(out, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(text + "\n")
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"The head is in {out}.")
