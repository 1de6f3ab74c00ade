"""Lists come in pages: ?limit=20&offset=40."""

from dataclasses import dataclass

from fastapi import Query

MOST = 100


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for."""

    limit: int = 20
    offset: int = 0


def get_page(
    limit: int = Query(20, ge=1, le=MOST, description="how many at most"),
    offset: int = Query(0, ge=0, description="how many to leave out first"),
) -> Page:
    """The page a request asks for, for Depends()."""
    return Page(limit, offset)
