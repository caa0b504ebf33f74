"""Approval rates by group over decided applications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

FEWEST = 30  # below this many decisions a rate says little
FOUR_FIFTHS = 0.8
RATES = """
    select member.attribute, member.group, count(*), count(*) filter (where assessed.decision = 'approve')
    from fraud_detection_applicantgroup member
    join transactions_creditapplication application on application.applicant_id = member.applicant_id
    join fraud_detection_assessment assessed on assessed.application_id = application.id
    where (%(since)s::timestamptz is null or assessed.decided_at >= %(since)s)
      and (%(until)s::timestamptz is null or assessed.decided_at < %(until)s)
    group by 1, 2 order by 1, 2
"""


@dataclass(frozen=True)
class GroupRate:
    """One group: how many applications were decided, how many approved, and its rate against the highest.

    `ratio` is None where no group of the attribute had an approval.
    """

    attribute: str
    group: str
    decided: int
    approved: int
    ratio: float | None

    @property
    def rate(self) -> float:
        return self.approved / self.decided

    @property
    def is_few(self) -> bool:
        return self.decided < FEWEST

    @property
    def is_adverse(self) -> bool:
        """Below four fifths of the highest rate, with enough decisions to say so."""
        return self.ratio is not None and self.ratio < FOUR_FIFTHS and not self.is_few


def four_fifths(*, since: datetime | None = None, until: datetime | None = None) -> list[GroupRate]:
    """Every group of every attribute, decided from `since` up to and without `until`.

    The highest rate is that of groups with enough decisions, where there are any.
    """
    with connection.cursor() as cursor:
        cursor.execute(RATES, {"since": since, "until": until})
        rows = cursor.fetchall()
    highest = {
        attribute: _highest([r for r in rows if r[0] == attribute]) for attribute in {r[0] for r in rows}
    }
    return [
        GroupRate(a, group, n, approved, (approved / n) / highest[a] if highest[a] else None)
        for a, group, n, approved in rows
    ]


def _highest(rows: Sequence[tuple]) -> float:
    enough = [row for row in rows if row[2] >= FEWEST] or rows
    return max(approved / n for _, _, n, approved in enough)
