"""Attachments: checked by name and content, whole or not at all, verified when they are read."""

import hashlib
import http.client
import io
import os
import time
import zipfile

import pytest

from alerts.models import CaseFile
from alerts.services.cases.errors import CaseRefused
from alerts.services.cases.filing import (
    FileDamaged,
    attach_file,
    file_content,
    forget_abandoned_files,
    path_of,
)
from alerts.services.cases.opening import open_case
from alerts.services.cases.receiving import FileTooLarge
from logs.models import AuditEvent
from users.models import Customer

PDF = b"%PDF-1.7\nhello"


@pytest.fixture(autouse=True)
def directory(settings, tmp_path):
    settings.CASE_FILES_DIR = tmp_path / "files"
    return settings.CASE_FILES_DIR


@pytest.fixture
def case(db, analyst):
    customer = Customer.objects.create(external_id="C-1")
    return open_case(title="Ring", acting_user=analyst, customer=customer)


def attach(case, user, name="a.pdf", content=PDF, **options):
    return attach_file(case_id=case.pk, acting_user=user, name=name, content=[content], **options)


def on_disk(directory):
    return [path for path in directory.rglob("*") if path.is_file()] if directory.exists() else []


def office(*names):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


@pytest.mark.django_db
def test_a_file_lies_under_a_random_name_with_its_digest(case, analyst, directory):
    file = attach(case, analyst, name="C:\\Users\\x\\Statement.pdf", request_id="r")
    digest = hashlib.sha256(PDF).hexdigest()
    assert (file.name, file.size, file.sha256, file.content_type) == (
        *("Statement.pdf", len(PDF), digest),
        "application/pdf",
    )
    assert on_disk(directory) == [path_of(file.stored)] and "Statement" not in str(path_of(file.stored))
    assert path_of(file.stored).stat().st_mode & 0o777 == 0o600
    assert b"".join(file_content(file)) == PDF
    event = AuditEvent.objects.get(action="case.file_added")
    assert event.after == {"file": file.pk, "sha256": digest, "bytes": len(PDF)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", b"<script>"),
        ("a.svg", b"<svg/>"),
        ("a.exe", b"MZ"),
        ("noending", PDF),
        ("a.pdf", b"<html>"),
        ("a.png", PDF),
        ("a.txt", b"MZ\x90"),
        ("a.csv", b"a\x00b"),
        ("a.txt", b""),
        ("a.docx", b"PK\x03\x04 cut off"),
        ("a.docx", office("other.xml")),
        ("a.xlsx", office("[Content_Types].xml", "xl/vbaProject.bin")),
        ("a\x00.pdf", PDF),
        ("a\ud800.pdf", PDF),
        ("..", PDF),
    ],
)
def test_what_is_not_what_it_says_is_refused_and_leaves_nothing(case, analyst, directory, name, content):
    with pytest.raises(CaseRefused) as refused:
        attach(case, analyst, name=name, content=content)
    assert refused.value.field == "file"
    assert on_disk(directory) == [] and not CaseFile.objects.exists()


@pytest.mark.django_db
def test_office_files_and_texts_are_taken(case, analyst):
    assert attach(case, analyst, "a.docx", office("[Content_Types].xml")).size > 0
    assert attach(case, analyst, "Übersicht.csv", "a;ü\n".encode()).content_type == "text/csv"


@pytest.mark.django_db
def test_size_and_quota_are_kept(case, analyst, directory, settings):
    settings.CASE_FILE_MB = 1
    with pytest.raises(FileTooLarge, match="larger than the 1 MiB"):
        attach(case, analyst, content=PDF + b"x" * 2**20)
    settings.CASE_FILES_QUOTA_MB = 1
    attach(case, analyst, content=PDF + b"x" * 600_000)
    with pytest.raises(FileTooLarge, match="may have 1 MiB in all"):
        attach(case, analyst, content=PDF + b"x" * 600_000)
    assert len(on_disk(directory)) == CaseFile.objects.count() == 1


@pytest.mark.django_db
def test_an_upload_that_breaks_leaves_nothing(case, analyst, directory):
    def broken():
        yield PDF
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        attach_file(case_id=case.pk, acting_user=analyst, name="a.pdf", content=broken())
    assert on_disk(directory) == [] and not CaseFile.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_damaged_file_is_not_handed_out(case, analyst, damage):
    file = attach(case, analyst)
    path_of(file.stored).write_bytes(b"other") if damage == "changed" else path_of(file.stored).unlink()
    with pytest.raises(FileDamaged, match="restore it from a backup"):
        file_content(file)


@pytest.mark.django_db
def test_what_a_killed_process_left_is_removed_after_a_day(case, analyst, directory):
    kept = path_of(attach(case, analyst).stored)
    part, orphan, young = (directory / "ab" / name for name in ("abc.part", "abd", "abe.part"))
    part.parent.mkdir(exist_ok=True)
    for path in (part, orphan, young):
        path.write_bytes(b"x")
    old = time.time() - 90_000
    for path in (part, orphan, kept):
        os.utime(path, (old, old))
    assert forget_abandoned_files() == 2
    assert sorted(on_disk(directory)) == sorted([kept, young])


BOUNDARY = "--------edge"


def multipart(content=PDF, name="a.pdf", closed=True):
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + content + (f"\r\n--{BOUNDARY}--\r\n".encode() if closed else b"")


def send(server, case, token, body, length=None):
    """Post a body over a real connection; one shorter than its length is ended there."""
    connection = http.client.HTTPConnection(server.thread.host, server.thread.port, timeout=20)
    connection.putrequest("POST", f"/api/v1/cases/{case.pk}/files/")
    connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    connection.putheader("Content-Length", str(length or len(body)))
    connection.endheaders()
    connection.send(body)
    connection.sock.shutdown(1)
    answer = connection.getresponse()
    status, text = answer.status, answer.read().decode()
    connection.close()
    return status, text


@pytest.mark.django_db(transaction=True)
def test_an_upload_cut_off_half_way_stores_nothing(live_server, analyst, directory):
    from users.services.tokens import issue_tokens

    case = open_case(title="R", acting_user=analyst, customer=Customer.objects.create(external_id="C-1"))
    token, whole = issue_tokens(analyst).access, multipart(PDF + b"x" * 200_000)
    for body, length in (
        (whole[:100_000], len(whole)),
        (multipart(closed=False), None),
        (whole[:-4], len(whole)),
        (whole[:-4], None),
    ):
        status, text = send(live_server, case, token, body, length)
        assert status == 422 and "cut off before its end" in text
        assert on_disk(directory) == [] and not CaseFile.objects.exists()
    status, text = send(live_server, case, token, whole)
    assert status == 201 and CaseFile.objects.get().size == len(PDF) + 200_000


@pytest.mark.django_db
def test_a_sound_is_not_taken_for_a_picture(case, analyst, directory):
    with pytest.raises(CaseRefused, match="does not contain what"):
        attach(case, analyst, name="a.webp", content=b"RIFF\x00\x00\x00\x00WAVEfmt ")
    assert on_disk(directory) == []
    assert attach(case, analyst, name="a.webp", content=b"RIFF\x00\x00\x00\x00WEBPVP8 ").size == 16
