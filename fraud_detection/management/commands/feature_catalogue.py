from django.core.management.base import BaseCommand

from fraud_detection.services.feature_catalogue import feature_page


class Command(BaseCommand):
    help = "Print the page of all features, as it stands in docs/FEATURES.md."

    def handle(self, **options) -> None:
        self.stdout.write(feature_page(), ending="")
