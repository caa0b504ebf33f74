"""Second factors for tests: an authenticator app's secret and the codes that it shows."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from users.models import User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def set_up_app(user: User) -> list[str]:
    """Two-factor by an app with SECRET; the person's recovery codes."""
    TOTP.activate(user, SECRET)
    return RecoveryCodes.activate(user).get_unused_codes()


def shown_code(secret: str = SECRET, later: int = 0) -> str:
    """What the app shows now, or `later` half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def wrong_code() -> str:
    """None of those that would be accepted about now."""
    near = {shown_code(later=each) for each in range(-3, 4)}
    return next(code for code in map("{:06}".format, range(10)) if code not in near)


def stored(user: User) -> str:
    """All that is stored of the person's factors, as text."""
    return str(list(Authenticator.objects.filter(user=user).values()))
