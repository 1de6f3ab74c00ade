"""Tokens are good for one user, for some time, and cannot be made up."""

import pytest

from app.tokens import make_token, read_token


def test_a_token_names_its_user():
    assert read_token("secret", make_token("secret", 42, 60)) == 42


def test_a_token_expires():
    token = make_token("secret", 42, 60, now=1000)
    assert read_token("secret", token, now=1059.9) == 42
    assert read_token("secret", token, now=1060) is None


def test_another_secret_makes_another_token():
    assert read_token("secret", make_token("other", 42, 60)) is None


def test_user_and_expiry_cannot_be_changed():
    user, expires, signature = make_token("secret", 42, 60).split(".")
    assert read_token("secret", f"43.{expires}.{signature}") is None
    assert read_token("secret", f"{user}.{expires}9.{signature}") is None


@pytest.mark.parametrize("token", ["", ".", "a.b.c", "42", "1.2.3.4", "☂.☂.☂"])
def test_nonsense_is_no_token(token):
    assert read_token("secret", token) is None
