from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from users.tasks import forget_expired_sign_ins


@pytest.mark.django_db
def test_only_sessions_that_have_run_out_are_forgotten():
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(hours=1))
    forget_expired_sign_ins()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
