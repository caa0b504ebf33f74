import json
import time
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from fraud_detection.models import ImportedHistory
from fraud_detection.services.histories import (
    HistoryExists,
    HistoryRefused,
    NoSuchHistory,
    check_name,
    delete_history,
    import_history,
)
from ml.history.proposing import proposal
from ml.history.wording import mapping_from, report_lines

REFUSED = (HistoryRefused, HistoryExists, NoSuchHistory)


class Command(BaseCommand):
    help = "Import a labelled CSV as a named history to train on; propose its mapping; list and delete."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="CSV, gzip too; any columns")
        parser.add_argument(
            "--mapping", type=Path, help="JSON that says what the columns mean (default: as proposed)"
        )
        parser.add_argument("--name", help="what the history is called")
        parser.add_argument("--author", default="import_history", help="e-mail of who imports")
        parser.add_argument("--json", action="store_true", help="print the whole report as JSON")
        other = parser.add_mutually_exclusive_group()
        other.add_argument("--propose", action="store_true", help="only write a mapping for FILE")
        other.add_argument("--delete", metavar="NAME", help="delete an imported history")
        other.add_argument("--list", action="store_true", help="list the imported histories")
        parser.add_argument("--out", type=Path, help="where --propose writes (default: standard output)")

    def handle(self, *, file: Path | None, **options) -> None:
        try:
            if options["list"]:
                self._list()
            elif options["delete"]:
                delete_history(name=options["delete"], acting=options["author"])
                self.stdout.write(f"{options['delete']} is deleted")
            elif file is None:
                raise CommandError("FILE is needed, unless with --list or --delete NAME")
            elif options["propose"]:
                self._propose(file, options["out"])
            else:
                self._import(file, options)
        except ValidationError as refused:
            raise CommandError(refused.messages[0]) from refused
        except REFUSED as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror or error}") from error

    def _propose(self, file: Path, out: Path | None) -> None:
        proposed = proposal(file)
        text = json.dumps(proposed.mapping.as_json(), indent=1, ensure_ascii=False)
        for column, why in proposed.reasons.items():
            self.stderr.write(f"  {column}: {why}")
        if out is None:
            self.stdout.write(text)
        else:
            out.write_text(text + "\n", encoding="utf-8")
            self.stderr.write(f"wrote {out}; look it over, then import with --mapping {out}")

    def _import(self, file: Path, options: dict) -> None:
        if not options["name"]:
            raise CommandError("--name is needed: what the history is called")
        check_name(options["name"])  # before the file is read
        mapping = mapping_from(options["mapping"]) if options["mapping"] else proposal(file).mapping
        started = time.perf_counter()
        with tqdm(total=100, unit="%", file=self.stderr, disable=None) as bar:
            made = import_history(
                file=file,
                mapping=mapping,
                name=options["name"],
                acting=options["author"],
                progress=lambda rows, share: self._show(bar, rows, share),
            )
        seconds = time.perf_counter() - started
        if options["json"]:
            self.stdout.write(json.dumps(made.report, indent=1, ensure_ascii=False))
            return
        for line in report_lines(made.report):
            self.stdout.write(line)
        done = (
            f"{made.name}: {made.rows:,} rows imported in {seconds:.1f} s, {made.positives:,} of them fraud"
        )
        self.stdout.write(self.style.SUCCESS(done))

    def _list(self) -> None:
        for history in ImportedHistory.objects.all():
            day = history.created_at.date()
            self.stdout.write(f"{history.name}: {history.rows:,} rows, {history.positives:,} fraud, {day}")
        if not ImportedHistory.objects.exists():
            self.stdout.write("no history is imported")

    @staticmethod
    def _show(bar: tqdm, rows: int, share: float) -> None:
        bar.set_postfix_str(f"{rows:,} rows", refresh=False)
        bar.update(round(100 * share) - bar.n)
