"""An examination of the whole installation: what was found, and what to do about it."""

from collections.abc import Iterator

from django.db import Error as DatabaseError
from django.db import ProgrammingError

from fraud_detection.services.doctor import configuration, database, machine
from fraud_detection.services.doctor.finding import Finding, Grade, fault

__all__ = ["Finding", "Grade", "examine"]


def examine() -> Iterator[Finding]:
    """One finding after the other; a check that the database keeps from its work is a finding too."""
    for check in (*configuration.CHECKS, *database.CHECKS, *machine.CHECKS):
        what = check.__name__.replace("_", " ")
        try:
            yield check()
        except ProgrammingError as error:
            yield fault(what, f"the database refuses: {_first(error)}", "Run manage.py migrate.")
        except DatabaseError as error:
            yield fault(what, f"the database: {_first(error)}", "Start PostgreSQL, or mend DATABASE_URL.")


def _first(error: DatabaseError) -> str:
    return str(error).strip().splitlines()[0]
