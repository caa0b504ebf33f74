"""Everything stored about one customer, as a ZIP of JSON files: what the law calls access and portability."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from fraud_detection.services.privacy.sections import SECTIONS, Section, Subject
from logs.services import record
from users.models import Customer

IN_MEMORY = 8 << 20  # bytes; a larger archive lies in a temporary file without a name
ROWS = 2_000
READ_ME = """FraudGuard: what is stored about customer {customer}, as of {now}.

One file for each table, a list of its rows; a file is there even when it is empty. Columns that only hold
digests or packed numbers are left out. Texts that people wrote may name others: read them before you hand
them over.
"""


def export_customer(customer: Customer, *, actor_kind: str, actor: str, request_id: str = "") -> IO[bytes]:
    """A ZIP of every section, open for reading from its beginning; the audit trail says who made it."""
    subject, counts = Subject(customer), {}
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
    with transaction.atomic():
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            now = timezone.now().isoformat(timespec="seconds")
            archive.writestr("README.txt", READ_ME.format(customer=customer.external_id, now=now))
            for section in SECTIONS:
                counts[section.name] = _write(archive, section, subject)
        record(
            "customer.exported",
            actor_kind=actor_kind,
            actor=actor,
            subject_kind="customer",
            subject=str(customer.pk),
            after={"rows": sum(counts.values())},
            request_id=request_id,
        )
    file.seek(0)
    return file


def _write(archive: zipfile.ZipFile, section: Section, subject: Subject) -> int:
    count = 0
    with archive.open(f"{section.name}.json", "w", force_zip64=True) as part:
        for count, row in enumerate(_rows(section, subject), 1):
            part.write(b"[\n" if count == 1 else b",\n")
            part.write(json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False).encode("utf-8", "replace"))
        part.write(b"\n]\n" if count else b"[]\n")
    return count


def _rows(section: Section, subject: Subject) -> Iterator[dict[str, Any]]:
    left_out = set(section.hidden)
    columns = [
        field.attname
        for field in section.model._meta.concrete_fields
        if field.name not in left_out and not field.name.endswith("_key")
    ]
    yield from section.rows(subject).values(*columns).iterator(chunk_size=ROWS)
