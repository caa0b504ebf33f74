"""An upload out of a request, straight to its place on disk: as a whole, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from alerts.services.cases.receiving import FORM_OVERHEAD, Watched
from fraud_detection.services.jobs import places
from fraud_detection.services.jobs.errors import JobRefused, JobTooLarge
from fraud_detection.services.jobs.places import MEBIBYTE
from fraud_detection.services.jobs.starting import CHECKED_EVERY, too_large

CUT_OFF = "the upload was cut off before its end; nothing was stored, send it again"


@dataclass(frozen=True)
class Received:
    """A file that lies whole in its folder, and the other fields of the form."""

    folder: str
    filename: str
    size: int
    fields: dict[str, str]


class _ToDisk(FileUploadHandler):
    """Writes the part named `file` down as it comes, within the limits."""

    chunk_size = MEBIBYTE

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.folder, self.filename, self.size, self.checked = "", "", 0, 0
        self.file: BinaryIO | None = None

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        if field_name != "file" or self.folder:
            raise JobRefused("file", "send one file, in a part named file")
        self.folder, self.filename = places.new_folder(), file_name
        self.file = (places.home() / self.folder / places.UPLOAD).open("wb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size += len(raw_data)
        if self.size > settings.BATCH_UPLOAD_MB * MEBIBYTE:
            raise JobTooLarge("file", too_large())
        if self.size >= self.checked:
            places.check_room(CHECKED_EVERY)
            self.checked = self.size + CHECKED_EVERY
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        self.close()
        places.sync(places.home() / self.folder / places.UPLOAD)

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None

    def discard(self) -> None:
        self.close()
        if self.folder:
            places.forget(self.folder)


@contextmanager
def received(request: HttpRequest) -> Iterator[Received]:
    """The file and the fields of a multipart request that nobody has read yet.

    Removed again when the work inside raises. Raises JobRefused, JobTooLarge, NoRoom.
    """
    length = check_length(request)
    handler = _ToDisk(request)
    try:
        _read(request, handler, length)
        fields = {name: request.POST[name] for name in request.POST}
        yield Received(handler.folder, handler.filename, handler.size, fields)
    except BaseException:
        handler.discard()
        raise


def check_length(request: HttpRequest) -> int:
    """The length that the request says it has, refused before a byte of it is read."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdigit():
        raise JobRefused("file", "send the body with a Content-Length")
    if int(length) > settings.BATCH_UPLOAD_MB * MEBIBYTE + FORM_OVERHEAD:
        raise JobTooLarge("file", too_large())
    if not (request.content_type or "").startswith("multipart/form-data"):
        raise JobRefused("file", "send it as multipart/form-data, in a part named file")
    places.check_room(int(length))
    return int(length)


def _read(request: HttpRequest, handler: _ToDisk, length: int) -> None:
    watched = request._stream = Watched(request._stream)
    request.upload_handlers = [handler]
    try:
        request.FILES  # noqa: B018 - reading it reads the body
    except (MultiPartParserError, UnreadablePostError) as error:
        raise JobRefused("file", CUT_OFF) from error
    boundary = str(request.content_params.get("boundary", "")).encode("latin-1", "replace")
    if watched.count != length or not watched.tail.rstrip().endswith(boundary + b"--"):
        raise JobRefused("file", CUT_OFF)
    if not handler.folder:
        raise JobRefused("file", "no part named file was sent")
