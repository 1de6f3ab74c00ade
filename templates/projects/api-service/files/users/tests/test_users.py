"""Users in the database."""

import pytest

from app.database import Database
from app.users import EmailTaken, add_user, authenticate, get_user


@pytest.fixture
def database(tmp_path):
    opened = Database(str(tmp_path / "test.db"))
    yield opened
    opened.close()


def test_a_user_can_be_found_again(database):
    user = add_user(database, "ann@example.org", "long password")
    assert get_user(database, user.id) == user
    assert get_user(database, user.id + 1) is None


def test_an_address_belongs_to_one_user(database):
    add_user(database, "ann@example.org", "long password")
    with pytest.raises(EmailTaken):
        add_user(database, "Ann@Example.org", "another password")


def test_only_the_right_password_signs_in(database):
    user = add_user(database, "ann@example.org", "long password")
    assert authenticate(database, "ann@example.org", "long password") == user
    assert authenticate(database, "ANN@example.org", "long password") == user
    assert authenticate(database, "ann@example.org", "wrong") is None
    assert authenticate(database, "bob@example.org", "nobody") is None


def test_the_password_is_not_stored_as_text(database):
    add_user(database, "ann@example.org", "long password")
    stored = database.row("SELECT password FROM users")["password"]
    assert stored.startswith("scrypt$")
    assert "long password" not in stored
