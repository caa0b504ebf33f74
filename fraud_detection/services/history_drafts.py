"""The mapping of an uploaded file as people edit it: one choice per column, and the first rows beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fraud_detection.models import HistoryUpload
from fraud_detection.services.history_uploads import kept_file
from ml.history import HistoryMapping, HistoryRefused, MappingRefused
from ml.history.assignment import CHOICES, assigned, mapped
from ml.history.proposing import preview

__all__ = ["CHOICES", "Draft", "HistoryRefused", "MappingRefused", "draft_of", "mapping_of"]


@dataclass(frozen=True)
class Draft:
    """columns in the file's order, its first rows (card numbers masked), and the choice of each column."""

    columns: tuple[str, ...]
    first: list[list[str]]
    choices: dict[str, str]


def draft_of(upload: HistoryUpload) -> Draft:
    """Raises HistoryRefused when the file is gone or cannot be read any more."""
    mapping = HistoryMapping.from_json(upload.mapping)
    columns, first = preview(kept_file(upload), mapping.read)
    return Draft(columns, first, assigned(mapping, columns))


def mapping_of(
    upload: HistoryUpload, choices: Mapping[str, str], *, time: Mapping[str, Any], label: Mapping[str, Any]
) -> dict[str, Any]:
    """The mapping's JSON of these choices, read as the proposal says. Raises MappingRefused."""
    told = mapped(choices, time=time, label=label, read=upload.mapping.get("read", {}))
    return HistoryMapping.from_json(told).as_json()
