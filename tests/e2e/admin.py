#!/usr/bin/env python3
"""A GitHub to set up and to release on: admin.py <folder>

Its user is o.  It keeps repositories, whose git is <folder>/git/<owner>/n.git
and is there from the start, with labels, protection, releases, pull requests
and statuses, all of it in <folder>/state.json.  Each request becomes a line of
<folder>/asked.  Paths in <folder>/refuse, one a line as "METHOD /path", are
refused with 403.  $GIT_HTTP_URL is where the git of a repository is.  Prints
the port it listens on, and serves until standard input ends.
"""
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from urllib.parse import unquote, urlsplit

FOLDER = sys.argv[1]
LOCK = threading.Lock()
STATE = {"repositories": {}, "labels": [], "protection": {}, "releases": [],
         "pulls": [], "statuses": []}
ROUTES = []
NO_SUCH = (404, {"message": "Not Found"})


def resolve(owner, ref):
    """Where a ref stands, or None."""
    done = subprocess.run(
        ["git", "-C", os.path.join(FOLDER, "git", owner, "n.git"),
         "rev-parse", "--verify", "-q", ref],
        capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def route(method, pattern):
    """What answers to a path."""
    def add(function):
        ROUTES.append((method, re.compile(pattern + "$"), function))
        return function
    return add


@route("GET", "/user")
def user(_body):
    """Whose token it is."""
    return 200, {"login": "o"}


def make(owner, body):
    """A repository, once."""
    key = f"{owner}/{body['name']}"
    if key in STATE["repositories"]:
        return 422, {"message": "name already exists on this account"}
    STATE["repositories"][key] = {
        "full_name": key, "default_branch": "trunk",
        "clone_url": f"{os.environ['GIT_HTTP_URL']}{key}.git",
        "html_url": f"https://forge.example/{key}",
        "private": body.get("private", False)}
    return 201, STATE["repositories"][key]


@route("POST", "/user/repos")
def make_own(body):
    """The user's."""
    return make("o", body)


@route("POST", "/orgs/([^/]+)/repos")
def make_org(body, org):
    """An organization's."""
    return make(org, body)


@route("GET", "/repos/([^/]+)/n")
def repository(_body, owner):
    """One that was made."""
    found = STATE["repositories"].get(f"{owner}/n")
    return (200, found) if found else NO_SUCH


@route("PATCH", "/repos/([^/]+)/n")
def change(body, owner):
    """Its default branch."""
    found = STATE["repositories"][f"{owner}/n"]
    found.update(body)
    return 200, found


@route("GET", "/repos/([^/]+)/n/git/ref/(.*)")
def ref(_body, owner, name):
    """A branch or a tag."""
    oid = resolve(owner, "refs/" + unquote(name))
    return (200, {"object": {"sha": oid}}) if oid else NO_SUCH


@route("GET", "/repos/[^/]+/n/labels")
def labels(_body):
    """All."""
    return 200, STATE["labels"]


@route("POST", "/repos/[^/]+/n/labels")
def make_label(body):
    """One more."""
    STATE["labels"].append(body)
    return 201, body


@route("GET", "/repos/[^/]+/n/branches/([^/]+)/protection")
def protection(_body, name):
    """What guards a branch."""
    found = STATE["protection"].get(name)
    return (200, found) if found else (404, {"message":
                                             "Branch not protected"})


@route("PUT", "/repos/[^/]+/n/branches/([^/]+)/protection")
def protect(body, name):
    """As it was asked for."""
    STATE["protection"][name] = body
    return 200, body


@route("GET", "/repos/[^/]+/n/rules/branches/.*")
def rules(_body):
    """No rule sets."""
    return 200, []


@route("POST", "/graphql")
def graphql(_body):
    """No merge queue."""
    return 200, {"data": {"repository": {"mergeQueue": None}}}


@route("GET", "/repos/[^/]+/n/releases/tags/([^/]+)")
def by_tag(_body, tag):
    """Published ones only."""
    found = [r for r in STATE["releases"]
             if r["tag_name"] == unquote(tag) and not r["draft"]]
    return (200, found[0]) if found else NO_SUCH


@route("GET", "/repos/[^/]+/n/releases")
def releases(_body):
    """All, drafts as well."""
    return 200, STATE["releases"]


@route("POST", "/repos/([^/]+)/n/releases")
def release(body, owner):
    """One more, of a tag there is."""
    if not resolve(owner, f"refs/tags/{body['tag_name']}"):
        return 422, {"message": "no such tag"}
    body["html_url"] = f"https://forge.example/r/{len(STATE['releases']) + 1}"
    STATE["releases"].append(body)
    return 201, body


@route("GET", "/repos/[^/]+/n/pulls")
def pulls(_body):
    """All."""
    return 200, STATE["pulls"]


@route("POST", "/repos/([^/]+)/n/pulls")
def propose(body, owner):
    """One more."""
    number = len(STATE["pulls"]) + 1
    full = {"full_name": f"{owner}/n"}
    pull = {"number": number, "state": "open", "node_id": f"N{number}",
            "html_url": f"https://forge.example/pull/{number}",
            "title": body["title"], "body": body["body"], "merged_at": None,
            "merge_commit_sha": None, "draft": False,
            "head": {"ref": body["head"], "repo": full,
                     "sha": resolve(owner, f"refs/heads/{body['head']}")},
            "base": {"ref": body["base"], "repo": full,
                     "sha": resolve(owner, f"refs/heads/{body['base']}")},
            "labels": [], "assignees": [], "requested_reviewers": [],
            "requested_teams": [], "user": {"login": "o"}}
    STATE["pulls"].append(pull)
    return 201, pull


@route("GET", "/repos/[^/]+/n/commits/[^/]+/check-runs")
def check_runs(_body):
    """None."""
    return 200, {"total_count": 0, "check_runs": []}


@route("POST", "/repos/[^/]+/n/check-runs")
def make_check_run(_body):
    """An App's to make."""
    return 403, {"message": "You must authenticate via a GitHub App."}


@route("GET", "/repos/[^/]+/n/commits/[^/]+/statuses")
def statuses(_body):
    """All."""
    return 200, []


@route("POST", "/repos/[^/]+/n/statuses/(.*)")
def status(body, oid):
    """A word on a commit."""
    STATE["statuses"].append({"sha": oid, **body})
    return 201, body


def refused(line):
    """Does the test want it so?"""
    path = os.path.join(FOLDER, "refuse")
    if not os.path.exists(path):
        return False
    with open(path, encoding="utf-8") as file:
        return line in file.read().splitlines()


class Handler(http.server.BaseHTTPRequestHandler):
    """One request after the other on a connection."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """The log belongs to nobody."""

    def find(self, body):
        """The answer of the first route that fits."""
        path = urlsplit(self.path).path
        if refused(f"{self.command} {path}"):
            return 403, {"message": "Must have admin rights to Repository."}
        for method, pattern, function in ROUTES:
            match = pattern.match(path)
            if method == self.command and match:
                return function(body, *match.groups())
        return NO_SUCH

    def answer(self):
        """What is kept, and keeps it."""
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with LOCK:
            with open(os.path.join(FOLDER, "asked"), "a",
                      encoding="utf-8") as log:
                log.write(f"{self.command} {self.path}\n")
            code, reply = self.find(json.loads(text) if text else {})
            with open(os.path.join(FOLDER, "state.json"), "w",
                      encoding="utf-8") as file:
                json.dump(STATE, file)
        text = json.dumps(reply).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = answer


def main():
    """Serves until nobody wants it any more."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    server.shutdown()


main()
