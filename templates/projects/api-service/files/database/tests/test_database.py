"""Transactions, rows, and tables that stay."""

import sqlite3
import threading

import pytest
from fastapi.testclient import TestClient

from app.database import Database


@pytest.fixture
def database(tmp_path):
    opened = Database(str(tmp_path / "test.db"))
    opened.run("CREATE TABLE notes (id INTEGER PRIMARY KEY, text NOT NULL)")
    yield opened
    opened.close()


def test_rows_come_back(database):
    database.run("INSERT INTO notes (text) VALUES (?)", "first")
    assert database.row("SELECT text FROM notes")["text"] == "first"
    assert database.row("SELECT text FROM notes WHERE id = 99") is None


def test_a_failed_transaction_leaves_nothing(database):
    with pytest.raises(sqlite3.IntegrityError):
        with database.transaction() as connection:
            connection.execute("INSERT INTO notes (text) VALUES ('kept?')")
            connection.execute("INSERT INTO notes (text) VALUES (NULL)")
    assert database.rows("SELECT * FROM notes") == []


def test_threads_do_not_lose_writes(database):
    def write():
        for _ in range(25):
            database.run("INSERT INTO notes (text) VALUES ('x')")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.row("SELECT count(*) AS n FROM notes")["n"] == 100


def test_data_outlives_the_connection(tmp_path):
    path = str(tmp_path / "kept.db")
    first = Database(path)
    first.run("CREATE TABLE kept (id INTEGER)")
    first.run("INSERT INTO kept VALUES (7)")
    first.close()
    second = Database(path)
    assert second.row("SELECT id FROM kept")["id"] == 7
    second.close()


def test_the_service_opens_and_closes_it(app):
    with TestClient(app):
        assert app.state.database.row("SELECT 1 AS one")["one"] == 1
    with pytest.raises(sqlite3.ProgrammingError):
        app.state.database.row("SELECT 1")
