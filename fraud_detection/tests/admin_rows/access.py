from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from users.services.invitations import invite
from users.services.tokens import issue_tokens


def make(user) -> None:
    issue_tokens(user)
    invite("new@example.com", "analyst", user)
    EmailAddress.objects.create(user=user, email=user.email)
    Authenticator.objects.create(user=user, type="totp", data={})
    UserSession.objects.create(user=user, ip="10.0.0.1", session_key="row", user_agent="browser")
