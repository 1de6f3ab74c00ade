/*
 * The inside of the forge github: one client, and how it asks.  For the files
 * forge-github*.c and nobody else.
 *
 * https://docs.github.com/en/rest; what its "Best practices for using the REST
 * API" asks for is kept here: one change at a time with a gap between, waits
 * as they are stated, conditional requests.
 */
#ifndef GITOPS_FORGE_GITHUB_STEP_H
#define GITOPS_FORGE_GITHUB_STEP_H

#include "gitops/forge.h"

#include "core/json.h"

/* An answer to a GET that may still hold. */
struct kept {
	char *url;
	char *etag;
	char *body;
	size_t len;
	char *next; /* the page behind it, or NULL */
};

#define KEPT    64
#define GRAPHQL "graphql" /* a path: the one address of that API */

struct forge_client {
	struct loop *loop;
	struct http *http;
	const struct forge_site *site;
	struct log *log;
	char *host; /* of the API, for messages */
	int64_t changed_ms; /* clock_ms() of the last change's answer; 0 */
	int64_t closed_ms; /* nothing is left until then; 0 */
	int no_drafts; /* it said so */
	int no_check_runs; /* it said so: the token is no App's */
	struct kept kept[KEPT]; /* a ring */
	size_t kept_next;
};

struct ask {
	const char *method;
	const char *path; /* "/repos/…", escaped, or a URL below the API's */
	const struct value *body; /* NULL: none */
	int once; /* not again when it may have been done */
	int redirect; /* one is a success, not followed: see location */
};

/*
 * An answer: a success, or a refusal that another try would not change (403,
 * 404, 405, 409, 410, 422), for the caller to judge.
 */
struct forge_reply {
	int status; /* also of a refusal that is returned as an error; or 0 */
	struct tree tree; /* root NULL: nothing that can be read */
	char *next; /* URL of the next page, or NULL */
	char *location; /* of a redirect that was asked for, or NULL */
	char *words; /* of a refusal: what the server says */
	struct error *error; /* of a refusal: ready to be returned */
	char *scopes; /* what a classic token may, "repo, workflow"; NULL: it
			 is none */
	int64_t left, limit; /* requests of this hour; -1: not said */
};
#define FORGE_REPLY_INIT                                                       \
	{                                                                      \
		.tree = TREE_INIT, .left = -1, .limit = -1                     \
	}
void forge_reply_release(struct forge_reply *reply);
int reply_good(const struct forge_reply *reply); /* 2xx */
/* The refusal as an error, owned by the caller; NULL for a success. */
struct error *reply_error(struct forge_reply *reply) MUST_USE;

/* forge-github-ask.c */
struct error *github_ask(struct forge_reply *out, struct forge_client *client,
			 const struct ask *ask) MUST_USE;
/* The same where any refusal is an error; out may be NULL. */
struct error *github_do(struct forge_reply *out, struct forge_client *client,
			const char *method, const char *path,
			const struct value *body) MUST_USE;
/* Asks page after page; fn gets every item. */
struct error *github_pages(struct forge_client *client, const char *path,
			   struct error *(*fn)(const struct value *item,
					       void *data),
			   void *data) MUST_USE;
/* The same where the list stands in an object. */
struct error *
github_pages_in(struct forge_client *client, const char *path, const char *key,
		struct error *(*fn)(const struct value *item, void *data),
		void *data) MUST_USE;
/* What a refusal says, fit to be shown; owned by the caller. */
char *github_words(const struct forge_client *client, const struct value *root)
	MUST_USE;
/* "/repos/<owner>/<name>" and what follows; owned by the caller. */
char *github_path(const struct forge_client *client, const char *fmt, ...)
	PRINTF(2, 3) MUST_USE;
/* Adds text as a part of a URL. */
void github_escape(struct buf *out, const char *text);

/*
 * forge-github-graphql.c: a query, with variables that may be NULL.  A refusal
 * in an answer 200 is one like any other: reply_error() has it, for the caller
 * to judge.  Status 404: a server that has no such API.
 */
struct error *github_graphql(struct forge_reply *out,
			     struct forge_client *client, const char *query,
			     const struct value *variables) MUST_USE;

/* forge-github-limit.c: waits until the next request may be sent. */
struct error *github_turn(struct forge_client *client, int change) MUST_USE;
/* Waits, with the loop running. */
struct error *github_wait(struct forge_client *client, int64_t ms) MUST_USE;
/* Notes when a limit is used up. */
void github_note_limit(struct forge_client *client,
		       const struct http_response *response);

/* forge-github-kept.c: NULL where nothing is kept. */
const struct kept *kept_find(const struct forge_client *client,
			     const char *url);
void kept_add(struct forge_client *client, const char *url,
	      const struct http_response *response, const char *next);
void kept_release(struct forge_client *client);
/* The URL of rel="next" in a Link header; NULL: none (RFC 8288). */
char *link_next(const char *header) MUST_USE;

/* forge-github-read.c: what an answer says, as far as it is used. */
struct error *read_text(const char **out, const struct value *object,
			const char *dotted) MUST_USE;
/* A positive number, which an id always is. */
struct error *read_id(int64_t *out, const struct value *object,
		      const char *field) MUST_USE;
/* "the forge's answer: field '…' is …" */
struct error *read_wrong(const char *field, const char *what) MUST_USE;
/* An address that may be shown to people; NULL where there is none. */
const char *read_link(const struct value *object, const char *field);
/* An address for people to open; out points into object. */
struct error *read_url(const char **out, const struct value *object,
		       const char *field) MUST_USE;
struct error *read_pull(struct pull *out, const struct value *value) MUST_USE;
/* Tells whether its branch is this repository's, not a fork's. */
int is_ours(const struct forge_client *client, const struct value *pull);
/* Tells whether they differ in line ends only. */
int same_text(const char *a, const char *b);
/* Cut to so many characters, with end at the end if it was; owned. */
char *cut_text(const char *text, size_t characters, const char *end) MUST_USE;
/*
 * Adds a stranger's text: valid UTF-8, without control characters but tabs and
 * newlines, and without what colours a terminal.
 */
void add_clean(struct buf *out, const char *text, size_t len);
/* Adds it as a single line, cut to so many characters. */
void add_line(struct buf *out, const char *text, size_t characters);

/* forge-github-people.c: adds what is missing of a proposal. */
struct error *github_add_people(struct forge_client *client,
				const struct value *pull,
				const struct pull_spec *spec) MUST_USE;
/*
 * Tells whether someone's word counts; member: what is guessed when the token
 * may not ask.
 */
struct error *github_may_write(int *out, struct forge_client *client,
			       const char *login, int member) MUST_USE;
/* Tells of an author_association whether it looks like a member's. */
int looks_like_member(const char *association);
/* Counts who approves and who wants changes. */
struct error *github_count_reviews(struct pull *pull,
				   struct forge_client *client) MUST_USE;

/* forge-github-pull.c */
struct error *github_find(struct pull *out, struct forge_client *client,
			  const char *head) MUST_USE;
struct error *github_propose(struct pull *out, struct forge_client *client,
			     const struct pull_spec *spec) MUST_USE;
struct error *github_list(struct pulls *out, struct forge_client *client,
			  const char *prefix) MUST_USE;

/* forge-github-review.c, -ci.c and -annotate.c: as forge-review.h says */
struct ci_checks;
struct annotation;
struct error *github_checks(struct ci_checks *out, struct forge_client *client,
			    const char *oid, const char *not_ours,
			    size_t log_bytes) MUST_USE;
struct error *github_annotate(struct forge_client *client, const char *oid,
			      const char *context, enum mark mark,
			      const char *summary,
			      const struct annotation *items, size_t n)
	MUST_USE;
extern const struct forge_review github_review;

/*
 * forge-github-log.c: the end of a job's log in GitHub Actions, fit to be
 * shown; *out stays NULL where there is none to be had.
 */
struct error *github_job_log(char **out, struct forge_client *client,
			     int64_t job, size_t bytes) MUST_USE;
/* The last bytes of text that are whole lines, else whole characters. */
const char *tail_of(const char *text, size_t bytes);

#endif
