"""Code blocks of the documents, by file and language."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.S | re.M)


class Block(NamedTuple):
    document: str
    number: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document} block {self.number}"


def documents() -> list[Path]:
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "clients/python/README.md"]
    return [*found, *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str, document: str = "") -> list[Block]:
    return [
        Block(str(path.relative_to(ROOT)), number, kind, text)
        for path in documents()
        for number, (kind, text) in enumerate(BLOCK.findall(path.read_text()))
        if kind == language and document in ("", str(path.relative_to(ROOT)))
    ]


def commands(text: str) -> list[str]:
    """The commands of a shell block: continued lines joined, comments left out."""
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [re.sub(r"\s#.*", "", line).strip() for line in lines if line.strip() and line[0] != "#"]
