"""Pages as requests ask for them."""

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from app.paging import MOST, Page, get_page


@pytest.fixture
def pages():
    """A service that answers with the page it was asked for."""
    app = FastAPI()

    @app.get("/")
    def echo(page: Page = Depends(get_page)):
        return [page.limit, page.offset]

    return TestClient(app)


def test_there_is_a_default_page(pages):
    assert pages.get("/").json() == [20, 0]


def test_a_page_can_be_chosen(pages):
    assert pages.get(f"/?limit={MOST}&offset=40").json() == [MOST, 40]


@pytest.mark.parametrize("query", [
    "limit=0", f"limit={MOST + 1}", "offset=-1", "limit=many"])
def test_pages_that_cannot_be_are_refused(pages, query):
    assert pages.get("/?" + query).status_code == 422
