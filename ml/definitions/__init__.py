"""Features and fields that people define as data, turned into the same spec as the shipped ones."""

from ml.definitions.compiling import extended
from ml.definitions.event_fields import EventField, read_fields
from ml.definitions.reading import Definition, DefinitionRefused, read_definition
from ml.definitions.wording import worded

__all__ = [
    "Definition",
    "DefinitionRefused",
    "EventField",
    "extended",
    "read_definition",
    "read_fields",
    "worded",
]
