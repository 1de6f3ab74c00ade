"""What may differ between a laptop and a server, read from the environment."""

import os
import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """One set of settings; tests make their own."""

    database: str = "{{name}}.db"
    # Without a fixed secret nobody stays signed in across a restart.
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    token_seconds: int = 3600


def from_environment(environment=None) -> Settings:
    """Read APP_DATABASE, APP_SECRET and APP_TOKEN_SECONDS."""
    environment = os.environ if environment is None else environment
    given = {}
    for name, convert in (("database", str), ("secret", str),
                          ("token_seconds", int)):
        value = environment.get("APP_" + name.upper())
        if value:
            given[name] = convert(value)
    return Settings(**given)
