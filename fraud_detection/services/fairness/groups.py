"""Loading the groups of applicants from a file of their own."""

import csv
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from fraud_detection.models import ApplicantGroup
from fraud_detection.services.csv_files import DELIMITERS, UNREADABLE, FileRefused, opened, unreadable
from logs.services import record

APPLICANT = "applicant_id"
CHUNK = 5_000


@transaction.atomic
def load_groups(path: Path, *, acting: str) -> int:
    """Take in a CSV: applicant_id, and a column for each attribute. All of it or nothing.

    A newer file replaces what it names; an empty cell takes nothing in. Returns the number of groups
    stored. Raises FileRefused naming line and column.
    """
    stored, batch = 0, []
    for line, applicant, attribute, group in _cells(path):
        if len(applicant) > 128 or len(group) > 64:
            raise FileRefused(f"line {line}, column {attribute}: longer than 64 characters")
        batch.append(ApplicantGroup(applicant_id=applicant, attribute=attribute, group=group))
        if len(batch) >= CHUNK:
            stored += _store(batch)
            batch = []
    stored += _store(batch)
    record(
        "applicant_groups.loaded",
        actor_kind="user" if "@" in acting else "system",
        actor=acting,
        subject_kind="file",
        subject=path.name,
        after={"groups": stored},
    )
    return stored


def _store(batch: list[ApplicantGroup]) -> int:
    unique = {(each.attribute, each.applicant_id): each for each in batch}  # the last line counts
    ApplicantGroup.objects.bulk_create(
        unique.values(),
        update_conflicts=True,
        unique_fields=("attribute", "applicant_id"),
        update_fields=("group", "loaded_at"),
    )
    return len(unique)


def _cells(path: Path) -> Iterator[tuple[int, str, str, str]]:
    with opened(path) as text:
        try:
            header = text.readline(1 << 20)
            delimiter = max(DELIMITERS, key=header.count)
            columns = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), ())]
            if APPLICANT not in columns or len(columns) < 2:
                raise FileRefused(f"line 1: needs the column {APPLICANT} and one for each attribute")
            for line, values in enumerate(csv.reader(text, delimiter=delimiter), 2):
                if values and len(values) != len(columns):
                    raise FileRefused(f"line {line}: has {len(values)} values for {len(columns)} columns")
                named = dict(zip(columns, (value.strip() for value in values), strict=bool(values)))
                applicant = named.pop(APPLICANT, "") if values else ""
                if values and not applicant:
                    raise FileRefused(f"line {line}, column {APPLICANT}: is empty")
                yield from ((line, applicant, name, group) for name, group in named.items() if group)
        except UNREADABLE as error:
            raise FileRefused(unreadable(error, 1)) from error
