"""What a process does when it ends in order; a web server's workers are forks, where atexit is not heard."""

from collections.abc import Callable
from multiprocessing.util import Finalize
from typing import Any


def at_end(action: Callable[..., Any], *given: Any) -> None:
    """Call it once when this process ends of its own accord or is stopped gracefully; not in its forks."""
    Finalize(None, action, given, exitpriority=10)
