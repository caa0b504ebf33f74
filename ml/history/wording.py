"""A mapping read from its file, and a report as lines of text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ml.history.errors import MappingRefused
from ml.history.mapping import HistoryMapping


def mapping_from(path: Path) -> HistoryMapping:
    """The mapping of a JSON file. Raises MappingRefused naming line and column, or the key; OSError."""
    try:
        return mapping_of(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MappingRefused("", f"{path} is not UTF-8 text") from error
    except MappingRefused as refused:
        raise MappingRefused("", f"{path}: {refused}") from refused


def mapping_of(text: str) -> HistoryMapping:
    """The mapping of a JSON text. Raises MappingRefused."""
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        raise MappingRefused(
            "", f"line {error.lineno}, column {error.colno}: no JSON: {error.msg}"
        ) from error
    except RecursionError as error:
        raise MappingRefused("", "is nested too deeply") from error
    return HistoryMapping.from_json(told)


def report_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """What an import found, one fact a line, the cautions last."""
    balance, file = report["balance"], report["file"]
    share = "" if balance["fraud_share"] is None else f" ({balance['fraud_share']:.3%} of the known)"
    yield f"{report['rows']:,} of {file['rows']:,} rows, {file['columns']:,} columns"
    yield (
        f"labels: {balance['fraud']:,} fraud{share}, {balance['legitimate']:,} legitimate, "
        f"{balance['unknown']:,} unknown"
    )
    if time := report["time"]:
        yield f"time: {time['from']} to {time['until']}, labels known after {time['label_delay_days']:g} days"
    yield f"roles: {', '.join(report['roles']) or 'none'}"
    yield f"features: {len(report['numeric'])} numeric, {len(report['categorical'])} categorical"
    for one in report["excluded"]:
        yield f"left out: {one['column']}: {one['why']}{_worth(one)}"
    for warning in report["warnings"]:
        yield f"note: {warning}"


def _worth(one: Mapping[str, Any]) -> str:
    if one["auc_alone"] is None:
        return ""
    return f" (AUC alone {one['auc_alone']:.3f}, would add {one['added_auc']:+.3f})"
