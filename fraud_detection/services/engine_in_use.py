"""An engine as it is used here: what was shipped, with the features that people defined for it."""

from fraud_detection.engines.registry import ENGINES, Engine


def engine_in_use(name: str) -> Engine:
    """The engine with every feature that its rules may read now; KeyError for an unknown one."""
    return ENGINES[name]
