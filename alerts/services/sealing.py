"""Secrets of webhooks and channels, and answers that may hold one, as they are stored."""

from logs.encryption import SealBroken, Sealer

_sealer = Sealer("fraudguard sealed secret v1:", "enter it anew")
seal, unseal = _sealer.seal, _sealer.unseal

__all__ = ["SealBroken", "seal", "unseal"]
