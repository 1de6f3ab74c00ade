"""Users, and whether somebody is who they say."""

import sqlite3
from dataclasses import dataclass
from typing import Optional

from app.database import Database
from app.passwords import hash_password, verify_password

# Checked when there is no such user, so that both answers take as long.
NOBODY = hash_password("nobody")


class EmailTaken(Exception):
    """Another user has this address already."""


@dataclass(frozen=True)
class User:
    """A user as the rest of the application sees one: without password."""

    id: int
    email: str


def add_user(database: Database, email: str, password: str) -> User:
    """Store a new user; EmailTaken when the address is in use."""
    try:
        cursor = database.run(
            "INSERT INTO users (email, password) VALUES (?, ?)",
            email, hash_password(password))
    except sqlite3.IntegrityError as error:
        raise EmailTaken(email) from error
    return User(cursor.lastrowid, email)


def get_user(database: Database, user_id: int) -> Optional[User]:
    """The user with this id, or None."""
    row = database.row("SELECT id, email FROM users WHERE id = ?", user_id)
    return User(row["id"], row["email"]) if row else None


def authenticate(database: Database, email: str,
                 password: str) -> Optional[User]:
    """The user with this address, when the password is right."""
    row = database.row("SELECT * FROM users WHERE email = ?", email)
    fits = verify_password(password, row["password"] if row else NOBODY)
    return User(row["id"], row["email"]) if row and fits else None
