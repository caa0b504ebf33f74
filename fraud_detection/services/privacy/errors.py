"""Why a customer is not erased."""


class ErasureRefused(ValueError):
    """What was asked for cannot be stored; `field` names what is wrong."""

    def __init__(self, field: str, message: str):
        self.field, self.message = field, message
        super().__init__(message)


class ErasureConflict(Exception):
    """There is an erasure already, or the request is no longer waiting."""


class ErasureHeld(ErasureConflict):
    """A duty to keep stands against it; `reasons` are sentences that may be told to who asks."""

    def __init__(self, reasons: list[str]):
        self.reasons = reasons
        super().__init__("cannot be erased yet: " + "; ".join(reasons))


class SecondPerson(Exception):
    """Who asked for an erasure does not carry it out."""
