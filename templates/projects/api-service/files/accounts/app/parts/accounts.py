"""Sign up, sign in, and ask who is signed in."""

import re

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, Field

from app.auth import current_user
from app.database import Database, get_database
from app.tokens import make_token
from app.users import EmailTaken, User, add_user, authenticate

router = APIRouter(tags=["accounts"])

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class SignUp(BaseModel):
    """A new account."""

    email: str = Field(max_length=254)
    password: str = Field(min_length=10, max_length=200)


class SignIn(BaseModel):
    """An account's address and password."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=200)


class Account(BaseModel):
    """An account as others may see it."""

    id: int
    email: str


class Token(BaseModel):
    """What to send in `Authorization: Bearer …`."""

    token: str
    expires_in: int


@router.post("/users", response_model=Account, status_code=201,
             summary="Sign up")
def sign_up(body: SignUp, database: Database = Depends(get_database)):
    """Make an account; 409 when the address has one already."""
    if not EMAIL.fullmatch(body.email):
        raise HTTPException(422, "this is not an e-mail address")
    try:
        user = add_user(database, body.email, body.password)
    except EmailTaken:
        raise HTTPException(409, "this address has an account") from None
    return Account(id=user.id, email=user.email)


@router.post("/login", response_model=Token, summary="Sign in")
def sign_in(body: SignIn, request: Request,
            database: Database = Depends(get_database)):
    """Get a token; 401 does not tell which of the two was wrong."""
    settings = request.app.state.settings
    user = authenticate(database, body.email, body.password)
    if user is None:
        raise HTTPException(401, "wrong e-mail address or password")
    token = make_token(settings.secret, user.id, settings.token_seconds)
    return Token(token=token, expires_in=settings.token_seconds)


@router.get("/me", response_model=Account, summary="Who is signed in?")
def me(user: User = Depends(current_user)):
    """The account the token belongs to."""
    return Account(id=user.id, email=user.email)
