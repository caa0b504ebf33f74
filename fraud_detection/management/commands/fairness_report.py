from datetime import UTC, datetime

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.services.fairness import four_fifths


def day(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"'{text}' is not a date like 2026-01-31") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = "Print the four-fifths report: approval rates of applicants' groups against the highest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="since", type=day, help="decided from this day on")
        parser.add_argument("--until", type=day, help="decided before this day")

    def handle(self, *, since: datetime | None, until: datetime | None, **options) -> None:
        rates = four_fifths(since=since, until=until)
        if not rates:
            self.stdout.write("no decided application has a group: manage.py load_groups FILE")
        for one in rates:
            ratio = "-" if one.ratio is None else f"{one.ratio:.2f}"
            remark = "below four fifths" if one.is_adverse else "too few to say" if one.is_few else ""
            self.stdout.write(
                f"{one.attribute} {one.group}: {one.approved:,} of {one.decided:,} approved"
                f" ({100 * one.rate:.1f}%), ratio {ratio} {remark}".rstrip()
            )
