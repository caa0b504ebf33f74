"""How a start that cannot go on ends: one readable line and exit code 1, never a traceback."""


class StartProblem(SystemExit):
    """Raise with a sentence that names what is wrong and what to do about it."""
