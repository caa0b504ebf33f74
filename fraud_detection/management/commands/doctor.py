import sys

from django.core.management.base import BaseCommand

from fraud_detection.services.doctor import Grade, examine

MARKS = {Grade.OK: "ok     ", Grade.WARNING: "WARNING", Grade.FAULT: "FAULT  "}


class Command(BaseCommand):
    help = "Examine this installation and say what to do; exit code 1 when something is at fault."
    requires_system_checks = []

    def handle(self, **options) -> None:
        faults = 0
        for finding in examine():
            style = {Grade.FAULT: self.style.ERROR, Grade.WARNING: self.style.WARNING}.get(finding.grade)
            line = f"{MARKS[finding.grade]}  {finding.what}: {finding.found}"
            self.stdout.write(style(line) if style else line)
            if finding.remedy:
                self.stdout.write(f"         {finding.remedy}")
            faults += finding.grade is Grade.FAULT
        if faults:
            sys.exit(1)
