"""Accounts for tests that need somebody signed in."""

PASSWORD = "a long password"


def sign_up(client, email="ann@example.org"):
    """Make an account and return the headers that sign its requests."""
    body = dict(email=email, password=PASSWORD)
    assert client.post("/users", json=body).status_code == 201
    token = client.post("/login", json=body).json()["token"]
    return dict(Authorization="Bearer " + token)
