"""What every test can ask for."""

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings


@pytest.fixture
def settings(tmp_path):
    """Settings of a service of its own for each test."""
    return Settings(database=str(tmp_path / "test.db"), secret="test secret")


@pytest.fixture
def app(settings):
    """A fresh application on an empty database."""
    return create_app(settings)


@pytest.fixture
def client(app):
    """A client that sends requests to the application."""
    with TestClient(app) as opened:
        yield opened
