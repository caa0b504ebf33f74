"""What a form offers for a definition of an engine's feature."""

from dataclasses import dataclass

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.engine_in_use import event_fields
from ml.definitions.filters import COMPARISONS, MOST_CONDITIONS
from ml.definitions.reading import AGGREGATES
from ml.definitions.vocabulary import ENTITIES, Column, columns_of_table

__all__ = ["MOST_CONDITIONS", "Choices", "choices_of"]


@dataclass(frozen=True)
class Choices:
    """Names to choose from; `columns` are aggregated, `filters` compared, with the kind of their values."""

    entities: tuple[str, ...]
    aggregates: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    filters: tuple[tuple[str, str], ...]
    comparisons: tuple[str, ...]
    kinds: dict[str, str]


def choices_of(engine: str) -> Choices:
    """Raises KeyError for an unknown engine."""
    shipped = ENGINES[engine]
    table = shipped.feature_set.table
    columns = columns_of_table(table, event_fields(shipped))
    filters = {name: column for name, column in columns.items() if _is_compared(column)}
    return Choices(
        entities=tuple(ENTITIES[table]),
        aggregates=tuple(AGGREGATES),
        columns=tuple((name, column.kind) for name, column in columns.items()),
        filters=tuple((name, ", ".join(column.choices) or column.kind) for name, column in filters.items()),
        comparisons=COMPARISONS["number"],
        kinds={name: column.kind for name, column in columns.items()},
    )


def _is_compared(column: Column) -> bool:
    return column.kind in COMPARISONS and (column.kind != "key" or bool(column.of))
