"""Which names a defined feature or a declared field may have."""

import re

from fraud_detection.engines.registry import ENGINES, Engine
from fraud_detection.models import CustomList
from fraud_detection.rules.language.scope import FUNCTIONS, METHODS, RESERVED
from ml.definitions import DefinitionRefused
from ml.domains.payments.schema import FIELDS, PAYSIM
from ml.features.columns import TABLES

NAME = re.compile(r"[a-z][a-z0-9_]{2,47}")
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
FIELD_PREFIX = "field_"
WORDS_OF_FILES = ("is_fraud", "label", "default", "scheme", "step", "probability")
TAKEN = {*FUNCTIONS, *METHODS, *RESERVED, "and", "or", "not", "null", "all", "has", "map", "filter", "exists"}


def check_feature_name(engine: Engine, name: str) -> None:
    """Raises DefinitionRefused unless no shipped feature, value or function has this name."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise _refused("must be 3 to 48 lower-case letters, digits and _, beginning with a letter")
    if name.startswith(FIELD_PREFIX):
        raise _refused(f"must not begin with '{FIELD_PREFIX}': that is for declared fields")
    measures = {measure.name for measure in engine.feature_set.measures}
    if name in engine.feature_set.names or name in engine.context or name in measures:
        raise _refused(f"'{name}' is a shipped feature of {engine.name}; choose another name")
    if name in TAKEN or name in TABLES[engine.feature_set.table]:
        raise _refused(f"'{name}' means something to rules already; choose another name")
    check_no_list(name)


def check_no_list(name: str) -> None:
    """Raises DefinitionRefused for a custom list's name: no rule of the engine would compile any more."""
    if CustomList.objects.filter(name=name, removed_at=None).exists():
        raise _refused(f"'{name}' is a custom list; choose another name")


def check_field_name(name: str) -> None:
    """Raises DefinitionRefused unless no field of a transaction or of a file has this name."""
    if not isinstance(name, str) or not FIELD_NAME.fullmatch(name):
        raise _refused("must be 2 to 40 lower-case letters, digits and _, beginning with a letter")
    if name in {*(field.name for field in FIELDS), *map(str.lower, PAYSIM), *WORDS_OF_FILES}:
        raise _refused(f"'{name}' is a field of every transaction; choose another name")
    column = FIELD_PREFIX + name
    if any(column in engine.feature_set.names or column in engine.context for engine in ENGINES.values()):
        raise _refused(f"'{column}' is a shipped feature; choose another name")
    if CustomList.objects.filter(name=column).exists():  # a deleted one too: earlier decisions replay with it
        raise _refused(f"'{column}' is or was a custom list; choose another name")


def _refused(detail: str) -> DefinitionRefused:
    return DefinitionRefused.of("name", "invalid_name", detail)
