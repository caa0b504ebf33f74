from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from users.models import TokenFamily
from users.services.tokens import issue_tokens
from users.tasks import forget_expired_sign_ins


@pytest.mark.django_db
def test_only_sessions_that_have_run_out_are_forgotten():
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(hours=1))
    forget_expired_sign_ins()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]


@pytest.mark.django_db
def test_families_of_tokens_go_with_their_last_refresh_token(analyst):
    issue_tokens(analyst)
    issue_tokens(analyst)
    old = TokenFamily.objects.first()
    TokenFamily.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    forget_expired_sign_ins()
    assert [family.pk for family in TokenFamily.objects.all()] != [old.pk]
    assert TokenFamily.objects.count() == 1
