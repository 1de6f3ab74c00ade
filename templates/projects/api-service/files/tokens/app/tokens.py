"""Tokens say who somebody is, until when, and are signed (HMAC-SHA-256).

A token is `<user>.<expiry>.<signature>`; nothing is stored on the server.
"""

import hashlib
import hmac
import time
from typing import Optional


def _sign(secret: str, payload: str) -> str:
    return hmac.new(secret.encode("utf-8"), payload.encode("utf-8"),
                    hashlib.sha256).hexdigest()


def make_token(secret: str, user: int, seconds: int,
               now: Optional[float] = None) -> str:
    """A token for this user that expires after so many seconds."""
    now = time.time() if now is None else now
    payload = f"{user}.{int(now) + seconds}"
    return payload + "." + _sign(secret, payload)


def read_token(secret: str, token: str,
               now: Optional[float] = None) -> Optional[int]:
    """The user a token was made for; None when it is forged or too old."""
    now = time.time() if now is None else now
    payload, _, signature = token.rpartition(".")
    # Bytes: compare_digest() refuses text beyond ASCII.
    if not hmac.compare_digest(_sign(secret, payload).encode("utf-8"),
                               signature.encode("utf-8", "replace")):
        return None
    user, _, expires = payload.partition(".")
    return int(user) if now < int(expires) else None
