"""The country lists of the first aml policy: what a body that sets standards calls high-risk, with its date.

Other lists come in force as a new version of the policy: `manage.py draft_policy aml --values FILE`.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

COUNTRY_LISTS: Mapping[str, Any] = {
    "version": 1,
    "source": "FATF: high-risk jurisdictions subject to a call for action (black) and jurisdictions under "
    "increased monitoring (grey)",
    "date": "2025-10-24",
    "black": ["IR", "KP", "MM"],
    "grey": [
        *("AO", "BG", "BO", "CD", "CI", "CM", "DZ", "HT", "KE", "LA"),
        *("LB", "MC", "NA", "NP", "SS", "SY", "VE", "VG", "VN", "YE"),
    ],
}

NAMES = ("version", "source", "date", "black", "grey")


def check_settings(settings: Mapping[str, Any]) -> None:
    """Raises ValueError unless `countries` are two lists with their version, source and date."""
    lists = settings.get("countries")
    if not isinstance(lists, Mapping):
        raise ValueError(f"countries: needed, an object with {', '.join(NAMES)}")
    if unknown := sorted(lists.keys() - set(NAMES)):
        raise ValueError(f"countries: has no '{unknown[0]}'; it has {', '.join(NAMES)}")
    if type(lists.get("version")) is not int or lists["version"] < 1:
        raise ValueError("countries: version must be a whole number, higher than that of older lists")
    if not isinstance(lists.get("source"), str) or not lists["source"].strip():
        raise ValueError("countries: source is needed: who published the lists")
    _check_date(lists.get("date"))
    for name in ("black", "grey"):
        _check_list(name, lists.get(name))
    if both := sorted(set(lists["black"]) & set(lists["grey"])):
        raise ValueError(f"countries: {both[0]} stands on both lists")


def _check_date(given: Any) -> None:
    try:
        date.fromisoformat(given)
    except (TypeError, ValueError):
        raise ValueError("countries: date must be an ISO date, when the lists were published") from None


def _check_list(name: str, given: Any) -> None:
    if not isinstance(given, list):
        raise ValueError(f"countries: {name} must be a list of country codes")
    wrong = [code for code in given if not isinstance(code, str) or not re.fullmatch("[A-Z]{2}", code)]
    if wrong:
        raise ValueError(f"countries: {name}: {wrong[0]!r} is no country code of two capitals")
