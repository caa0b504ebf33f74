"""Comments on a case: never edited, and whoever is mentioned is told."""

import re

from django.db.models import Q

from alerts.models import Case, CaseComment, OutboxMessage
from alerts.services.cases.errors import CaseRefused
from alerts.services.cases.holding import clean_text, noted, on_live_case
from users.models import User
from users.roles import Ability

TOPIC = "case.mention"
MOST_MENTIONS = 50
EMAIL = re.compile(r"@([\w.+-]+@[\w-]+(?:\.[\w-]+)+)")


def comment_on_case(
    *, case_id: int, acting_user: User, text: str, corrects: int | None = None, request_id: str = ""
) -> CaseComment:
    """Post a comment; on a case that was merged meanwhile it lands in the one that took it over.

    Raises CaseRefused for bad input and CaseConflict when the case is closed.
    """
    text = clean_text("text", text, 10_000)
    people = mentioned(text, acting_user)

    def post(case: Case) -> CaseComment:
        earlier = _corrected(case, corrects, acting_user)
        comment = CaseComment.objects.create(case=case, text=text, author=acting_user, corrects=earlier)
        comment.mentions.set(people)
        after = {"comment": comment.pk} | ({"corrects": corrects} if corrects else {})
        noted(case, acting_user.email, "case.commented", after=after, request_id=request_id)
        if people:
            payload = {
                "case_id": case.pk,
                "title": case.title,
                "comment_id": comment.pk,
                "user_ids": [person.pk for person in people],
                "by": acting_user.email,
                "at": comment.written_at.isoformat(),
            }
            OutboxMessage.objects.create(topic=TOPIC, payload=payload)
        return comment

    return on_live_case(case_id, post)


def mentioned(text: str, author: User) -> list[User]:
    """The people whom a text names as @e-mail or @name, who may read cases; not the author."""
    if "@" not in text:
        return []
    emails = {found.lower().rstrip(".") for found in EMAIL.findall(text)}
    lowered = text.lower()
    people = User.objects.filter(is_active=True).filter(Q(email__in=emails) | ~Q(name="")).order_by("pk")
    named = [
        person
        for person in people
        if person.email in emails or (person.name and _names(lowered, person.name.lower()))
    ]
    found = [person for person in named if person.pk != author.pk and person.can(Ability.READ)]
    if len(found) > MOST_MENTIONS:
        raise CaseRefused("text", f"mentions more than {MOST_MENTIONS} people")
    return found


def _names(text: str, name: str) -> bool:
    """Whether @name stands in the text as a whole: @Ana is not found in @Anabel."""
    return re.search(rf"@{re.escape(name)}(?![\w@])", text) is not None


def _corrected(case: Case, comment_id: int | None, user: User) -> CaseComment | None:
    if comment_id is None:
        return None
    found = CaseComment.objects.filter(pk=comment_id, case=case).first()
    if found is None:
        raise CaseRefused("corrects", "is not a comment of this case")
    if found.author_id != user.pk:
        raise CaseRefused("corrects", "was written by somebody else; answer it with a comment of your own")
    return found
