"""The service answers, and knows what it does not have."""

from app import __version__


def test_health_names_the_version(client):
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == dict(status="ok", version=__version__)


def test_an_unknown_path_is_not_found(client):
    assert client.get("/nothing-here").status_code == 404


def test_a_wrong_method_is_refused(client):
    assert client.post("/health").status_code == 405
