"""Findings of a check, for the page's script."""

import json

from django import template

from fraud_detection.services.workbench.findings import Finding

register = template.Library()


@register.filter
def as_json(findings: list[Finding] | None) -> str:
    """For an attribute that the script reads."""
    return json.dumps([finding.as_data() for finding in findings or ()])
