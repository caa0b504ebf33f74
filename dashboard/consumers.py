"""The socket that keeps an open page up to date: /ws/live/."""

import asyncio
import contextlib
import time
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from dashboard.live.feed import feed
from dashboard.live.messages import Outbox
from users.models import User
from users.roles import Ability

PAUSE = 0.1  # seconds between messages: at most ten a second
RECHECK = 60  # seconds after which a person's right to read is looked up again
REFUSED = 4403


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """For people who may read, by session or by `?token=` access token; sends, never listens."""

    async def connect(self) -> None:
        self.user_id = await self._user_id()
        if self.user_id is None or not await may_read(self.user_id):
            await self.close(code=REFUSED)
            return
        await self.accept()
        self.outbox, self.woken = Outbox(self.user_id), asyncio.Event()
        feed().join(self.outbox, self.woken.set)
        self.sender = asyncio.create_task(self._send())

    async def disconnect(self, code: int) -> None:
        if not hasattr(self, "sender"):
            return
        self.sender.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.sender
        await feed().leave(self.outbox)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs) -> None:
        """Pages have nothing to say here."""

    async def _user_id(self) -> int | None:
        user = self.scope.get("user")
        if user is not None and user.is_authenticated:
            return user.pk
        token = parse_qs(self.scope["query_string"].decode("latin-1")).get("token", [""])[0]
        try:
            return int(AccessToken(token)["user_id"]) if token else None
        except (TokenError, KeyError, ValueError):
            return None

    async def _send(self) -> None:
        checked = time.monotonic()
        while True:
            await self.woken.wait()
            self.woken.clear()
            if time.monotonic() - checked > RECHECK:
                checked = time.monotonic()
                if not await may_read(self.user_id):
                    await self.close(code=REFUSED)
                    return
            if self.outbox:
                await self.send_json(self.outbox.take())
            await asyncio.sleep(PAUSE)


@database_sync_to_async
def may_read(user_id: int) -> bool:
    """Whether the person is still active and in a role that reads."""
    user = User.objects.filter(pk=user_id).first()
    return user is not None and user.can(Ability.READ)
