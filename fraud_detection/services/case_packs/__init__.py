"""The evidence pack of a case: a PDF to read, and a ZIP with everything and the sums that prove it."""

from fraud_detection.services.case_packs.exporting import FORMATS, export_case

__all__ = ["FORMATS", "export_case"]
