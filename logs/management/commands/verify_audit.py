from django.core.management.base import BaseCommand, CommandError

from logs.services.chain.findings import Finding
from logs.services.chain.heads import HeadRefused, read_head
from logs.services.chain.verified import verify_and_note
from logs.services.chain.verifying import Report


class Command(BaseCommand):
    help = "Verifies that no sealed event of the audit trail was edited, deleted, inserted, moved or cut off."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="FILE|HASH",
            help="an earlier exported head that the chain must contain; may be given several times",
        )

    def handle(self, *args, head, **options) -> None:
        try:
            heads = [read_head(given) for given in head]
        except (HeadRefused, OSError) as error:
            raise CommandError(str(error)) from error
        report = verify_and_note(heads)
        self._tell(report)
        if not report.ok:
            raise CommandError(
                f"The audit trail is not as it was sealed: {report.found:,} finding{_s(report.found)}."
            )
        self.stdout.write("The audit trail is as it was sealed.")

    def _tell(self, report: Report) -> None:
        head = f", head {report.head.number}:{report.head.hash}" if report.head else ""
        counts = ((report.events, "sealed event"), (report.seals, "seal"))
        self.stdout.write(" in ".join(f"{count:,} {what}{_s(count)}" for count, what in counts) + head)
        if report.purged_up_to:
            self.stdout.write(f"Events up to {report.purged_up_to:,} were removed by retention.")
        if report.unsealed:
            self.stdout.write(f"{report.unsealed:,} newer event{_s(report.unsealed)} not sealed yet.")
        for finding in report.findings:
            self.stdout.write(_line(finding))
        if report.found > len(report.findings):
            self.stdout.write(f"... and {report.found - len(report.findings):,} more")


def _line(finding: Finding) -> str:
    return f"{finding.kind.upper()}: {finding.text}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
