"""The feature list of a model trained elsewhere, checked against what the engine has."""

import json
from difflib import get_close_matches
from pathlib import Path

from fraud_detection.engines.registry import Engine

NAMED = 10  # unknown features told of in one message


class RegistrationRefused(ValueError):
    """A file, feature list or sample that cannot be registered; the message says what would help."""


def read_features(path: Path, engine: Engine) -> tuple[str, ...]:
    """The names in a JSON list, or in an object under "features", each known to the engine."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise RegistrationRefused(f"{path.name} is not JSON: {error}") from error
    names = given.get("features") if isinstance(given, dict) else given
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise RegistrationRefused(f'{path.name} must be a list of feature names, or {{"features": [...]}}')
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise RegistrationRefused(f"{path.name} names twice: {', '.join(repeated)}")
    known = engine.feature_set.numbers
    if unknown := [name for name in names if name not in known]:
        said = "; ".join(_unknown(name, engine) for name in unknown[:NAMED])
        more = f"; and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        raise RegistrationRefused(f"{path.name} names what {engine.name} does not have: {said}{more}")
    return tuple(names)


def _unknown(name: str, engine: Engine) -> str:
    if name in engine.feature_set.texts:
        return f"'{name}' is a text, and models read numbers"
    close = get_close_matches(name[:60], engine.feature_set.numbers, 1)
    return f"'{name[:60]}'" + (f" (did you mean '{close[0]}'?)" if close else "")
