"""The model card as Markdown: what the model is, what was measured, what it must not be used for."""

from django.utils import timezone

from fraud_detection.models import ModelVersion
from fraud_detection.services.model_report.tables import Table, report_tables, warnings_of
from fraud_detection.services.model_report.wording import number
from fraud_detection.services.model_stages import missing_live


def markdown_card(version: ModelVersion) -> str:
    """The whole card; ends with a newline."""
    blocks = [
        f"# {version}",
        _opening(version),
        _listed("Warnings", warnings_of(version)),
        *(_table(table) for table in report_tables(version)),
        _technical(version),
        _listed("Features", [f"`{_plain(name)}`" for name in version.card.get("features", ())]),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _opening(version: ModelVersion) -> str:
    card = version.card
    if missing_live(version):
        use = "It reads what live events do not carry, so it scores histories and cannot serve."
    elif version.generated_data_only:
        use = "It was trained on generated data only: it may lift an event to review, never to decline."
    else:
        use = "It may lift an event to review and to decline, together with the rules."
    made = f"{timezone.localtime(version.created_at):%-d %B %Y}"
    return (
        f"A {_plain(card.get('algorithm', 'model'))} for the engine {version.engine}, "
        f"stage {version.stage}, registered {made} by {_plain(version.created_by or 'system')}. {use}"
    )


def _technical(version: ModelVersion) -> str:
    card = version.card
    rows = [
        ("File", version.path),
        ("SHA-256 of the file", version.sha256),
        ("Hash of predictions", card.get("prediction_hash")),
        ("Feature set", card.get("feature_set")),
        ("Features", len(card.get("features", ()))),
        ("Trained on", card.get("source")),
        ("Calibration", card.get("calibration")),
        ("Explanation", card.get("explanation")),
        ("Seed", card.get("seed")),
        *((f"Library {name}", value) for name, value in (card.get("libraries") or {}).items()),
    ]
    table = Table(
        "technical", "Technical", ("What", "Value"), tuple((name, number(value)) for name, value in rows)
    )
    return _table(table)


def _table(table: Table) -> str:
    lines = [f"## {table.title}", ""]
    if table.note:
        lines += [table.note, ""]
    lines += [_row(table.columns), _row(("---", *("---:" for _ in table.columns[1:])))]
    return "\n".join([*lines, *(_row(row) for row in table.rows)])


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _listed(title: str, lines: list[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"- {_plain(line)}" for line in lines)]) if lines else ""


def _plain(text: object) -> str:
    """Names come from files: they must not end a cell, a line or a code span."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")
