/*
 * One request to GitHub, tried again as core/retry.h decides.  What GitHub
 * adds to that table: a secondary limit may come without a time, then it is a
 * minute, twice as long each time.
 */
#include "gitops/forge-github-step.h"

#include "core/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Every GitHub Enterprise Server that is still supported knows this one. */
#define API_VERSION "2022-11-28"
#define MAX_PAGES   100

void forge_reply_release(struct forge_reply *reply)
{
	tree_release(&reply->tree);
	free_str(&reply->next);
	free_str(&reply->location);
	free_str(&reply->words);
	free_str(&reply->scopes);
	error_release(&reply->error);
}

int reply_good(const struct forge_reply *reply)
{
	return reply->status / 100 == 2;
}

struct error *reply_error(struct forge_reply *reply)
{
	struct error *err = reply->error;

	reply->error = NULL;
	return err;
}

void github_escape(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (strchr("-._~", *text) || (*text >= '0' && *text <= '9') ||
		    ((*text | 32) >= 'a' && (*text | 32) <= 'z'))
			buf_ch(out, *text);
		else
			buf_addf(out, "%%%02X", (unsigned char)*text);
}

char *github_path(const struct forge_client *client, const char *fmt, ...)
{
	struct buf path = BUF_INIT;
	va_list args;

	buf_str(&path, "/repos/");
	github_escape(&path, client->site->owner);
	buf_ch(&path, '/');
	github_escape(&path, client->site->name);
	va_start(args, fmt);
	buf_vaddf(&path, fmt, args);
	va_end(args);
	return buf_steal(&path);
}

/*
 * A next page lies where the server says, which must be below the API: the
 * token goes with it.
 */
static struct error *url_of(char **out, const struct forge_client *client,
			    const char *path)
{
	const char *api = client->site->api;
	const char *v3 = strstr(api, "/api/v3");

	if (!strcmp(path, GRAPHQL))
		*out = xasprintf(
			"%.*s/graphql",
			(int)(v3 ? (size_t)(v3 - api) + 4 : strlen(api)), api);
	else if (*path == '/')
		*out = xasprintf("%s%s", api, path);
	else if (!strncmp(path, api, strlen(api)) && path[strlen(api)] == '/')
		*out = xstrdup(path);
	else
		return error_new(ERROR_FAILURE,
				 "'%s' names a next page on another server",
				 client->host);
	return NULL;
}

static void add_headers(struct strings *out, const struct forge_client *client,
			const struct ask *ask, const struct kept *kept)
{
	strings_addv(out, "Accept: application/vnd.github+json",
		     "X-GitHub-Api-Version: " API_VERSION, NULL);
	if (client->site->token)
		strings_addf(out, "Authorization: Bearer %s",
			     client->site->token);
	if (ask->body)
		strings_add(out, "Content-Type: application/json");
	if (kept)
		strings_addf(out, "If-None-Match: %s", kept->etag);
}

static int is_change(const struct ask *ask)
{
	return strcmp(ask->method, "GET") != 0;
}

static struct error *send_once(struct http_response *out,
			       struct forge_client *client,
			       const struct ask *ask, const char *url,
			       const struct kept *kept)
{
	CLEANUP(strings_release) struct strings headers = STRINGS_INIT;
	CLEANUP(buf_release) struct buf body = BUF_INIT;
	struct http_request request = { .method = ask->method,
					.url = url,
					.headers = &headers,
					.idle_ms = 30000,
					.total_ms = 120000 };
	char status[16];

	add_headers(&headers, client, ask, kept);
	if (ask->body) {
		json_print(&body, ask->body);
		request.body = body.data;
		request.body_len = body.len;
	}
	TRY(github_turn(client, is_change(ask)));
	TRY(http_get(out, client->http, &request));
	if (is_change(ask))
		client->changed_ms = clock_ms();
	snprintf(status, sizeof status, "%d", out->status);
	log_write(client->log, LOG_DEBUG, "forge", "method", ask->method,
		  "path", ask->path, "status", status, NULL);
	return NULL;
}

static int is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* Without the token, and without what would move a terminal's cursor. */
static char *clean(const struct forge_client *client, const char *text)
{
	const char *token = client->site->token;
	struct buf out = BUF_INIT;

	while (*text)
		if (token && *token && !strncmp(text, token, strlen(token))) {
			buf_str(&out, "***");
			text += strlen(token);
		} else {
			buf_ch(&out, (char)(is_control(*text) ? ' ' : *text));
			text++;
		}
	return buf_steal(&out);
}

/* {"message":…,"errors":[{"message":…}|{"field":…,"code":…}|"…"]} */
static void add_words(struct buf *out, const struct value *root)
{
	buf_str(out, value_text(value_get(root, "message"), ""));
	VALUE_EACH(it, value_get(root, "errors"))
	{
		const char *message = value_text(
			it->kind == VALUE_OBJECT ? value_get(it, "message")
						 : it,
			NULL);
		const char *field = value_text(value_get(it, "field"), NULL);
		const char *code = value_text(value_get(it, "code"), NULL);

		if (message)
			buf_addf(out, "; %s", message);
		else if (field && code)
			buf_addf(out, "; %s: %s", field, code);
	}
}

char *github_words(const struct forge_client *client, const struct value *root)
{
	CLEANUP(buf_release) struct buf words = BUF_INIT;

	add_words(&words, root);
	return clean(client, words.data);
}

static char *words_of(const struct forge_client *client,
		      const struct http_response *response)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct error *err =
		json_parse(&tree, response->body.data, response->body.len);

	if (!err)
		return github_words(client, tree.root);
	error_free(err);
	return xstrdup("");
}

static void read_failure(struct failure *out, const struct forge_client *client,
			 const struct http_response *response, int tries)
{
	char *words;
	int64_t pause = client->site->pause_ms;

	failure_from_response(out, response, clock_now());
	if (response->end != HTTP_OK)
		return;
	words = words_of(client, response);
	if (*words) {
		free(out->message);
		out->message = words;
	} else {
		free(words);
	}
	if (out->retry_after_ms >= 0 || out->reset_ms >= 0)
		return;
	if (out->status == 429 ||
	    (out->status == 403 && out->message &&
	     (strcasestr(out->message, "secondary rate limit") ||
	      strcasestr(out->message, "abuse detection"))))
		out->retry_after_ms = (pause ? pause : 60000)
				      << (tries < 8 ? tries - 1 : 7);
}

/* One that no other try would change. */
static int is_final(const struct failure *failure)
{
	switch (failure->end == HTTP_OK ? failure->status : 0) {
	case 403:
		return failure->retry_after_ms < 0 && failure->reset_ms < 0;
	case 404:
	case 405:
	case 409:
	case 410:
	case 422:
		return 1;
	}
	return 0;
}

static enum error_code code_of(int status, enum error_code fallback)
{
	return status == 404 || status == 410 ? ERROR_NOT_FOUND
	       : status == 405 || status == 409 || status == 422 ? ERROR_REFUSED
								 : fallback;
}

/* The hints of retry_error() speak of providers and agents. */
static struct error *hint_of(struct error *err,
			     const struct forge_client *client,
			     const struct failure *failure)
{
	const char *origin = client->site->token_origin;

	free_str(&err->hint);
	switch (failure->status) {
	case 401:
		return origin ? error_hint(err, "check the token in %s", origin)
			      : error_hint(err, "set GH_TOKEN to a token");
	case 403:
	case 404:
		if (err->code == ERROR_AGAIN)
			break;
		return origin ? error_hint(err,
					   "the token in %s may not be "
					   "allowed to",
					   origin)
			      : error_hint(err, "set GH_TOKEN to a token");
	case 301:
	case 302:
	case 307:
	case 308:
		return error_hint(err, "the repository was moved: mend its "
				       "address with 'git remote set-url'");
	}
	return err->code == ERROR_AGAIN ? error_hint(err, "try again later")
					: err;
}

static struct error *failure_error(const struct forge_client *client,
				   const struct failure *failure,
				   const struct decision *decision)
{
	struct decision coded = *decision;

	coded.code = code_of(failure->status, decision->code);
	return hint_of(retry_error(failure, &coded, client->host, NULL), client,
		       failure);
}

static struct error *read_body(struct forge_reply *out,
			       const struct forge_client *client,
			       const char *body, size_t len)
{
	struct error *err;

	if (!len)
		return NULL;
	err = json_parse(&out->tree, body, len);
	if (err)
		err->code = ERROR_FAILURE;
	return error_wrap(err, "'%s' answers with what is no JSON",
			  client->host);
}

static struct error *read_good(struct forge_reply *out,
			       struct forge_client *client,
			       const struct ask *ask, const char *url,
			       const struct http_response *response)
{
	out->status = response->status;
	if (ask->redirect)
		return NULL;
	out->next = link_next(http_header(response, "Link"));
	TRY(read_body(out, client, response->body.data, response->body.len));
	if (!is_change(ask))
		kept_add(client, url, response, out->next);
	return NULL;
}

/* Followed by nobody here: the token must not go along. */
static int is_redirect(const struct ask *ask,
		       const struct http_response *response)
{
	return ask->redirect && response->end == HTTP_OK &&
	       response->status / 100 == 3 && http_header(response, "Location");
}

static struct error *read_redirect(struct forge_reply *out,
				   const struct http_response *response)
{
	out->status = response->status;
	out->location = xstrdup(http_header(response, "Location"));
	return NULL;
}

static struct error *read_kept(struct forge_reply *out,
			       const struct forge_client *client,
			       const struct kept *kept)
{
	out->status = 200;
	out->next = xstrdup(kept->next);
	return read_body(out, client, kept->body, kept->len);
}

static int maybe_done(const struct failure *failure)
{
	return failure->status >= 500 ||
	       (failure->end != HTTP_OK && failure->end != HTTP_RESOLVE &&
		failure->end != HTTP_CONNECT && failure->end != HTTP_TLS &&
		failure->end != HTTP_REFUSED);
}

/* Waits for the next try, or says how it ended: *again is 0 then. */
static struct error *judge(int *again, struct forge_reply *out,
			   struct forge_client *client, const struct ask *ask,
			   const struct http_response *response, int tries)
{
	CLEANUP(failure_release) struct failure failure = FAILURE_INIT;
	struct decision decision;

	read_failure(&failure, client, response, tries);
	retry_decide(&decision, &failure, tries, &client->site->retry,
		     retry_chance());
	*again = decision.action == RETRY_WAIT && !is_final(&failure) &&
		 !(ask->once && maybe_done(&failure));
	if (*again) {
		/* The wait that was stated is in the decision. */
		client->closed_ms = 0;
		log_write(client->log, LOG_INFO, "asking the forge again",
			  "rule", decision.rule, "path", ask->path, NULL);
		return github_wait(client, decision.wait_ms);
	}
	out->status = failure.status;
	if (!is_final(&failure))
		return failure_error(client, &failure, &decision);
	out->words = xstrdup(failure.message ? failure.message : "");
	out->error = failure_error(client, &failure, &decision);
	return NULL;
}

static int64_t number_in(const struct http_response *response, const char *name)
{
	const char *text = http_header(response, name);
	size_t len = text ? strlen(text) : 0;

	return len && len <= 15 && strspn(text, "0123456789") == len
		       ? strtoll(text, NULL, 10)
		       : -1;
}

/* What stands in the headers of every answer, a refusal as well. */
static void read_headers(struct forge_reply *out,
			 const struct forge_client *client,
			 const struct http_response *response)
{
	const char *scopes = http_header(response, "X-OAuth-Scopes");

	free_str(&out->scopes);
	out->scopes = scopes ? clean(client, scopes) : NULL;
	out->left = number_in(response, "X-RateLimit-Remaining");
	out->limit = number_in(response, "X-RateLimit-Limit");
}

struct error *github_ask(struct forge_reply *out, struct forge_client *client,
			 const struct ask *ask)
{
	CLEANUP(free_str) char *url = NULL;
	const struct kept *kept;
	int again = 1;

	TRY(url_of(&url, client, ask->path));
	kept = is_change(ask) ? NULL : kept_find(client, url);
	for (int tries = 1; again; tries++) {
		CLEANUP(http_response_release)
		struct http_response response = { .body = BUF_INIT };

		TRY(send_once(&response, client, ask, url, kept));
		github_note_limit(client, &response);
		read_headers(out, client, &response);
		if (response.end == HTTP_OK && response.status / 100 == 2)
			return read_good(out, client, ask, url, &response);
		if (is_redirect(ask, &response))
			return read_redirect(out, &response);
		if (response.end == HTTP_OK && response.status == 304 && kept)
			return read_kept(out, client, kept);
		TRY(judge(&again, out, client, ask, &response, tries));
	}
	return NULL;
}

struct error *github_do(struct forge_reply *out, struct forge_client *client,
			const char *method, const char *path,
			const struct value *body)
{
	CLEANUP(forge_reply_release) struct forge_reply own = FORGE_REPLY_INIT;
	struct forge_reply *reply = out ? out : &own;
	struct ask ask = { .method = method, .path = path, .body = body };

	TRY(github_ask(reply, client, &ask));
	return reply_error(reply);
}

static struct error *
each_item(const struct value *list, const struct forge_client *client,
	  struct error *(*fn)(const struct value *item, void *data), void *data)
{
	if (!list || list->kind != VALUE_LIST)
		return error_new(ERROR_FAILURE,
				 "'%s' answers with something else than a list",
				 client->host);
	VALUE_EACH(it, list)
	TRY(fn(it, data));
	return NULL;
}

struct error *
github_pages_in(struct forge_client *client, const char *path, const char *key,
		struct error *(*fn)(const struct value *item, void *data),
		void *data)
{
	CLEANUP(free_str) char *at = xstrdup(path);

	for (int page = 0; at; page++) {
		CLEANUP(forge_reply_release)
		struct forge_reply reply = FORGE_REPLY_INIT;
		const struct value *root;

		if (page == MAX_PAGES)
			return error_new(ERROR_FAILURE,
					 "'%s' has more than %d pages of what "
					 "was asked for",
					 client->host, MAX_PAGES);
		TRY(github_do(&reply, client, "GET", at, NULL));
		root = reply.tree.root;
		TRY(each_item(key ? value_get(root, key) : root, client, fn,
			      data));
		free(at);
		at = reply.next;
		reply.next = NULL;
	}
	return NULL;
}

struct error *github_pages(struct forge_client *client, const char *path,
			   struct error *(*fn)(const struct value *item,
					       void *data),
			   void *data)
{
	return github_pages_in(client, path, NULL, fn, data);
}
