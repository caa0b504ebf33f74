"""Which files may be attached to a case: by their extension, and by what they really contain."""

import zipfile
from pathlib import Path

from alerts.services.cases.errors import CaseRefused

ZIP, OLE = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
OFFICE = "application/vnd.openxmlformats-officedocument"
TEXT: tuple[bytes, ...] = ()
# Extension -> type, and the bytes that such a file begins with; a text begins with anything but these.
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "gif": ("image/gif", (b"GIF87a", b"GIF89a")),
    "webp": ("image/webp", (b"RIFF",)),
    "tif": ("image/tiff", (b"II*\x00", b"MM\x00*")),
    "tiff": ("image/tiff", (b"II*\x00", b"MM\x00*")),
    "docx": (f"{OFFICE}.wordprocessingml.document", ZIP),
    "xlsx": (f"{OFFICE}.spreadsheetml.sheet", ZIP),
    "pptx": (f"{OFFICE}.presentationml.presentation", ZIP),
    "odt": ("application/vnd.oasis.opendocument.text", ZIP),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", ZIP),
    "zip": ("application/zip", ZIP),
    "doc": ("application/msword", OLE),
    "xls": ("application/vnd.ms-excel", OLE),
    "msg": ("application/vnd.ms-outlook", OLE),
    "txt": ("text/plain", TEXT),
    "log": ("text/plain", TEXT),
    "csv": ("text/csv", TEXT),
    "json": ("application/json", TEXT),
    "eml": ("message/rfc822", TEXT),
}
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
INSIDE = {"docx": "[Content_Types].xml", "xlsx": "[Content_Types].xml", "pptx": "[Content_Types].xml"}
FURTHER = {"webp": b"WEBP"}  # at byte 8: sounds and films begin with RIFF too
LOOKED_AT = 8192


def type_of(name: str) -> str:
    """The content type of a file of this name; raises CaseRefused for an extension that is not taken."""
    extension = _extension(name)
    if extension not in KINDS:
        raise CaseRefused("file", f"“{name[-60:]}” is not a kind that is taken: {', '.join(sorted(KINDS))}")
    return KINDS[extension][0]


def check_content(path: Path, name: str) -> None:
    """Raises CaseRefused when a stored file is not what its extension says."""
    extension = _extension(name)
    with path.open("rb") as file:
        start = file.read(LOOKED_AT)
    beginnings = KINDS[extension][1]
    if not start:
        raise CaseRefused("file", "is empty")
    if beginnings and not (
        start.startswith(beginnings) and start[8:].startswith(FURTHER.get(extension, b""))
    ):
        raise CaseRefused("file", f"does not contain what a .{extension} file contains")
    if not beginnings and (start.startswith(PROGRAMS) or b"\x00" in start):
        raise CaseRefused("file", f"is not a text, as a .{extension} file is")
    if beginnings == ZIP:
        _check_archive(path, extension)


def _check_archive(path: Path, extension: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise CaseRefused("file", f"is damaged or cut off: {error}") from error
    if (wanted := INSIDE.get(extension)) and wanted not in names:
        raise CaseRefused("file", f"does not contain what a .{extension} file contains")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise CaseRefused("file", "contains macros; save it without them")


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""
