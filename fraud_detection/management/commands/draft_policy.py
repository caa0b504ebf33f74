import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.policies import PolicyRefused, draft_policy, policy_in_force


class Command(BaseCommand):
    help = (
        "Draft a new version of an engine's policy: thresholds, or settings from a JSON file (country lists,"
        " calendars, a scorecard), each with its source and date. Without any it prints those in force."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("engine", choices=sorted(ENGINES))
        parser.add_argument("--values", type=Path, help="JSON object; its names replace those in force")
        parser.add_argument("--review-from", type=float)
        parser.add_argument("--decline-from", type=float)
        parser.add_argument(
            "--release-share", type=float, help="0, or 0.001 to 0.01 of what would be stopped; see MODELS.md"
        )
        parser.add_argument("--author", default="draft_policy", help="e-mail of who drafts; another approves")
        parser.add_argument("--reason", default="", help="goes into the audit trail")

    def handle(self, *, engine: str, values: Path | None, author: str, reason: str, **options) -> None:
        names = ("review_from", "decline_from", "release_share")
        thresholds = {name: options[name] for name in names if options[name] is not None}
        try:
            if values is None and not thresholds:
                self.stdout.write(json.dumps(policy_in_force(engine).settings, indent=1))
                return
            version = draft_policy(
                engine, author=author, reason=reason, settings=_settings(values), **thresholds
            )
        except PolicyRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(self.style.SUCCESS(f"{version} drafted: manage.py activate_policy {version}"))


def _settings(path: Path | None) -> dict | None:
    if path is None:
        return None
    try:
        found = json.loads(path.read_text())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise CommandError(f"{path}: not JSON: {error}") from error
    if not isinstance(found, dict):
        raise CommandError(f"{path}: must hold a JSON object")
    return found
