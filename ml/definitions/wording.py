"""A definition in a sentence."""

from ml.definitions.reading import Definition
from ml.definitions.vocabulary import ENTITIES
from ml.features.durations import duration_text

_IS = {
    "==": "is",
    "!=": "is not",
    "in": "is one of",
    "<": "below",
    "<=": "at most",
    ">": "above",
    ">=": "at least",
}
_WHAT = {
    "sum": "Sum of the {}",
    "mean": "Mean of the {}",
    "max": "Largest of the {}",
    "min": "Smallest of the {}",
    "distinct": "Distinct {}",
}


def worded(definition: Definition, table: str) -> str:
    """What it computes, in English."""
    whose = ENTITIES[table][definition.entity].words
    of = f"of {whose}{_over(definition)}"
    where = " and ".join(f"{column} {_IS[how]} {value}" for column, how, value in definition.said)
    met = f" whose {where}" if where else ""
    match definition.aggregate:
        case "count":
            return f"Events {of}{met}{_ending(definition)}."
        case "since_last":
            return f"Time since the newest earlier event {of}{met}."
        case "share":
            return f"Share of the events {of} that meet: {where}{_ending(definition)}."
    what = _WHAT[definition.aggregate].format(definition.column.words)
    return f"{what} over the events {of}{met}{_ending(definition)}."


def _over(definition: Definition) -> str:
    if definition.window is None:
        return ""
    if definition.until:
        return f" from {duration_text(definition.window)} ago until {duration_text(definition.until)} ago"
    return f" in the last {duration_text(definition.window)}"


def _ending(definition: Definition) -> str:
    if definition.until:
        return ""
    return ", this one included" if definition.include_current else ", this one left out"
