"""Ending sessions and tokens of a person, also by somebody who holds a stale copy of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from rest_framework_simplejwt.tokens import AccessToken

from users.models import TokenFamily, User
from users.selectors.tokens import person_of_token
from users.services.sessions import end_sessions, revoke_tokens
from users.services.tokens import TokenRefused, issue_tokens, refresh_tokens

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def is_in(client) -> bool:
    return client.get("/alerts/").status_code == 200


def test_all_sessions_end_but_the_one_that_is_kept(client, django_user_model, analyst, auditor, rf):
    from django.test import Client

    here, there, other = Client(), Client(), Client()
    for browser, person in ((here, analyst), (there, analyst), (other, auditor)):
        browser.force_login(person, backend=BACKEND)
    session = here.session
    end_sessions(analyst, except_session=session)
    session.save()
    assert [is_in(browser) for browser in (here, there, other)] == [True, False, True]
    end_sessions(analyst)
    assert [is_in(browser) for browser in (here, there, other)] == [False, False, True]


def test_a_stale_copy_saved_whole_brings_no_session_back(client, analyst):
    client.force_login(analyst, backend=BACKEND)
    stale = User.objects.get(pk=analyst.pk)
    end_sessions(analyst)
    stale.name = "Ana"
    stale.save()
    assert not is_in(client)
    assert User.objects.values_list("name", "session_epoch").get(pk=analyst.pk) == ("Ana", 1)


def test_tokens_of_a_person_end_at_once_and_nobody_elses(analyst, auditor):
    own, others = issue_tokens(analyst), issue_tokens(auditor)
    assert revoke_tokens(analyst) == 1
    assert person_of_token(AccessToken(own.access)) is None
    assert person_of_token(AccessToken(others.access)) == auditor
    with pytest.raises(TokenRefused):
        refresh_tokens(own.refresh)
    assert revoke_tokens(analyst) == 0


@pytest.mark.django_db(transaction=True)
def test_of_simultaneous_refreshes_one_wins_and_the_family_ends(analyst):
    pair = issue_tokens(analyst)

    def refresh(_: int) -> bool:
        try:
            refresh_tokens(pair.refresh)
        except TokenRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(refresh, range(8)))
    assert sum(won) == 1
    assert TokenFamily.objects.get().ending == TokenFamily.Ending.REUSED
