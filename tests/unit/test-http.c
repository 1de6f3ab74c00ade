/*
 * Requests end the way they should, whatever the peer does: it is one of our
 * own here, because no real server is that rude.  Real ones are asked in
 * test-http-nginx.c.
 */
#include "tests/unit/peer.h"

#include "core/clock.h"
#include "core/http.h"

struct world {
	struct peer peer;
	struct loop *loop;
	struct http *http;
};

static void open_world(struct world *world, talk_fn talk, int connections)
{
	struct http_options options = { .max_connections = connections };

	peer_start(&world->peer, talk);
	world->loop = loop_new();
	ok(http_new(&world->http, world->loop, &options));
}

static void close_world(struct world *world)
{
	http_free(&world->http);
	loop_free(world->loop);
	peer_stop(&world->peer);
}

/* One request to the peer, with the limits of the request. */
static struct http_response ask(struct world *world,
				struct http_request request)
{
	struct http_response response;

	if (!request.url)
		request.url = world->peer.url;
	ok(http_get(&response, world->http, &request));
	return response;
}

/* Asks and expects this end; detail contains text. */
static void ends(struct world *world, enum http_end end, const char *text,
		 struct http_request request)
{
	struct http_response response = ask(world, request);

	if (response.end != end || !response.detail ||
	    !strstr(response.detail, text))
		fail_msg("end %d: %s", (int)response.end,
			 response.detail ? response.detail : "no detail");
	http_response_release(&response);
}

static void tell_hello(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	while (hear(fd, &request, tally))
		say(fd, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
			"HTTP/1.1 200 OK\r\nX-One: first\r\nx-one:  last \t\r\n"
			"X-Empty:\r\nContent-Length: 5\r\n\r\nhello");
	buf_release(&request);
}

static void an_answer_has_status_headers_and_body(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, tell_hello, 0);
	struct http_response response = ask(&world, (struct http_request){ 0 });
	assert_int_equal(response.end, HTTP_OK);
	assert_int_equal(response.status, 200);
	assert_int_equal(response.version, 11);
	same(http_header(&response, "X-ONE"), "last");
	same(http_header(&response, "x-empty"), "");
	assert_null(http_header(&response, "Link"));
	same(response.body.data, "hello");
	assert_null(response.detail);
	assert_in_range(response.millis, 0, 5000);
	http_response_release(&response);
	close_world(&world);
}

static void connections_are_used_again(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, tell_hello, 0);
	for (int i = 0; i < 5; i++) {
		struct http_response response =
			ask(&world, (struct http_request){ .body = "x",
							   .body_len = 1 });

		assert_int_equal(response.status, 200);
		http_response_release(&response);
	}
	assert_int_equal(world.peer.tally->requests, 5);
	assert_int_equal(world.peer.tally->connections, 1);
	close_world(&world);
}

/* Answers with the request itself. */
static void tell_back(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT, head = BUF_INIT;

	while (hear(fd, &request, tally)) {
		buf_clear(&head);
		buf_addf(&head,
			 "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
			 request.len);
		say(fd, head.data);
		say(fd, request.data);
	}
	buf_release(&request);
	buf_release(&head);
}

static const struct {
	const char *method;
	const char *body;
	const char *headers[4];
	const char *request; /* %d: the port */
} sent[] = {
	{ NULL,
	  NULL,
	  { NULL },
	  "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: us/1\r\n"
	  "Accept: */*\r\nAccept-Encoding: gzip\r\n\r\n" },
	{ NULL,
	  "{}",
	  { "Content-Type: application/json", "X-Key: a b", "X-No:" },
	  "POST / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: us/1\r\n"
	  "Accept: */*\r\nAccept-Encoding: gzip\r\n"
	  "Content-Type: application/json\r\nX-Key: a b\r\nX-No:\r\n"
	  "Content-Length: 2\r\n\r\n{}" },
	{ "PATCH",
	  "x",
	  { "Accept: a/b", "Accept-Encoding: identity" },
	  "PATCH / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: us/1\r\n"
	  "Accept: a/b\r\nAccept-Encoding: identity\r\n"
	  "Content-Length: 1\r\n\r\nx" },
	{ "POST",
	  NULL,
	  { NULL },
	  "POST / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: us/1\r\n"
	  "Accept: */*\r\nAccept-Encoding: gzip\r\n"
	  "Content-Length: 0\r\n\r\n" },
	{ "DELETE",
	  NULL,
	  { "User-Agent: other" },
	  "DELETE / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: */*\r\n"
	  "Accept-Encoding: gzip\r\nUser-Agent: other\r\n\r\n" },
};

static void nothing_is_sent_but_what_was_asked(void **state)
{
	struct http_options options = { .user_agent = "us/1" };
	struct world world;

	(void)state;
	open_world(&world, tell_back, 0);
	http_free(&world.http);
	ok(http_new(&world.http, world.loop, &options));
	for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
		struct strings headers = STRINGS_INIT;
		struct buf expected = BUF_INIT;
		const char *port = strstr(sent[i].request, "%d");

		for (int k = 0; k < 4 && sent[i].headers[k]; k++)
			strings_add(&headers, sent[i].headers[k]);
		buf_add(&expected, sent[i].request,
			(size_t)(port - sent[i].request));
		buf_addf(&expected, "%d%s", world.peer.port, port + 2);
		struct http_response response = ask(
			&world,
			(struct http_request){
				.method = sent[i].method,
				.headers = &headers,
				.body = sent[i].body,
				.body_len =
					sent[i].body ? strlen(sent[i].body) : 0,
			});
		same(response.body.data, expected.data);
		http_response_release(&response);
		strings_release(&headers);
		buf_release(&expected);
	}
	close_world(&world);
}

static void a_head_has_no_body_to_wait_for(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, tell_hello, 0);
	struct http_response response =
		ask(&world, (struct http_request){ .method = "HEAD" });
	assert_int_equal(response.end, HTTP_OK);
	same(http_header(&response, "content-length"), "5");
	assert_int_equal(response.body.len, 0);
	http_response_release(&response);
	close_world(&world);
}

static void what_is_no_request_is_invalid(void **state)
{
	static const char *const urls[] = {
		"",
		"example.com",
		"https://",
		"https://a b/",
		"file:///etc/passwd",
		"/x",
		"https://[::1/",
		"https://a\r\nHost: b/",
	};
	static const char *const headers[] = {
		"no colon", "X: a\r\nY: b", "X: a\nb",   ": x",
		"X Y: z",   "X: \x01",      "X\r\nY: z", "X: \x7f",
	};
	struct world world;
	struct transfer *transfer;

	(void)state;
	open_world(&world, tell_hello, 0);
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
		fails(ERROR_INVALID, "not a URL",
		      http_start(&transfer, world.http,
				 &(struct http_request){ .url = urls[i] }));
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		struct strings list = STRINGS_INIT;

		strings_add(&list, headers[i]);
		fails(ERROR_INVALID, "header",
		      http_start(&transfer, world.http,
				 &(struct http_request){ .url = world.peer.url,
							 .headers = &list }));
		strings_release(&list);
	}
	fails(ERROR_INVALID, "method",
	      http_start(&transfer, world.http,
			 &(struct http_request){ .url = world.peer.url,
						 .method = "GET /x" }));
	ok(loop_run(world.loop));
	assert_int_equal(world.peer.tally->connections, 0);
	close_world(&world);
}

static void plain_http_to_elsewhere_is_refused(void **state)
{
	static const char *const urls[] = {
		"http://example.com/",
		"HTTP://192.168.1.1/",
		"http://127.0.0.1@example.com/",
		"http://localhost.example.com/",
		"http://127.0.0.1.example.com/",
		"http://128.0.0.1/",
		"http://0.0.0.0/",
		"http://[::2]/",
		"ftp://localhost/",
		"gopher://127.0.0.1/",
	};
	struct world world;

	(void)state;
	open_world(&world, tell_hello, 0);
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct http_response response =
			ask(&world, (struct http_request){ .url = urls[i] });

		assert_int_equal(response.end, HTTP_REFUSED);
		assert_int_equal(response.status, 0);
		assert_non_null(strstr(response.detail, "only https"));
		http_response_release(&response);
	}
	close_world(&world);
}

static void loopback_is_known_by_its_name(void **state)
{
	static const struct {
		const char *url;
		int is;
	} rows[] = {
		{ "http://localhost/", 1 },
		{ "http://LocalHost:80", 1 },
		{ "https://127.0.0.1/x", 1 },
		{ "http://127.9.9.9:1?x", 1 },
		{ "http://[::1]:8080/v1", 1 },
		{ "http://[::1]", 1 },
		{ "http://[::2]/", 0 },
		{ "http://[::1]x/", 0 },
		{ "http://[::1", 0 },
		{ "http://127.0.0.1.evil.test/", 0 },
		{ "http://localhost.evil.test/", 0 },
		{ "http://localhost@evil.test/", 0 },
		{ "http://evil.test/@localhost", 0 },
		{ "http://evil.test#localhost", 0 },
		{ "http://evil.test\\@localhost/", 0 },
		{ "http://128.0.0.1/", 0 },
		{ "http://0.0.0.0/", 0 },
		{ "http:///", 0 },
		{ "localhost", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (http_is_loopback(rows[i].url) != rows[i].is)
			fail_msg("%s", rows[i].url);
}

static void no_connection_says_why(void **state)
{
	struct world world;
	struct peer full;
	int fds[8];
	char url[128];

	(void)state;
	open_world(&world, tell_hello, 0);
	ends(&world, HTTP_RESOLVE, "https://nothing.invalid",
	     (struct http_request){ .url = "https://nothing.invalid/" });
	snprintf(url, sizeof url, "https://me:secret@127.0.0.1:1/p?key=secret");
	ends(&world, HTTP_CONNECT, "https://127.0.0.1:1: Connection refused",
	     (struct http_request){ .url = url });

	/* Nobody accepts, and the queue is full: the kernel says nothing. */
	peer_listen(&full, 0);
	for (int i = 0; i < 8; i++) {
		struct sockaddr_in at = { .sin_family = AF_INET };

		at.sin_port = htons((uint16_t)full.port);
		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(fds[i], (struct sockaddr *)&at, sizeof at);
	}
	int64_t begin = clock_ms();
	ends(&world, HTTP_CONNECT, "within 150 ms",
	     (struct http_request){ .url = full.url, .connect_ms = 150 });
	assert_in_range(clock_ms() - begin, 150, 2000);
	for (int i = 0; i < 8; i++)
		close(fds[i]);
	close(full.fd);
	close_world(&world);
}

static void tell_nothing(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	hear(fd, &request, tally);
	nap(60000);
	buf_release(&request);
}

static void tell_half(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	hear(fd, &request, tally);
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
	nap(60000);
	buf_release(&request);
}

/* A byte each 50 ms, and then nothing. */
static void tell_slowly(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	hear(fd, &request, tally);
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n");
	for (int i = 0; i < 14; i++) {
		nap(50);
		say(fd, ".");
	}
	nap(60000);
	buf_release(&request);
}

static void a_silent_peer_is_idle(void **state)
{
	static const talk_fn silent[] = { tell_nothing, tell_half };
	struct world world;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		open_world(&world, silent[i], 0);
		int64_t begin = clock_ms();
		ends(&world, HTTP_IDLE, "silent for 150 ms",
		     (struct http_request){
			     .idle_ms = 150, .body = "x", .body_len = 1 });
		assert_in_range(clock_ms() - begin, 150, 2000);
		close_world(&world);
	}
}

static void a_slow_peer_is_not_idle_but_has_its_time(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, tell_slowly, 0);
	struct http_response response =
		ask(&world, (struct http_request){ .idle_ms = 400 });
	assert_int_equal(response.end, HTTP_OK);
	assert_int_equal(response.body.len, 14);
	assert_in_range(response.millis, 600, 5000);
	http_response_release(&response);

	int64_t begin = clock_ms();
	ends(&world, HTTP_TIMEOUT, "in 300 ms",
	     (struct http_request){ .idle_ms = 400, .total_ms = 300 });
	assert_in_range(clock_ms() - begin, 300, 2000);
	close_world(&world);
}

static const char *rude_answer;

/* What rude_answer says, and the end. */
static void tell_rudely(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	hear(fd, &request, tally);
	say(fd, rude_answer);
	shutdown(fd, SHUT_WR);
	hear(fd, &request, tally);
	buf_release(&request);
}

static void a_broken_answer_is_cut(void **state)
{
	static const struct {
		const char *answer;
		int status;
	} rows[] = {
		{ "", 0 },
		{ "HTTP/1.1 200 OK\r\nContent-Le", 200 },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", 200 },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		  "4\r\nhalf\r\n",
		  200 },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		  200 },
		{ "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
		  "Content-Length: 5\r\n\r\nhello",
		  200 },
		{ "SSH-2.0-OpenSSH_9.2\r\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct world world;

		rude_answer = rows[i].answer;
		open_world(&world, tell_rudely, 0);
		struct http_response response =
			ask(&world, (struct http_request){ .idle_ms = 3000 });
		if (response.end != HTTP_CUT ||
		    response.status != rows[i].status)
			fail_msg("row %zu: end %d, status %d: %s", i,
				 (int)response.end, response.status,
				 response.detail ? response.detail : "");
		assert_non_null(strstr(response.detail, "http://127.0.0.1:"));
		http_response_release(&response);
		close_world(&world);
	}
}

static void tell_many_headers(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	hear(fd, &request, tally);
	say(fd, "HTTP/1.1 200 OK\r\n");
	for (;;)
		say(fd,
		    "X-Flood: 0123456789012345678901234567890123456789\r\n");
}

static void tell_many_heads(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	hear(fd, &request, tally);
	for (;;)
		say(fd, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
}

static void tell_long_header(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	hear(fd, &request, tally);
	say(fd, "HTTP/1.1 200 OK\r\nX-Long: ");
	for (;;)
		say(fd, "0123456789012345678901234567890123456789");
}

static void tell_without_end(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	hear(fd, &request, tally);
	say(fd, "HTTP/1.1 200 OK\r\n\r\n");
	for (;;)
		say(fd, "0123456789012345678901234567890123456789");
}

static void too_much_is_too_large(void **state)
{
	static const talk_fn floods[] = { tell_many_headers, tell_many_heads,
					  tell_long_header, tell_without_end };
	struct world world;

	(void)state;
	for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
		open_world(&world, floods[i], 0);
		ends(&world, HTTP_TOO_LARGE, "http://127.0.0.1:",
		     (struct http_request){ .max_body = 100000 });
		close_world(&world);
	}
	open_world(&world, tell_hello, 0);
	ends(&world, HTTP_TOO_LARGE, "larger than 4 bytes",
	     (struct http_request){ .max_body = 4 });
	struct http_response response =
		ask(&world, (struct http_request){ .max_body = 5 });
	same(response.body.data, "hello");
	http_response_release(&response);
	close_world(&world);
}

static void five_megabytes_go_up_and_down(void **state)
{
	const size_t len = 5 << 20;
	char *body = malloc(len);
	struct world world;

	(void)state;
	for (size_t i = 0; i < len; i++)
		body[i] = (char)('a' + i * 7 % 23);
	open_world(&world, tell_back, 0);
	struct http_response response = ask(
		&world, (struct http_request){ .body = body, .body_len = len });
	assert_int_equal(response.end, HTTP_OK);
	assert_true(response.body.len > len);
	assert_memory_equal(response.body.data + response.body.len - len, body,
			    len);
	http_response_release(&response);
	close_world(&world);
	free(body);
}

/* Answers the first request and gets the second without a word. */
static void tell_once(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	hear(fd, &request, tally);
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	hear(fd, &request, tally);
	buf_release(&request);
}

static void a_request_with_a_body_is_sent_once(void **state)
{
	struct world world;
	struct http_request post = { .body = "x", .body_len = 1 };

	(void)state;
	open_world(&world, tell_once, 0);
	struct http_response response = ask(&world, post);
	assert_int_equal(response.end, HTTP_OK);
	http_response_release(&response);
	ends(&world, HTTP_CUT, "http://127.0.0.1:", post);
	assert_int_equal(world.peer.tally->requests, 2);
	close_world(&world);
}

/* What callbacks have seen and are to do. */
struct seen {
	struct world *world;
	struct buf text;
	int done;
	int stop_at; /* on_body gives nonzero at so many bytes; 0: never */
	struct transfer *cancel; /* canceled by on_body */
	struct transfer *own;
	int start; /* so many more, from on_body */
	enum http_end end;
	int status;
	struct error *give; /* done returns it */
};

static struct error *note_done(struct http_response *response, void *data)
{
	struct seen *seen = data;
	struct error *err = seen->give;

	seen->done++;
	seen->end = response->end;
	seen->status = response->status;
	seen->give = NULL;
	return err;
}

static int note_body(void *data, const struct http_response *head,
		     const char *bytes, size_t len)
{
	struct seen *seen = data;
	struct http_request request = { .url = seen->world->peer.url,
					.done = note_done,
					.data = seen };
	struct transfer *transfer;

	assert_int_equal(head->status, 200);
	buf_add(&seen->text, bytes, len);
	if (seen->cancel) {
		http_cancel(seen->cancel);
		seen->cancel = NULL;
	}
	for (; seen->start > 0; seen->start--)
		ok(http_start(&transfer, seen->world->http, &request));
	return seen->stop_at && seen->text.len >= (size_t)seen->stop_at;
}

static void start(struct seen *seen, struct world *world)
{
	struct http_request request = { .url = world->peer.url,
					.on_body = note_body,
					.done = note_done,
					.data = seen };

	seen->world = world;
	buf_init(&seen->text);
	ok(http_start(&seen->own, world->http, &request));
}

static void tell_as_asked(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	while (hear(fd, &request, tally))
		say(fd, strstr(request.data, "GET /bad")
				? "HTTP/1.1 429 No\r\nContent-Length: "
				  "4\r\n\r\nwait"
				: "HTTP/1.1 200 OK\r\nContent-Length: "
				  "5\r\n\r\nhello");
	buf_release(&request);
}

static void a_body_is_given_as_it_comes_if_it_is_an_answer(void **state)
{
	struct world world;
	struct seen seen = { 0 };
	char url[80];

	(void)state;
	open_world(&world, tell_as_asked, 0);
	start(&seen, &world);
	ok(loop_run(world.loop));
	assert_int_equal(seen.done, 1);
	same(seen.text.data, "hello");

	snprintf(url, sizeof url, "%sbad", world.peer.url);
	buf_clear(&seen.text);
	struct http_response response =
		ask(&world, (struct http_request){ .url = url,
						   .on_body = note_body,
						   .data = &seen });
	assert_int_equal(response.status, 429);
	same(response.body.data, "wait");
	same(seen.text.data, "");
	http_response_release(&response);
	buf_release(&seen.text);
	close_world(&world);
}

static void a_reader_can_stop_the_answer(void **state)
{
	struct world world;
	struct seen seen = { .stop_at = 100 };

	(void)state;
	open_world(&world, tell_without_end, 0);
	start(&seen, &world);
	ok(loop_run(world.loop));
	assert_int_equal(seen.done, 1);
	assert_int_equal(seen.end, HTTP_STOPPED);
	assert_int_equal(seen.status, 200);
	buf_release(&seen.text);
	close_world(&world);
}

static void a_reader_can_cancel_its_own_transfer(void **state)
{
	struct world world;
	struct seen seen = { 0 };

	(void)state;
	open_world(&world, tell_without_end, 0);
	start(&seen, &world);
	seen.cancel = seen.own;
	ok(loop_run(world.loop));
	assert_int_equal(seen.done, 0);
	assert_true(seen.text.len > 0);
	buf_release(&seen.text);
	close_world(&world);
}

static void a_reader_can_cancel_and_start_others(void **state)
{
	struct world world, silent;
	struct seen seen = { .start = 3 }, other = { 0 };

	(void)state;
	open_world(&world, tell_hello, 0);
	open_world(&silent, tell_nothing, 0);
	http_free(&silent.http);
	silent.http = world.http; /* one engine for both */
	start(&other, &silent);
	silent.http = NULL;
	start(&seen, &world);
	seen.cancel = other.own;
	int64_t begin = clock_ms();
	ok(loop_run(world.loop));
	assert_in_range(clock_ms() - begin, 0, 5000);
	assert_int_equal(seen.done, 4);
	assert_int_equal(other.done, 0);
	buf_release(&seen.text);
	buf_release(&other.text);
	close_world(&silent);
	close_world(&world);
}

static void an_error_ends_the_run_and_keeps_the_others(void **state)
{
	struct world world;
	struct seen seen[3] = { { 0 } };

	(void)state;
	open_world(&world, tell_hello, 0);
	for (int i = 0; i < 3; i++)
		start(&seen[i], &world);
	for (int i = 0; i < 3; i++)
		seen[i].give = error_new(ERROR_NO, "enough");
	for (int i = 0; i < 3; i++)
		fails(ERROR_NO, "enough", loop_run(world.loop));
	ok(loop_run(world.loop));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(seen[i].done, 1);
		buf_release(&seen[i].text);
	}
	close_world(&world);
}

static struct error *stop(struct loop *loop, void *data)
{
	(void)data;
	loop_stop(loop);
	return NULL;
}

static void freeing_ends_what_is_under_way(void **state)
{
	struct world world;
	struct seen seen[5] = { { 0 } };

	(void)state;
	open_world(&world, tell_half, 0);
	for (int i = 0; i < 5; i++)
		start(&seen[i], &world);
	loop_timer(world.loop, 100, stop, NULL);
	ok(loop_run(world.loop));
	assert_int_equal(world.peer.tally->requests, 5);
	http_free(&world.http);
	/* Nothing is left to wait for. */
	ok(loop_run(world.loop));
	for (int i = 0; i < 5; i++) {
		assert_int_equal(seen[i].done, 0);
		buf_release(&seen[i].text);
	}
	close_world(&world);
}

static struct error *interrupt(struct loop *loop, void *data)
{
	(void)loop;
	(void)data;
	raise(SIGINT);
	return NULL;
}

static void sigint_ends_the_waiting(void **state)
{
	struct world world;
	struct http_response response;

	(void)state;
	loop_catch_signals();
	open_world(&world, tell_half, 0);
	loop_timer(world.loop, 100, interrupt, NULL);
	int64_t begin = clock_ms();
	fails(ERROR_INTERRUPT, "SIGINT",
	      http_get(&response, world.http,
		       &(struct http_request){ .url = world.peer.url }));
	assert_in_range(clock_ms() - begin, 50, 5000);
	interrupted = 0;
	assert_int_equal(world.peer.tally->requests, 1);
	close_world(&world);
}

static void tell_late(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	while (hear(fd, &request, tally)) {
		nap(20);
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
	}
	buf_release(&request);
}

static void connections_are_never_more_than_allowed(void **state)
{
	struct world world;
	struct seen seen = { 0 };
	struct transfer *transfer;

	(void)state;
	open_world(&world, tell_late, 10);
	for (int i = 0; i < 100; i++)
		ok(http_start(&transfer, world.http,
			      &(struct http_request){ .url = world.peer.url,
						      .body = "x",
						      .body_len = 1,
						      .idle_ms = 5000,
						      .done = note_done,
						      .data = &seen }));
	ok(loop_run(world.loop));
	assert_int_equal(seen.done, 100);
	assert_int_equal(seen.end, HTTP_OK);
	assert_int_equal(world.peer.tally->requests, 100);
	assert_in_range(world.peer.tally->most, 5, 10);
	assert_in_range(world.peer.tally->connections, 5, 10);
	close_world(&world);
}

/* A proxy that lets nobody through and tells what it was asked. */
static void tell_407(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	hear(fd, &request, tally);
	say(fd, strstr(request.data, "CONNECT nothing.invalid:443 ")
			? "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"
			: "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n");
	buf_release(&request);
}

static void proxies_are_used_but_not_for_loopback(void **state)
{
	struct world world, proxy;
	char url[80];

	(void)state;
	open_world(&world, tell_hello, 0);
	open_world(&proxy, tell_407, 0);
	snprintf(url, sizeof url, "http://me:secret@127.0.0.1:%d",
		 proxy.peer.port);
	setenv("all_proxy", url, 1);
	setenv("http_proxy", url, 1);
	ends(&world, HTTP_CONNECT, "the proxy answers 407",
	     (struct http_request){ .url = "https://nothing.invalid/" });
	assert_int_equal(proxy.peer.tally->requests, 1);
	struct http_response response = ask(&world, (struct http_request){ 0 });
	assert_int_equal(response.status, 200);
	http_response_release(&response);
	assert_int_equal(proxy.peer.tally->requests, 1);

	setenv("no_proxy", "nothing.invalid", 1);
	ends(&world, HTTP_RESOLVE, "nothing.invalid",
	     (struct http_request){ .url = "https://nothing.invalid/" });
	unsetenv("no_proxy");
	unsetenv("http_proxy");

	/* What is wrong with a proxy's address is said without it. */
	setenv("all_proxy", "what://me:secret@proxy.invalid:1", 1);
	response =
		ask(&world,
		    (struct http_request){ .url = "https://nothing.invalid/" });
	assert_in_range(response.end, HTTP_RESOLVE, HTTP_CONNECT);
	assert_null(strstr(response.detail, "secret"));
	http_response_release(&response);
	unsetenv("all_proxy");
	close_world(&proxy);
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_has_status_headers_and_body),
		cmocka_unit_test(connections_are_used_again),
		cmocka_unit_test(nothing_is_sent_but_what_was_asked),
		cmocka_unit_test(a_head_has_no_body_to_wait_for),
		cmocka_unit_test(what_is_no_request_is_invalid),
		cmocka_unit_test(plain_http_to_elsewhere_is_refused),
		cmocka_unit_test(loopback_is_known_by_its_name),
		cmocka_unit_test(no_connection_says_why),
		cmocka_unit_test(a_silent_peer_is_idle),
		cmocka_unit_test(a_slow_peer_is_not_idle_but_has_its_time),
		cmocka_unit_test(a_broken_answer_is_cut),
		cmocka_unit_test(too_much_is_too_large),
		cmocka_unit_test(five_megabytes_go_up_and_down),
		cmocka_unit_test(a_request_with_a_body_is_sent_once),
		cmocka_unit_test(
			a_body_is_given_as_it_comes_if_it_is_an_answer),
		cmocka_unit_test(a_reader_can_stop_the_answer),
		cmocka_unit_test(a_reader_can_cancel_its_own_transfer),
		cmocka_unit_test(a_reader_can_cancel_and_start_others),
		cmocka_unit_test(an_error_ends_the_run_and_keeps_the_others),
		cmocka_unit_test(freeing_ends_what_is_under_way),
		cmocka_unit_test(sigint_ends_the_waiting),
		cmocka_unit_test(connections_are_never_more_than_allowed),
		cmocka_unit_test(proxies_are_used_but_not_for_loopback),
	};
	static const char *const proxies[] = {
		"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
		"ALL_PROXY",  "no_proxy",    "NO_PROXY",
	};

	for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
		unsetenv(proxies[i]);
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
