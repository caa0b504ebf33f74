"""Reads settings from the process environment, `.env` and `env/.env.<profile>`, in that order of precedence.

Every reader notes what is wrong instead of raising, so that one start names every wrong setting;
`finish()` then ends the process with one line each: the setting's name, what is wrong, the remedy.
"""

import os
from collections import ChainMap
from pathlib import Path

from decouple import Config, RepositoryEnv

from fraudguard.problem import StartProblem

BASE_DIR = Path(__file__).resolve().parent.parent
PROFILES = ("local", "production")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
problems: list[str] = []


def refuse(name: str, what: str, remedy: str) -> None:
    problems.append(f"Setting {name}: {what}. {remedy}.")


def finish() -> None:
    if problems:
        raise StartProblem("\n".join(problems))


def _file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        return dict(RepositoryEnv(str(path)).data)
    except (OSError, UnicodeDecodeError) as error:
        raise StartProblem(f"Settings file {path} cannot be read: {error}.") from error


def _profile(dotenv: dict[str, str]) -> str:
    name = os.environ.get("FRAUDGUARD_ENV") or dotenv.get("FRAUDGUARD_ENV") or "local"
    if name not in PROFILES:
        raise StartProblem(f"Setting FRAUDGUARD_ENV: {name!r} is no profile. Use local or production.")
    return name


_dotenv = _file(BASE_DIR / ".env")
PROFILE = _profile(_dotenv)
PRODUCTION = PROFILE == "production"
_config = Config(ChainMap(_dotenv, _file(BASE_DIR / "env" / f".env.{PROFILE}")))


def text(name: str, default: str = "") -> str:
    """The value, stripped; an empty one counts as not set."""
    return str(_config(name, default="")).strip() or default


def number(name: str, default: int, low: int, high: int) -> int:
    raw = text(name, str(default))
    try:
        value = int(raw)
    except ValueError:
        refuse(name, f"{raw!r} is not a whole number", f"Give a number from {low} to {high}")
        return default
    if not low <= value <= high:
        refuse(name, f"{value} is out of range", f"Give a number from {low} to {high}")
        return default
    return value


def decimal(name: str, default: float, low: float, high: float) -> float:
    raw = text(name, f"{default:g}")
    try:
        value = float(raw)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:  # false for NaN too
        refuse(name, f"{raw!r} is not a number from {low:g} to {high:g}", f"Give one, e.g. {default:g}")
        return default
    return value


def flag(name: str, default: bool) -> bool:
    raw = text(name, str(default)).lower()
    if raw not in TRUE | FALSE:
        refuse(name, f"{raw!r} is neither true nor false", "Write true or false")
    return raw in TRUE


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        refuse(name, f"{value!r} is not possible", f"Use one of {', '.join(allowed)}")
        return default
    return value
