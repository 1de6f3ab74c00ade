"""What the OpenAPI document says about the service as a whole."""

DESCRIPTION = """\
{{title}}: every user keeps tasks of their own.

Sign up with `POST /users`, get a token with `POST /login`, and send it as
`Authorization: Bearer <token>` with every request to `/tasks`.
"""

TAGS = [
    dict(name="accounts", description="Sign up and sign in."),
    dict(name="tasks", description="One's own tasks."),
    dict(name="health", description="For monitors."),
]
