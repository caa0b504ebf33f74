from argparse import ArgumentTypeError
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from users.roles import Scope
from users.services import KeyRefused, create_api_key


class Command(BaseCommand):
    help = "Make an API key for a client system and print it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="client system the key belongs to")
        parser.add_argument("--scope", action="append", choices=Scope.values, required=True)
        parser.add_argument("--rate-limit", type=int, help="requests a minute; none unless given")
        until = parser.add_mutually_exclusive_group()
        until.add_argument("--days", type=int, help="days until it expires; never unless given")
        until.add_argument("--expires-at", type=_moment, help="or when, e.g. 2030-01-01T00:00+01:00")
        parser.add_argument("--test", action="store_true", help="a key whose deeds are all undone")
        parser.add_argument("--network", action="append", default=[], help="allowed network, e.g. 10.0.0.0/8")

    def handle(
        self,
        *,
        name: str,
        scope: list[str],
        rate_limit: int | None,
        days: int | None,
        expires_at: datetime | None,
        network: list[str],
        test: bool,
        **options: Any,
    ) -> None:
        try:
            if days is not None:
                expires_at = timezone.now() + timedelta(days=days)
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


def _moment(text: str) -> datetime:
    """A day or a moment; without a zone, of TIME_ZONE."""
    try:
        found = parse_datetime(text) or parse_date(text)
        if found is None:
            raise ValueError
        if not isinstance(found, datetime):
            found = datetime.combine(found, datetime.min.time())
        return found if timezone.is_aware(found) else timezone.make_aware(found)
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"'{text[:40]}' is no time; write it like 2030-01-01T00:00+01:00") from None
