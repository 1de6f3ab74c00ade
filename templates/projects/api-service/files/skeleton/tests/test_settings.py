"""Settings come from the environment, with defaults."""

import pytest

from app.settings import Settings, from_environment


def test_the_environment_is_read():
    settings = from_environment(
        dict(APP_DATABASE="x.db", APP_SECRET="s", APP_TOKEN_SECONDS="60"))
    assert settings == Settings("x.db", "s", 60)


def test_defaults_hold_when_nothing_is_set():
    settings = from_environment(dict(APP_DATABASE=""))
    assert settings.database == "{{name}}.db"
    assert settings.token_seconds == 3600


def test_the_default_secret_is_a_new_one_each_time():
    assert len(Settings().secret) == 64
    assert Settings().secret != Settings().secret


def test_a_number_that_is_none_is_refused():
    with pytest.raises(ValueError):
        from_environment(dict(APP_TOKEN_SECONDS="soon"))
