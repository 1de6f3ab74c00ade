"""Signing up and signing in, by real requests."""

import pytest

from app.tokens import make_token
from tests.people import PASSWORD, sign_up


def test_signing_up_makes_an_account(client):
    body = dict(email="ann@example.org", password=PASSWORD)
    answer = client.post("/users", json=body)
    assert answer.status_code == 201
    assert answer.json() == dict(id=1, email="ann@example.org")


def test_an_address_has_one_account(client):
    sign_up(client)
    body = dict(email="ANN@example.org", password="another password")
    assert client.post("/users", json=body).status_code == 409


@pytest.mark.parametrize("email, password", [
    ("ann@example.org", "short"), ("nobody", PASSWORD),
    ("a b@example.org", PASSWORD), ("ann@example.org", "x" * 201)])
def test_bad_accounts_are_refused(client, email, password):
    body = dict(email=email, password=password)
    assert client.post("/users", json=body).status_code == 422


def test_a_token_tells_who_is_signed_in(client):
    headers = sign_up(client)
    answer = client.get("/me", headers=headers)
    assert answer.status_code == 200
    assert answer.json()["email"] == "ann@example.org"


def test_wrong_password_and_unknown_address_look_alike(client):
    sign_up(client)
    wrong = client.post("/login", json=dict(
        email="ann@example.org", password="not this one"))
    unknown = client.post("/login", json=dict(
        email="bob@example.org", password=PASSWORD))
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_without_a_good_token_nobody_is_signed_in(client, settings):
    sign_up(client)
    expired = make_token(settings.secret, 1, -1)
    forged = make_token("another secret", 1, 60)
    deleted = make_token(settings.secret, 99, 60)
    for token in (expired, forged, deleted, "nonsense"):
        answer = client.get("/me", headers=dict(
            Authorization="Bearer " + token))
        assert answer.status_code == 401
    answer = client.get("/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
