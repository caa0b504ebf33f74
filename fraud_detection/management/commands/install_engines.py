from django.core.management.base import BaseCommand

from fraud_detection.services.engine_setup import install


class Command(BaseCommand):
    help = "Put the shipped rules and policies in force for engines that have none."

    def handle(self, **options) -> None:
        installed = install()
        self.stdout.write(
            f"installed: {', '.join(installed)}" if installed else "every engine is installed already"
        )
