"""The sentences of an import's report: what to know before training on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml.features.durations import DAY
from ml.history.columns import MOST_CATEGORIES
from ml.history.gathering import Gatherer
from ml.history.history import History
from ml.history.labels import shown

FEW_ROWS = 1_000
FEW_POSITIVES = 50


def warnings_of(report: Mapping[str, Any], history: History, gatherer: Gatherer) -> list[str]:
    """Most important first."""
    return [
        *_labels(report, history),
        *_rows(report),
        *_columns(report, gatherer),
        *gatherer.extras.warnings,
        *_times(report, history),
    ]


def _labels(report: Mapping[str, Any], history: History) -> list[str]:
    balance, said = report["balance"], []
    if "label" not in history.roles:
        said.append("no label: the history can be scored, not trained on")
    elif not balance["fraud"] + balance["legitimate"]:
        said.append("every label is unknown: the history can be scored, not trained on")
    elif not balance["fraud"] or not balance["legitimate"]:
        present = "fraud" if balance["fraud"] else "legitimate"
        said.append(f"every known label is {present}: a model needs both classes")
    elif balance["fraud"] < FEW_POSITIVES:
        said.append(f"only {balance['fraud']:,} rows are fraud: figures of a model will be uncertain")
    if (balance["fraud_share"] or 0) > 0.5:
        said.append(
            f"{balance['fraud_share']:.0%} of the known labels are fraud: "
            "are label.fraud and label.legitimate swapped?"
        )
    strange = {text: n for text, n in report["unknown_labels"].items() if text}
    if strange and balance["fraud"] + balance["legitimate"]:
        said.append(f"label values that are neither fraud nor legitimate count as unknown: {shown(strange)}")
    return said


def _rows(report: Mapping[str, Any]) -> list[str]:
    said, duplicates = [], report["duplicates"]
    if report["rows"] < FEW_ROWS:
        said.append(f"only {report['rows']:,} rows: figures of a model will be uncertain")
    if report["refused"]["count"]:
        first = report["refused"]["first"][0]
        where = f"line {first['line']}" + (f", column {first['column']}" if first["column"] else "")
        said.append(
            f"{report['refused']['count']:,} rows were left out; the first: {where}: {first['reason']}"
        )
    if duplicates["left_out"]:
        said.append(f"{duplicates['left_out']:,} rows stood there before with the same id and were left out")
    elif duplicates["rows"]:
        said.append(f"{duplicates['rows']:,} rows are the same as an earlier row; they are kept")
    if duplicates["ids"]:
        examples = ", ".join(duplicates["examples"])
        said.append(
            f"{duplicates['ids']:,} rows share an id with another row of other content, such as {examples}"
        )
    return said


def _columns(report: Mapping[str, Any], gatherer: Gatherer) -> list[str]:
    said = [f"{one['column']} gives the label away by itself (AUC {one['auc']:.3f}): known only afterwards?"
            for one in report["leaking"]]  # fmt: skip
    for one in report["mixed"]:
        example = one["examples"][0]
        said.append(
            f"{one['column']}: {one['cells']:,} cells are no numbers and count as missing, such as "
            f"'{example['value']}' in line {example['line']}"
        )
    for name, (_, reader) in gatherer.extras.readers.items():
        if getattr(reader, "overflowed", False):
            said.append(f"{name}: values beyond the first {MOST_CATEGORIES:,} count as one")
    if gatherer.extras.unlisted:
        count = len(gatherer.extras.unlisted)
        some = ", ".join(gatherer.extras.unlisted[:8]) + (", ..." if count > 8 else "")
        said.append(f"{count:,} columns that the mapping does not list are left out: {some}")
    if not report["numeric"] and not report["categorical"]:
        said.append("no extra column became a feature")
    return said


def _times(report: Mapping[str, Any], history: History) -> list[str]:
    if history.times is None:
        return ["no time: rows are split at random, figures may be better than the future will be"]
    said = []
    if report["time"]["out_of_order"]:
        said.append("the rows were not in order of time; they are now")
    if report["time"]["kind"] == "ordinal":
        said.append("one step of the time counts as one day" + _delay(history))
    days = (int(history.times[-1]) - int(history.times[0])) / DAY
    if history.label_delay / DAY > days / 4 and report["balance"]["fraud"]:
        said.append(
            f"the history spans {days:,.1f} days and a label is known after {history.label_delay / DAY:g}: "
            "if yours were known earlier, say so in label.delay_days"
        )
    if report["time"]["distinct"] == 1:
        said.append("every row has the same time: it orders nothing")
    return said


def _delay(history: History) -> str:
    return (
        ""
        if history.label_delay
        else "; labels count as known at once unless label.delay_days says otherwise"
    )
