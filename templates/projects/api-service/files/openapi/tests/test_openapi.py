"""The OpenAPI document is complete enough to write a client from."""

import pytest

METHODS = ("get", "post", "put", "delete")
OPEN = [("/health", "get"), ("/users", "post"), ("/login", "post")]


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def test_the_service_is_described(document):
    assert document["info"]["title"] == "{{title}}"
    assert "POST /login" in document["info"]["description"]


def test_every_operation_says_what_it_does(document):
    assert len(list(operations(document))) == 9
    described = [tag["name"] for tag in document["tags"]]
    for path, method, operation in operations(document):
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        assert operation["tags"][0] in described, (path, method)


def test_operations_that_need_a_token_say_so(document):
    for path, method, operation in operations(document):
        assert ("security" in operation) == ((path, method) not in OPEN)


def test_there_is_a_page_to_try_it(client):
    answer = client.get("/docs")
    assert answer.status_code == 200
    assert "{{title}}" in answer.text
