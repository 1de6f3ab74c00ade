"""Tasks, by real requests of two people."""

import pytest

from tests.people import sign_up


@pytest.fixture
def ann(client):
    return sign_up(client, "ann@example.org")


@pytest.fixture
def bob(client):
    return sign_up(client, "bob@example.org")


def add(client, headers, **task):
    answer = client.post("/tasks", json=task, headers=headers)
    assert answer.status_code == 201
    return answer


def test_a_task_lives_from_post_to_delete(client, ann):
    added = add(client, ann, title="buy milk")
    address = added.headers["Location"]
    assert client.get(address, headers=ann).json() == added.json()
    changed = dict(title="buy oat milk", notes="one litre", done=True)
    answer = client.put(address, json=changed, headers=ann)
    assert answer.json() == dict(changed, id=added.json()["id"])
    assert client.get(address, headers=ann).json() == answer.json()
    answer = client.delete(address, headers=ann)
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(address, headers=ann).status_code == 404


def test_lists_can_be_paged_and_filtered(client, ann):
    for n in range(4):
        add(client, ann, title=f"task {n}", done=n % 2 == 1)

    def titles(query):
        answer = client.get("/tasks" + query, headers=ann)
        return [task["title"] for task in answer.json()]

    assert titles("") == ["task 0", "task 1", "task 2", "task 3"]
    assert titles("?limit=2&offset=1") == ["task 1", "task 2"]
    assert titles("?done=true") == ["task 1", "task 3"]
    assert titles("?done=false&limit=1") == ["task 0"]


def test_tasks_of_others_do_not_exist(client, ann, bob):
    address = add(client, ann, title="secret").headers["Location"]
    assert client.get("/tasks", headers=bob).json() == []
    body = dict(title="mine now")
    assert client.get(address, headers=bob).status_code == 404
    assert client.put(address, json=body, headers=bob).status_code == 404
    assert client.delete(address, headers=bob).status_code == 404
    assert client.get(address, headers=ann).json()["title"] == "secret"


@pytest.mark.parametrize("method, path", [
    ("POST", "/tasks"), ("GET", "/tasks"), ("GET", "/tasks/1"),
    ("PUT", "/tasks/1"), ("DELETE", "/tasks/1")])
def test_nothing_works_without_signing_in(client, method, path):
    answer = client.request(method, path, json=dict(title="x"))
    assert answer.status_code == 401


@pytest.mark.parametrize("body", [
    dict(), dict(title=""), dict(title="x" * 201), dict(title=["x"])])
def test_bad_tasks_are_refused(client, ann, body):
    assert client.post("/tasks", json=body, headers=ann).status_code == 422


def test_a_task_without_a_number_is_refused(client, ann):
    assert client.get("/tasks/first", headers=ann).status_code == 422
