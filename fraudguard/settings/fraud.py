"""What is about money, detection and models."""

import re
from datetime import UTC, datetime
from pathlib import Path

from fraudguard.environment import BASE_DIR, names, number, refuse, text

REPORTING_CURRENCY = text("REPORTING_CURRENCY", "USD")
if not re.fullmatch("[A-Z]{3}", REPORTING_CURRENCY):
    refuse(
        "REPORTING_CURRENCY", f"{REPORTING_CURRENCY!r} is no currency code", "Use three capitals, e.g. USD"
    )
REPORTING_THRESHOLD = number("REPORTING_THRESHOLD", 10_000, 1, 10**12)

_start = text("PAYSIM_START", "2026-01-01T00:00:00+00:00")
try:
    PAYSIM_START = datetime.fromisoformat(_start)
    PAYSIM_START = PAYSIM_START if PAYSIM_START.tzinfo else PAYSIM_START.replace(tzinfo=UTC)
except ValueError:
    refuse("PAYSIM_START", f"{_start!r} is no ISO date", "Write it as 2026-01-01T00:00:00+00:00")

MODEL_DIR = Path(text("MODEL_DIR", "var/models"))
MODEL_DIR = MODEL_DIR if MODEL_DIR.is_absolute() else BASE_DIR / MODEL_DIR
HISTORY_DIR = Path(text("HISTORY_DIR", "var/histories"))
HISTORY_DIR = HISTORY_DIR if HISTORY_DIR.is_absolute() else BASE_DIR / HISTORY_DIR
HISTORY_UPLOAD_MB = number("HISTORY_UPLOAD_MB", 200, 1, 10_000)

DATA_DIR = BASE_DIR / "data"  # generated samples; the first `bootstrap` writes them there

# How long a statement of one decision, or of a batch, may take before the part it serves counts as failed.
DECISION_TIMEOUT_MS = number("DECISION_TIMEOUT_MS", 2_000, 50, 60_000)
BATCH_TIMEOUT_MS = number("BATCH_TIMEOUT_MS", 60_000, 1_000, 600_000)
# A model that explains more slowly than this is not asked for explanations for half a minute.
EXPLANATION_BUDGET_MS = number("EXPLANATION_BUDGET_MS", 250, 1, 10_000)

# Demographics that models of customers may read; a model that reads another one is refused.
CUSTOMER_DEMOGRAPHICS = tuple(name for name in names("CUSTOMER_DEMOGRAPHICS", "dependants") if name != "none")
for _name in CUSTOMER_DEMOGRAPHICS:
    if _name not in ("age", "dependants"):
        refuse("CUSTOMER_DEMOGRAPHICS", f"{_name!r} is no demographic", "Choose among age, dependants, none")
