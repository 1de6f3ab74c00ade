#!/usr/bin/env python3
"""A small GitHub: github.py <folder>

It keeps pull requests, labels, people, statuses, comments, review threads and
check runs of one repository, o/n, whose branches it reads from
<folder>/git/o/n.git, and writes all of it to <folder>/state.json after each
change.  Each request becomes a line of <folder>/asked.  These files make it
behave otherwise:

  busy      everything is refused, until much later
  before    POST /pulls never answers, and makes none; <folder>/hangs says so
  after     the same, but it makes one
  unmarked  statuses are refused
  unseen    one that is there is not found, once; making it again is refused
  private   there are no drafts
  unsaid    an answer in a thread never comes to be, <folder>/hangs says so
  said      the same, but it stands there
  meanwhile is run, once, when a merge has been asked for and before it is made
  unmerged  a merge is made and its answer never comes
  unsettled a comment is never made, nor answered
  unwilling merges are refused, and its text is why
  late      it does not notice that a branch is gone, or on its base
  rules     what guards main, as JSON: the answer of /rules/branches/main

Merges are real commits in the bare repository.
A person closes one by PATCH, as a program does, and comments by POST with a
"login" in the body; so does CI for check runs.  All but "stranger" may write.
Prints the port it listens on, on 127.0.0.1, and serves until standard input
ends.
"""
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

FOLDER = sys.argv[1]
GIT = os.path.join(FOLDER, "git/o/n.git")
LOCK = threading.RLock()
STATE = {"pulls": [], "statuses": [], "comments": [], "threads": [],
         "reviews": [], "runs": [], "queue": []}
ROUTES = []


def flag(name):
    """The test wants it so."""
    return os.path.exists(os.path.join(FOLDER, name))


def once(name):
    """The same, and no longer."""
    if not flag(name):
        return False
    os.unlink(os.path.join(FOLDER, name))
    return True


def branch(name):
    """Where it stands, or None."""
    done = subprocess.run(
        ["git", "-C", GIT, "rev-parse", "--verify", "-q", f"refs/heads/{name}"],
        capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def route(method, pattern):
    """What answers to a path."""
    def add(function):
        ROUTES.append((method, re.compile(f"/repos/o/n/{pattern}$"), function))
        return function
    return add


def git(*args, **rest):
    """What git says in the bare repository."""
    return subprocess.run(["git", "-C", GIT, *args], capture_output=True,
                          text=True, check=True, **rest).stdout.strip()


def contains(name, oid):
    """Is the commit on that branch?"""
    return not subprocess.run(
        ["git", "-C", GIT, "merge-base", "--is-ancestor", oid, name],
        capture_output=True, check=False).returncode


def end(pull, oid):
    """It is merged, as that commit."""
    pull.update(state="closed", merged_at="2026-01-02T03:04:05Z",
                merge_commit_sha=oid)


def shown(pull):
    """As GitHub shows it: an open one follows its branch, and ends with it."""
    if pull["state"] == "open":
        head, base = branch(pull["head"]["ref"]), branch(pull["base"]["ref"])
        pull["head"]["sha"] = head or pull["head"]["sha"]
        if flag("late"):
            return pull
        if base and contains(base, pull["head"]["sha"]):
            end(pull, base)
        elif not head:
            pull["state"] = "closed"
    return pull


def refuse(text, status=405):
    """Not this one."""
    return status, {"message": text}


def merge_tree(base, head):
    """The tree of both, or None where they are in conflict."""
    done = subprocess.run(
        ["git", "-C", GIT, "merge-tree", "--write-tree", base, head],
        capture_output=True, text=True, check=False)
    return None if done.returncode else done.stdout.split()[0]


def commit(pull, body, base, tree):
    """A merge, or one commit of it all."""
    head = pull["head"]["sha"]
    parents = ["-p", base]
    words = "\n\n".join(
        part for part in (body.get("commit_title"),
                          body.get("commit_message")) if part)
    if body["merge_method"] == "merge":
        parents += ["-p", head]
    if body["merge_method"] == "rebase":
        words = git("log", "-1", "--format=%B", head)
    return git("commit-tree", tree, *parents, input=words)


@route("PUT", r"pulls/(\d+)/merge")
def merge_pull(_query, body, number):
    """Guarded by its head, and by nothing else."""
    pull = shown(find(number))
    script = os.path.join(FOLDER, "meanwhile")
    if flag("meanwhile"):
        os.rename(script, script + ".done")
        subprocess.run([script + ".done"], check=True)
    if flag("unwilling"):
        with open(os.path.join(FOLDER, "unwilling"), encoding="utf-8") as file:
            return refuse(file.read().strip())
    if pull["draft"] or pull["state"] != "open":
        return refuse("Pull Request is not mergeable")
    if body["sha"] != shown(pull)["head"]["sha"]:
        return refuse("Head branch was modified. Review and try again.", 409)
    name = pull["base"]["ref"]
    base = branch(name)
    tree = merge_tree(base, body["sha"])
    if not tree:
        return refuse("Pull Request has merge conflicts")
    oid = commit(pull, body, base, tree)
    git("update-ref", f"refs/heads/{name}", oid, base)
    end(pull, oid)
    save()
    stop("unmerged")
    return 200, {"sha": oid, "merged": True, "message": "merged"}


@route("GET", "rules/branches/main")
def rules(_query, _body):
    """None, unless the test says so."""
    if not flag("rules"):
        return 200, []
    with open(os.path.join(FOLDER, "rules"), encoding="utf-8") as file:
        return 200, json.load(file)


def find(number):
    """The pull request of that number."""
    return next(p for p in STATE["pulls"] if p["number"] == int(number))


@route("GET", "pulls")
def list_pulls(query, _body):
    """All, of one branch, of one state."""
    state = query.get("state", ["open"])[0]
    head = query.get("head", [None])[0]
    if head and flag("unseen"):
        return 200, []
    return 200, [shown(p) for p in STATE["pulls"]
                 if state in (p["state"], "all")
                 and head in (None, "o:" + p["head"]["ref"])]


def stop(when):
    """Says that it will not answer."""
    if not once(when):
        return
    with open(os.path.join(FOLDER, "hangs"), "w", encoding="utf-8") as file:
        file.write(when)
    LOCK.release()
    time.sleep(60)
    LOCK.acquire()


@route("POST", "pulls")
def make_pull(_query, body):
    """One for each branch, and not without work on it."""
    stop("before")
    once("unseen")
    head, base = branch(body["head"]), branch(body["base"])
    if not head or not base:
        return 422, {"message": "Validation Failed",
                     "errors": [{"message": "no such branch"}]}
    if body.get("draft") and flag("private"):
        return 422, {"message": "Draft pull requests are not supported"}
    if any(p["state"] == "open" and p["head"]["ref"] == body["head"]
           for p in STATE["pulls"]):
        return 422, {"message": "Validation Failed", "errors": [
            {"message": f"A pull request already exists for o:{body['head']}."}
        ]}
    repository = {"full_name": "o/n"}
    number = len(STATE["pulls"]) + 1
    pull = {
        "number": number, "state": "open", "node_id": f"N{number}",
        "html_url": f"https://forge.example/o/n/pull/{number}",
        "title": body["title"], "body": body["body"], "merged_at": None,
        "merge_commit_sha": None, "draft": body.get("draft", False),
        "head": {"ref": body["head"], "sha": head, "repo": repository},
        "base": {"ref": body["base"], "sha": base, "repo": repository},
        "labels": [], "assignees": [], "requested_reviewers": [],
        "requested_teams": [], "user": {"login": "robot"},
    }
    STATE["pulls"].append(pull)
    save()
    stop("after")
    return 201, pull


@route("GET", r"pulls/(\d+)")
def get_pull(_query, _body, number):
    """One of them."""
    return 200, shown(find(number))


@route("PATCH", r"pulls/(\d+)")
def change_pull(_query, body, number):
    """Title, body, state or base."""
    pull = find(number)
    shown(pull)
    for key in ("title", "body", "state"):
        pull[key] = body.get(key, pull[key])
    if "base" in body:
        pull["base"]["ref"] = body["base"]
    return 200, pull


@route("GET", r"pulls/(\d+)/reviews")
def reviews(_query, _body, number):
    """What people thought of it."""
    return 200, [r for r in STATE["reviews"] if r["number"] == int(number)]


def next_id():
    """One that nothing has."""
    return 1 + sum(len(t["comments"]) for t in STATE["threads"]) + \
        len(STATE["reviews"])


@route("POST", r"pulls/(\d+)/reviews")
def review(_query, body, number):
    """Somebody asks for changes, or has another word."""
    STATE["reviews"].append({
        "id": next_id(), "number": int(number), "body": body["body"],
        "state": body.get("state", "CHANGES_REQUESTED"), "user": {"login": body["login"]},
        "html_url": "https://forge.example/review"})
    return 200, STATE["reviews"][-1]


def add_word(thread, body):
    """Somebody's words in a thread."""
    thread["comments"].append({
        "id": next_id(), "login": body.get("login", "robot"),
        "body": body["body"]})
    return 201, thread["comments"][-1]


@route("POST", r"pulls/(\d+)/comments")
def begin_thread(_query, body, number):
    """Somebody has something to say of a line."""
    thread = {"node": f"T{len(STATE['threads']) + 1}", "resolved": False,
              "number": int(number), "path": body["path"],
              "line": body["line"], "comments": []}
    STATE["threads"].append(thread)
    return add_word(thread, body)


@route("POST", r"pulls/(\d+)/comments/(\d+)/replies")
def say_more(_query, body, _number, first):
    """And something more."""
    stop("unsaid")
    thread = next(t for t in STATE["threads"]
                  if t["comments"][0]["id"] == int(first))
    said = add_word(thread, body)
    save()
    stop("said")
    return said


@route("GET", r"pulls/(\d+)/comments")
def list_words(_query, _body, number):
    """All words on lines, in no thread."""
    return 200, [
        {"id": word["id"], "body": word["body"], "path": thread["path"],
         "line": thread["line"], "user": {"login": word["login"]},
         **({"in_reply_to_id": thread["comments"][0]["id"]}
            if word is not thread["comments"][0] else {})}
        for thread in STATE["threads"] if thread["number"] == int(number)
        for word in thread["comments"]]


@route("GET", r"collaborators/([^/]+)/permission")
def permission(_query, _body, login):
    """Who may write."""
    return 200, {"permission": "read" if login == "stranger" else "write"}


def graphql(_query, body):
    """What it is asked for here: threads, and ending one."""
    values = body["variables"]
    if "markPullRequestReadyForReview" in body["query"]:
        pull = next(p for p in STATE["pulls"] if p["node_id"] == values["id"])
        pull["draft"] = False
        return 200, {"data": {}}
    if "enqueuePullRequest" in body["query"]:
        if values["id"] not in STATE["queue"]:
            STATE["queue"].append(values["id"])
        return 200, {"data": {"enqueuePullRequest": {
            "mergeQueueEntry": {"id": "Q" + values["id"]}}}}
    if "resolveReviewThread" in body["query"]:
        for thread in STATE["threads"]:
            thread["resolved"] |= thread["node"] == values["id"]
        return 200, {"data": {"resolveReviewThread": {
            "thread": {"isResolved": True}}}}
    if "reviewThreads" not in body["query"]:
        return 200, {"errors": [{"message": "what?"}]}
    page = {"hasNextPage": False, "endCursor": None}
    nodes = [{
        "id": thread["node"], "isResolved": thread["resolved"],
        "path": thread["path"], "line": thread["line"],
        "comments": {"pageInfo": page, "nodes": [{
            "fullDatabaseId": str(word["id"]), "state": "SUBMITTED",
            "author": {"__typename": "User", "login": word["login"]},
            "authorAssociation": "NONE", "isMinimized": False,
            "viewerDidAuthor": word["login"] == "robot",
            "body": word["body"], "url": "https://forge.example/word",
        } for word in thread["comments"]]},
    } for thread in STATE["threads"] if thread["number"] == values["number"]]
    return 200, {"data": {"repository": {"pullRequest": {
        "reviewThreads": {"pageInfo": page, "nodes": nodes}}}}}


ROUTES.append(("POST", re.compile("/graphql$"), graphql))


@route("POST", r"issues/(\d+)/(labels|assignees)")
def add_names(_query, body, number, what):
    """Labels are made, people are believed."""
    key = "name" if what == "labels" else "login"
    find(number)[what] += [{key: name} for name in body[what]]
    return 201, find(number)


@route("POST", r"pulls/(\d+)/requested_reviewers")
def ask_people(_query, body, number):
    """People are believed here, too."""
    find(number)["requested_reviewers"] += [
        {"login": name} for name in body.get("reviewers", [])]
    return 201, find(number)


@route("POST", r"statuses/(\w+)")
def mark(_query, body, oid):
    """A word on a commit."""
    if flag("unmarked"):
        return 403, {"message": "Resource not accessible by access token"}
    STATE["statuses"].append({"sha": oid, "id": len(STATE["statuses"]) + 1,
                              **body})
    return 201, body


@route("GET", r"commits/(\w+)/status")
def statuses(_query, _body, oid):
    """All words on it."""
    return 200, {"statuses": [s for s in STATE["statuses"]
                              if s["sha"] == oid]}


@route("GET", r"commits/(\w+)/check-runs")
def check_runs(_query, _body, oid):
    """What CI says."""
    runs = [r for r in STATE["runs"] if r["head_sha"] == oid]
    return 200, {"total_count": len(runs), "check_runs": runs}


@route("POST", "check-runs")
def make_check_run(_query, body):
    """For Apps, of which there is one."""
    if body.pop("login", None) == "ci":
        STATE["runs"].append({
            "id": len(STATE["runs"]) + 1, "status": "completed",
            "app": {"slug": "ci"}, "html_url": None, **body})
        return 201, body
    return 403, {"message": "Resource not accessible by personal access token"}


@route("GET", r"issues/(\d+)/comments")
def comments(_query, _body, number):
    """What was said."""
    return 200, [c for c in STATE["comments"] if c["number"] == int(number)]


@route("POST", r"issues/(\d+)/comments")
def comment(_query, body, number):
    """Somebody says something."""
    stop("unsettled")
    STATE["comments"].append({"number": int(number), "body": body["body"],
                              "user": {"login": "robot"}})
    return 201, STATE["comments"][-1]


def save():
    """For the test to look at."""
    path = os.path.join(FOLDER, "state.json")
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(STATE, file, indent=1)
    os.replace(path + ".new", path)


def reply(method, path, body):
    """Status, headers and value."""
    url = urlsplit(path)
    if flag("busy"):
        return 403, {"Retry-After": "86400"}, {
            "message": "You have exceeded a secondary rate limit."}
    for wanted, pattern, function in ROUTES:
        match = pattern.match(url.path)
        if wanted == method and match:
            status, value = function(parse_qs(url.query), body,
                                     *match.groups())
            save()
            return status, {}, value
    return 404, {}, {"message": "Not Found"}


class Handler(http.server.BaseHTTPRequestHandler):
    """One request after the other on a connection."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """The log belongs to nobody."""

    def answer(self):
        """What the repository has to say."""
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length) or "{}")
        with LOCK:
            with open(os.path.join(FOLDER, "asked"), "a",
                      encoding="utf-8") as log:
                log.write(f"{self.command} {self.path}\n")
            status, headers, value = reply(self.command, self.path, body)
        text = json.dumps(value).encode()
        self.send_response(status)
        for name, header in headers.items():
            self.send_header(name, header)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = answer


def main():
    """Serves until nobody wants it any more."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    save()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    os._exit(0)


main()
