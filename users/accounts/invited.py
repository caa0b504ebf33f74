"""The invitation that a browser came with; its secret waits in the session until somebody registers."""

from django.http import HttpRequest

from users.models import Invitation, User
from users.services.invitations import InvitationRefused, accept, open_invitation

SESSION_KEY = "invitation"


def keep_invitation(request: HttpRequest, secret: str) -> Invitation:
    """Remember it in this browser; InvitationRefused when it is unknown, used, withdrawn or too old."""
    invitation = open_invitation(secret)
    request.session[SESSION_KEY] = secret
    return invitation


def invitation_of(request: HttpRequest) -> Invitation | None:
    """The open invitation of this browser."""
    secret = request.session.get(SESSION_KEY)
    if not secret:
        return None
    try:
        return open_invitation(secret)
    except InvitationRefused:
        return None


def spend_invitation(request: HttpRequest, user: User) -> Invitation | None:
    """Give the person that just registered what they were invited to, in the same transaction."""
    secret = request.session.pop(SESSION_KEY, None)
    if not secret:
        return None
    return accept(secret, user=user, request_id=getattr(request, "request_id", ""))
