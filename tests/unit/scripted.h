/*
 * An HTTP peer that follows a script: each request has to be the next one, byte
 * for byte, and gets the answer that stands there.  In texts of JSON ' stands
 * for ", in headers @API@ for the peer's address and @SOON@ for two seconds
 * from now.
 */
#ifndef TESTS_UNIT_SCRIPTED_H
#define TESTS_UNIT_SCRIPTED_H

#include "tests/unit/peer.h"

#include "core/alloc.h"
#include "core/clock.h"

/* Turns leave out at their end what they do not need. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct turn {
	const char *line; /* "GET /path?query"; NULL ends the script */
	const char *body; /* NULL: none */
	int status; /* 0: the connection is closed instead */
	const char *headers; /* with CRLF; NULL: none */
	const char *answer; /* NULL: none */
	const char *more; /* headers of the request besides the usual ones */
};

struct stage {
	int next;
	int64_t at[64]; /* when each came */
	char problem[16384];
};

/* Set before the peer is forked. */
static const struct turn *script;
static struct stage *stage;
static const char *usual_headers;

static inline char *put_in(const char *text, const char *what, const char *with)
{
	struct buf out = BUF_INIT;

	for (const char *at; (at = strstr(text, what));
	     text = at + strlen(what)) {
		buf_add(&out, text, (size_t)(at - text));
		buf_str(&out, with);
	}
	buf_str(&out, text);
	return buf_steal(&out);
}

/* What is not ours to say: the port, and what libcurl can unpack. */
static inline void drop_line(struct buf *text, const char *name)
{
	const char *at = strstr(text->data, name);

	if (at)
		buf_splice(text, (size_t)(at - text->data),
			   strcspn(at, "\n") + 1, "", 0);
}

static inline char *expected_of(const struct turn *turn)
{
	struct buf out = BUF_INIT;
	char *body = turn->body ? put_in(turn->body, "'", "\"") : NULL;

	buf_addf(&out, "%s HTTP/1.1\r\n%s", turn->line, usual_headers);
	if (body)
		buf_str(&out, "Content-Type: application/json\r\n");
	if (turn->more)
		buf_str(&out, turn->more);
	if (body)
		buf_addf(&out, "Content-Length: %zu\r\n", strlen(body));
	buf_addf(&out, "\r\n%s", body ? body : "");
	free(body);
	return buf_steal(&out);
}

/* The peer's own address. */
static inline char *address_of(int fd)
{
	struct sockaddr_in at;
	socklen_t len = sizeof at;

	getsockname(fd, (struct sockaddr *)&at, &len);
	return xasprintf("http://127.0.0.1:%d", ntohs(at.sin_port));
}

static inline void answer_turn(int fd, const struct turn *turn)
{
	char *api = address_of(fd);
	char *body = put_in(turn->answer ? turn->answer : "", "'", "\"");
	char *with_api =
		put_in(turn->headers ? turn->headers : "", "@API@", api);
	char soon[32], head[64];
	char *headers;

	snprintf(soon, sizeof soon, "%lld", (long long)clock_now() + 2);
	headers = put_in(with_api, "@SOON@", soon);
	snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n",
		 turn->status, strlen(body));
	say(fd, head);
	say(fd, headers);
	say(fd, "\r\n");
	say(fd, body);
	free(body);
	free(with_api);
	free(headers);
	free(api);
}

static inline void follow_script(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	while (hear(fd, &request, tally)) {
		const struct turn *turn = &script[stage->next];
		char *expected;

		stage->at[stage->next] = clock_ms();
		drop_line(&request, "Host: ");
		drop_line(&request, "Accept-Encoding: ");
		expected = turn->line ? expected_of(turn) : xstrdup("");
		if (strcmp(expected, request.data) && !*stage->problem)
			snprintf(stage->problem, sizeof stage->problem,
				 "request %d was\n%.7000s\ninstead of\n%.7000s",
				 stage->next, request.data, expected);
		free(expected);
		if (!turn->line)
			break;
		/* First: whoever has the answer may look at once. */
		stage->next++;
		if (!turn->status)
			break;
		answer_turn(fd, turn);
	}
	buf_release(&request);
}

static inline void scripted_start(struct peer *peer, const struct turn *turns,
				  const char *headers)
{
	stage = mmap(NULL, sizeof *stage, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(stage != MAP_FAILED);
	script = turns;
	usual_headers = headers;
	peer_start(peer, follow_script);
}

/* All of the script was asked for, and nothing else. */
static inline void scripted_end(struct peer *peer)
{
	int next = stage->next;
	char problem[sizeof stage->problem];

	memcpy(problem, stage->problem, sizeof problem);
	peer_stop(peer);
	munmap(stage, sizeof *stage);
	if (*problem)
		fail_msg("%s", problem);
	if (script[next].line)
		fail_msg("'%s' was not asked for", script[next].line);
}

#endif
