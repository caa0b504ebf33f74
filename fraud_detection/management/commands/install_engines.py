from django.core.management.base import BaseCommand, CommandParser

from fraud_detection.services.engine_setup import install
from fraud_detection.services.engine_setup import upgrade as upgrade_rules


class Command(BaseCommand):
    help = "Put the shipped rules and policies in force for engines that have none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--upgrade", action="store_true", help="also bring in shipped rules that a new release reworded"
        )

    def handle(self, *, upgrade: bool, **options) -> None:
        installed = install()
        self.stdout.write(
            f"installed: {', '.join(installed)}" if installed else "every engine is installed already"
        )
        if upgrade:
            self._upgrade()

    def _upgrade(self) -> None:
        changed = upgrade_rules()
        for engine, codes in changed.items():
            self.stdout.write(f"{engine}: {', '.join(codes)} in force as shipped now")
        if not changed:
            self.stdout.write("every rule is as shipped, or as somebody here wrote it")
