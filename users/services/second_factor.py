"""Codes of two-factor: from an authenticator app, or one of the recovery codes. Each is good once."""

import hmac

import structlog
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import transaction

from users.models import User
from users.services.sealing import SealBroken, unseal

log = structlog.get_logger(__name__)
Type = Authenticator.Type
LAST = "last_counter"  # of the half minutes since 1970: no code of this or an earlier one counts again


def factors_of(user: User) -> set[str]:
    """Kinds of second factor that this person has set up, recovery codes aside."""
    kinds = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    return set(kinds) - {Type.RECOVERY_CODES}


@transaction.atomic
def spend_code(user: User, code: str) -> Authenticator | None:
    """What the code belongs to, or None when it is wrong or was used before. Of two at once, one succeeds."""
    code = "".join(code.split()).replace("-", "")
    held = Authenticator.objects.select_for_update().filter(
        user=user, type__in=(Type.TOTP, Type.RECOVERY_CODES)
    )
    for authenticator in held.order_by("-type"):
        authenticator.user = user
        try:
            spent = _spend(authenticator, code)
        except SealBroken as error:
            log.error("second_factor_unreadable", user=user.pk, kind=authenticator.type, error=str(error))
            continue
        if spent:
            authenticator.record_usage()
            return authenticator
    return None


def never_again(authenticator: Authenticator) -> None:
    """The code that has just set an app up is spent too."""
    if authenticator.type == Type.TOTP:
        authenticator.data[LAST] = max(yield_hotp_counters_from_time()) - 1
        authenticator.save(update_fields=("data",))


def _spend(authenticator: Authenticator, code: str) -> bool:
    if authenticator.type == Type.TOTP:
        return _spend_totp(authenticator, code)
    return authenticator.wrap().validate_code(code)


def _spend_totp(authenticator: Authenticator, code: str) -> bool:
    secret = unseal(authenticator.data["secret"])
    for counter in yield_hotp_counters_from_time():
        expected = format_hotp_value(hotp_value(secret, counter))
        if hmac.compare_digest(expected.encode(), code.encode("utf-8", "replace")):
            if counter <= authenticator.data.get(LAST, -1):
                return False
            authenticator.data[LAST] = counter
            authenticator.save(update_fields=("data",))
            return True
    return False
