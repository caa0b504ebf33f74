"""Taking a file out of a request as a whole, or not at all."""

from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from alerts.services.cases.errors import CaseRefused

MEBIBYTE = 1 << 20
FORM_OVERHEAD = 64 * 1024  # boundaries, headers and small fields around the file
TAIL = 128
CUT_OFF = "the upload was cut off before its end; nothing was stored, send it again"


class FileTooLarge(CaseRefused):
    """The file, or what the case would then hold, is larger than the settings allow."""


class Watched:
    """The body of a request, counted while it is read: a parser takes a body that ends early for whole."""

    def __init__(self, stream: IO[bytes]):
        self.stream, self.count, self.tail = stream, 0, b""

    def read(self, *size: int) -> bytes:
        return self._seen(self.stream.read(*size))

    def readline(self, *size: int) -> bytes:
        return self._seen(self.stream.readline(*size))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def _seen(self, part: bytes) -> bytes:
        self.count += len(part)
        self.tail = (self.tail + part)[-TAIL:]
        return part


def check_length(request: HttpRequest) -> int:
    """The length that the request says it has. Raises FileTooLarge before a byte is read."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdigit():
        raise CaseRefused("file", "send the body with a Content-Length")
    if int(length) > settings.CASE_FILE_MB * MEBIBYTE + FORM_OVERHEAD:
        raise FileTooLarge("file", f"is larger than the {settings.CASE_FILE_MB:,} MiB that are taken")
    return int(length)


def received(request: HttpRequest) -> UploadedFile:
    """The multipart part named `file`, spooled to disk. Raises CaseRefused when anything of it is missing.

    Nobody may have read the body before, so a form's CSRF token is checked afterwards.
    """
    length = check_length(request)
    if not (request.content_type or "").startswith("multipart/form-data"):
        raise CaseRefused("file", "send it as multipart/form-data, in a part named file")
    watched = request._stream = Watched(request._stream)
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    try:
        file = request.FILES.get("file")
    except (MultiPartParserError, UnreadablePostError) as error:
        raise CaseRefused("file", CUT_OFF) from error
    boundary = str(request.content_params.get("boundary", "")).encode("latin-1", "replace")
    if watched.count != length or not watched.tail.rstrip().endswith(boundary + b"--"):
        raise CaseRefused("file", CUT_OFF)
    if file is None:
        raise CaseRefused("file", "no part named file was sent")
    return file
