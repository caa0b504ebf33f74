"""Rules as files: export what is in force, compare a file with it, bring a file in."""

import argparse
import sys
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.rule_packs import (
    Difference,
    Pack,
    PackRefused,
    apply_pack,
    differences,
    exported_rules,
    read_pack,
)
from fraud_detection.services.rule_packs.yaml_nodes import LARGEST
from fraud_detection.services.rulebook import RuleFourEyesRefused, RuleRefused, RuleStageRefused
from fraud_detection.services.serving import EngineNotInstalled
from users.models import User

MARKS = {"added": "+", "changed": "~", "missing": "-"}
EXPECTED = (RuleFourEyesRefused, RuleStageRefused, RuleRefused, EngineNotInstalled, PermissionDenied)


class Command(BaseCommand):
    help = "Export, compare and apply rules as YAML files."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        export = actions.add_parser("export", help="write the rules in force")
        export.add_argument("--engine", required=True, choices=sorted(ENGINES))
        export.add_argument("--out", help="file; without it they are printed")
        diff = actions.add_parser("diff", help="what a file would change; exit code 1 when anything")
        diff.add_argument("file")
        apply = actions.add_parser("apply", help="draft and submit what a file changes")
        apply.add_argument("file")
        apply.add_argument("--author", required=True, help="e-mail of who drafts rules")
        apply.add_argument(
            "--approver", help="e-mail of another who approves them; without: they stay pending"
        )

    def handle(self, *args, **options) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except PackRefused as refused:
            lines = [f"{options['file']}:{fault.line}: {fault.detail}" for fault in refused.faults]
            raise CommandError("\n".join(lines)) from None
        except EXPECTED as error:
            raise CommandError(str(error)) from None

    def _export(self, options: dict) -> None:
        text = exported_rules(options["engine"])
        if options["out"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            Path(options["out"]).write_text(text)
        except OSError as error:
            raise CommandError(f"cannot write {options['out']}: {error.strerror}") from None
        self.stdout.write(f"{options['out']} written")

    def _diff(self, options: dict) -> None:
        found = differences(_read(options["file"]))
        for difference in found:
            self._show(difference)
        if found:
            sys.exit(1)
        self.stdout.write("No difference.")

    def _show(self, difference: Difference) -> None:
        where = f" (line {difference.line})" if difference.line else " is in force, but not in the file"
        self.stdout.write(f"{MARKS[difference.what]} {difference.subject}{where}")
        for name, before, after in difference.changes if difference.what == "changed" else ():
            self.stdout.write(f"    {name}: {_shown(before)} -> {_shown(after)}")

    def _apply(self, options: dict) -> None:
        author = _person(options["author"])
        approver = _person(options["approver"]) if options["approver"] else None
        done = apply_pack(_read(options["file"]), acting_user=author, approver=approver)
        for name in done.lists:
            self.stdout.write(f"list {name} made")
        for rule in done.rules:
            self.stdout.write(f"{rule.code}: {rule.stage}{'' if rule.is_new else ' already'}")
        if not done.changed:
            self.stdout.write("Nothing to do.")


def _read(name: str) -> Pack:
    try:
        with Path(name).open("rb") as file:
            return read_pack(file.read(LARGEST + 1))
    except OSError as error:
        raise CommandError(f"cannot read {name}: {error.strerror}") from None


def _person(email: str) -> User:
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise CommandError(f"nobody has the address {email}")
    return found


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return " ".join(str(value).split()) if isinstance(value, str) else repr(value)
