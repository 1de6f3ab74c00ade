"""Who sends this request?"""

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.database import Database, get_database
from app.tokens import read_token
from app.users import User, get_user

bearer = HTTPBearer(auto_error=False, description="the token of POST /login")


def current_user(
    request: Request,
    credentials: HTTPAuthorizationCredentials = Depends(bearer),
    database: Database = Depends(get_database),
) -> User:
    """The user whose token came with the request; 401 without one."""
    secret = request.app.state.settings.secret
    user_id = credentials and read_token(secret, credentials.credentials)
    user = get_user(database, user_id) if user_id else None
    if user is None:
        # RFC 9110 wants the scheme named with a 401.
        raise HTTPException(401, "sign in first",
                            headers=dict([("WWW-Authenticate", "Bearer")]))
    return user
