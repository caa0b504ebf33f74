"""Celery's way into the services; each task may run twice."""

from allauth.usersessions.models import UserSession
from celery import shared_task
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from users.services.tokens import forget_expired_families


@shared_task(ignore_result=True)
def forget_expired_sign_ins() -> None:
    """Delete sessions, what was noted of them, and families of tokens that have run out."""
    call_command("clearsessions")
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    forget_expired_families(timezone.now())
