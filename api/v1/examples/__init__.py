"""An example of every request body, by operation id; a test posts each against its schema."""

from typing import Any

from api.v1.examples import access, cases, deciding, rules, running, working

EXAMPLES: dict[str, Any] = {
    **access.EXAMPLES,
    **deciding.EXAMPLES,
    **working.EXAMPLES,
    **cases.EXAMPLES,
    **rules.EXAMPLES,
    **running.EXAMPLES,
}
