"""What is at stake in a case, in hundredths of the reporting currency."""

from django.db.models import Sum

from alerts.models import Case


def at_stake(case: Case) -> int:
    """Sum of its alerts."""
    return int(case.alerts.aggregate(total=Sum("amount_minor"))["total"] or 0)


def counted_at_stake(case: Case) -> int:
    """What decides whether a second person closes it: the parts of a split case count as the whole did."""
    return max(at_stake(case), case.split_from_minor)
