"""What can be wrong with a file of history, its mapping, or its stored columns."""

from __future__ import annotations

from difflib import get_close_matches


class HistoryRefused(ValueError):
    """A file that cannot be imported as a whole; the message names line or column and the remedy."""


class MappingRefused(HistoryRefused):
    """A mapping that does not hold together or does not fit its file; `key` is where, like label.column."""

    def __init__(self, key: str, detail: str):
        self.key = key
        super().__init__(f"{key}: {detail}" if key else detail)


class HistoryDamaged(ValueError):
    """A stored history whose files are missing, truncated or of another schema."""


def meant(name: str, known: object) -> str:
    """ "; did you mean 'x'?" when something known is close, else nothing."""
    names = [str(one) for one in known]
    close = get_close_matches(str(name)[:60], names, 1)
    if not close:
        folded = {one.casefold(): one for one in names}
        close = [folded[fold] for fold in get_close_matches(str(name)[:60].casefold(), folded, 1)]
    return f"; did you mean '{close[0]}'?" if close else ""
