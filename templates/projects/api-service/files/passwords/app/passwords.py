"""Passwords are stored as salted scrypt hashes (RFC 7914), never as text.

A hash says how it was made, so that the cost can be raised later and old
hashes are still understood: scrypt$n$r$p$salt$key, salt and key in hex.
"""

import hashlib
import hmac
import secrets

COST, BLOCK, LANES = 2 ** 14, 8, 1


def _derive(password: str, salt: bytes, cost: int, block: int,
            lanes: int) -> bytes:
    # 128 * n * r bytes are what scrypt itself needs; leave some room.
    return hashlib.scrypt(password.encode("utf-8"), salt=salt, n=cost,
                          r=block, p=lanes, maxmem=256 * cost * block)


def hash_password(password: str) -> str:
    """A hash to be stored; equal passwords get different ones."""
    salt = secrets.token_bytes(16)
    key = _derive(password, salt, COST, BLOCK, LANES)
    return f"scrypt${COST}${BLOCK}${LANES}${salt.hex()}${key.hex()}"


def verify_password(password: str, stored: str) -> bool:
    """Whether the password is the one the stored hash was made of."""
    try:
        kind, cost, block, lanes, salt, key = stored.split("$")
        if kind != "scrypt":
            return False
        found = _derive(password, bytes.fromhex(salt), int(cost), int(block),
                        int(lanes))
        return hmac.compare_digest(found, bytes.fromhex(key))
    except ValueError:
        return False
