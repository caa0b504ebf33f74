"""A ZIP that is sent while it is made, with a manifest of the sums of its members at its end."""

import hashlib
import json
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MANIFEST = "manifest.json"
Member = tuple[str, Iterable[bytes]]


class _Sink:
    """Takes what the archive writes, until it is handed on; it cannot be rewound, so nothing is kept."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self.parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken, self.parts = b"".join(self.parts), []
        return taken


def archived(members: Iterable[Member], about: Mapping[str, Any]) -> Iterator[bytes]:
    """The bytes of a ZIP of (name, parts); the manifest says `about`, and size and sha256 of each member."""
    sink, listed = _Sink(), []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, parts in members:
            digest, size = hashlib.sha256(), 0
            with archive.open(_entry(name), "w", force_zip64=True) as member:
                for part in parts:
                    digest.update(part)
                    size += len(part)
                    member.write(part)
                    yield sink.take()
            listed.append({"name": name, "bytes": size, "sha256": digest.hexdigest()})
        manifest = {**about, "members": listed}
        archive.writestr(_entry(MANIFEST), json.dumps(manifest, indent=1, ensure_ascii=False))
    yield sink.take()


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, time.gmtime()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
