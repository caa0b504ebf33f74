"""What a training measured, shown: tables, charts and the Markdown card."""

from fraud_detection.services.model_report.charts import report_charts
from fraud_detection.services.model_report.markdown import markdown_card
from fraud_detection.services.model_report.tables import (
    Table,
    headline,
    measured_on,
    report_tables,
    warnings_of,
)

__all__ = [
    "Table",
    "headline",
    "markdown_card",
    "measured_on",
    "report_charts",
    "report_tables",
    "warnings_of",
]
