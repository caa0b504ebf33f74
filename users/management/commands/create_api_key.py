from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from users.roles import Scope
from users.services import KeyRefused, create_api_key


class Command(BaseCommand):
    help = "Make an API key for a client system and print it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="client system the key belongs to")
        parser.add_argument("--scope", action="append", choices=Scope.values, required=True)
        parser.add_argument("--rate-limit", type=int, help="requests a minute; none unless given")
        parser.add_argument("--days", type=int, help="days until it expires; never unless given")
        parser.add_argument("--test", action="store_true", help="a key whose deeds are all undone")
        parser.add_argument("--network", action="append", default=[], help="allowed network, e.g. 10.0.0.0/8")

    def handle(
        self, *, name: str, scope: list[str], rate_limit, days, network: list[str], test: bool, **options
    ) -> None:
        try:
            expires_at = None if days is None else timezone.now() + timedelta(days=days)
            key, raw = create_api_key(
                name=name,
                scopes=scope,
                created_by="create_api_key",
                rate_limit=rate_limit,
                expires_at=expires_at,
                allowed_networks=network,
                is_test=test,
            )
        except KeyRefused as refused:
            raise CommandError(str(refused)) from refused
        except OverflowError as refused:
            raise CommandError("--days: too many") from refused
        self.stderr.write(f"Key of '{key.client}', scopes {', '.join(key.scopes)}; it is shown only now:")
        self.stdout.write(raw)
