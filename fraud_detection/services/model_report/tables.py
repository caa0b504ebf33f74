"""What a training measured, as tables: the model page and the Markdown card show the same ones.

The report is made by ml/modeling; any part of it may be missing, and a model without one has the
figures of its card.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fraud_detection.models import ModelVersion
from fraud_detection.services.model_report.wording import (
    METRIC_NAMES,
    NONE,
    Report,
    first,
    in_order,
    interval,
    items,
    number,
    part,
    records,
    split,
    told,
)

MOST_ROWS = 50
DATA = (
    *("source", "history", "rows", "positives", "unlabelled"),
    *("measured_on", "measured_rows", "measured_positives"),
)


@dataclass(frozen=True)
class Table:
    """`rows` are texts, numbers right of the first column; `note` says what they rest on."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def report_tables(version: ModelVersion) -> list[Table]:
    """Every table that has a row, in the order of reading."""
    report = version.report or {}
    made = (make(version, report) for make in TABLES)
    return [table for table in made if table.rows]


def warnings_of(version: ModelVersion) -> list[str]:
    """What the training warned of, the notes of the card, and columns that give the label away."""
    report = version.report or {}
    said = [*items(part(report, "data"), "warnings"), *version.card.get("notes", ())]
    told_of = " ".join(map(str, said))
    said += [
        f"Column {leak.get('column')} alone ranks the labels with AUC {number(leak.get('auc'))}: "
        "it may tell the outcome rather than foretell it."
        for leak in records(report, "leaks")
        if str(leak.get("column")) not in told_of
    ]
    return list(dict.fromkeys(str(one) for one in said))


def headline(version: ModelVersion) -> list[tuple[str, str, str]]:
    """(name, figure, interval or what it rests on) of the figures people ask for first."""
    metrics = _metrics(version)
    found = [
        (METRIC_NAMES[name], *split(metrics[name]))
        for name in ("average_precision", "roc_auc", "brier")
        if metrics.get(name) is not None
    ]
    card = part(version.report or {}, "card_precision_100")
    if card.get("value") is not None:
        found.append(("Card precision at 100", *split(card)))
    return found


def measured_on(version: ModelVersion) -> str:
    """What the figures rest on, in words."""
    if version.card.get("source") == "external":
        return "the labelled rows of the sample"
    where = part(version.report or {}, "data").get("measured_on")
    return f"{where} rows" if where else "rows that took no part in training"


def _metrics(version: ModelVersion) -> Mapping[str, Any]:
    return part(version.report or {}, "metrics") or version.card.get("metrics") or {}


def _data(version: ModelVersion, report: Report) -> Table:
    data, names = part(report, "data"), DATA
    rows = [
        (name.replace("_", " ").capitalize(), number(data[name]))
        for name in names
        if data.get(name) is not None
    ]
    if data.get("from") or data.get("until"):
        rows.append(("Period", f"{number(data.get('from'))} until {number(data.get('until'))}"))
    split = data.get("split")
    for name in first(split) if isinstance(split, Mapping) else ():
        rows.append((f"Split: {str(name).replace('_', ' ')}", told(split[name])))
    if not rows and version.card.get("split"):
        window = version.card.get("training_window") or {}
        rows = [("Split", str(version.card["split"]))]
        rows += [(str(name).replace("_", " ").capitalize(), told(value)) for name, value in window.items()]
    return Table("data", "Data", ("What", "Value"), tuple(rows))


def _figures(version: ModelVersion, report: Report) -> Table:
    measured = _metrics(version)
    rows = [
        (METRIC_NAMES.get(name, str(name).replace("_", " ").capitalize()), interval(measured[name]))
        for name in in_order(measured)
        if measured[name] is not None
    ]
    found = part(report, "card_precision_100")
    if found.get("value") is not None:
        rows.append((f"Card precision at 100, {number(found.get('days'))} days", interval(found)))
    for name, folds in part(report, "cross_validation").items():
        if isinstance(folds, Mapping) and folds.get("mean") is not None:
            count = (
                len(folds["folds"]) if isinstance(folds.get("folds"), list) else number(folds.get("folds"))
            )
            value = f"{number(folds['mean'])} (SD {number(folds.get('sd'))}, {count} folds)"
            rows.append((f"Cross-validated {METRIC_NAMES.get(name, name)}", value))
    note = f"Measured on {measured_on(version)}; intervals are 95%."
    return Table("metrics", "Figures", ("Figure", "Value"), tuple(rows), note)


def _against(version: ModelVersion, report: Report) -> Table:
    rows = []
    champion = part(report, "champion")
    metrics = part(champion, "metrics")
    for name in ("average_precision", "roc_auc", "brier"):
        if metrics.get(name) is not None:
            what = f"{METRIC_NAMES[name]}: champion {champion.get('version') or NONE}"
            rows.append((what, interval(metrics[name]), interval(_metrics(version).get(name))))
    rules = part(report, "rules_alone")
    for name in ("precision", "recall", "alerts"):
        if rules.get(name) is not None:
            rows.append((f"Rules alone: {name}", interval(rules[name]), NONE))
    columns = ("On the same rows", "It", "This model")
    return Table("comparison", "Against the champion and the rules", columns, tuple(rows))


def _thresholds(version: ModelVersion, report: Report) -> Table:
    rows = []
    for name, value in part(report, "thresholds").items():
        if value is not None:
            rows.append((f"By {name}", told(value)))
    cost = part(report, "cost")
    for name, what in (
        ("false_positive", "Cost of a false alarm"),
        ("loss", "Loss of a missed fraud"),
        ("threshold", "Cheapest threshold, p* = C / (C + L)"),
    ):
        if cost.get(name) is not None:
            rows.append((what, number(cost[name])))
    return Table("thresholds", "Thresholds and cost", ("What", "Value"), tuple(rows))


def _listed(
    key: str, source: str, title: str, columns: Iterable[tuple[str, str | Callable]], note: str = ""
) -> Callable[[ModelVersion, Report], Table]:
    """A table whose rows are the dictionaries of one part of the report."""
    wanted = tuple(columns)

    def make(version: ModelVersion, report: Report) -> Table:
        rows = tuple(
            tuple(how(item) if callable(how) else number(item.get(how)) for _, how in wanted)
            for item in records(report, source)
        )
        more = f" The first {MOST_ROWS} of {len(rows):,}." if len(rows) > MOST_ROWS else ""
        return Table(key, title, tuple(name for name, _ in wanted), rows[:MOST_ROWS], (note + more).strip())

    return make


def _candidates(version: ModelVersion, report: Report) -> Table:
    rows = [
        (str(item.get("name")), number(item.get("average_precision")), told(item.get("parameters") or {}))
        for item in records(report, "candidates")
    ] or [(str(name), number(value), "") for name, value in (version.card.get("candidates") or {}).items()]
    columns = ("Candidate", "Average precision", "Parameters")
    return Table("candidates", "Candidates", columns, tuple(rows), "Compared on the validation rows.")


def _with_interval(item: Mapping[str, Any]) -> str:
    return interval({"value": item.get("roc_auc"), "low": item.get("low"), "high": item.get("high")})


TABLES: tuple[Callable[[ModelVersion, Report], Table], ...] = (
    _figures,
    _against,
    _thresholds,
    _listed(
        "at_k",
        "at_k",
        "At the k highest scores",
        (("k", "k"), ("Precision", "precision"), ("Recall", "recall")),
    ),
    _listed(
        "per_day",
        "per_day",
        "At an alert budget",
        (("Alerts a day", "alerts_per_day"), ("Precision", "precision"), ("Recall", "recall")),
    ),
    _listed(
        "segments",
        "segments",
        "Segments",
        (
            ("Segment", lambda item: f"{item.get('segment')}: {item.get('value')}"),
            ("Rows", "n"),
            ("Frauds", "positives"),
            ("ROC AUC", _with_interval),
            ("Average precision", "average_precision"),
        ),
        "ROC AUC with its 95% interval.",
    ),
    _listed(
        "importance",
        "importance",
        "Importance",
        (("Feature", "feature"), ("Share of all contributions", "share")),
    ),
    _candidates,
    _listed(
        "calibration",
        "calibration",
        "Calibration",
        (("Mean predicted", "mean_predicted"), ("Observed", "observed"), ("Rows", "n")),
    ),
    _data,
    _listed(
        "leaks", "leaks", "Columns that give the label away", (("Column", "column"), ("AUC alone", "auc"))
    ),
    _listed(
        "excluded",
        "excluded",
        "Excluded columns",
        (("Column", "column"), ("AUC alone", "auc_alone"), ("Would have added", "added_auc")),
        "What each would have added to the cross-validated ROC AUC.",
    ),
)
