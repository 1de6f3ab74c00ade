/*
 * Exchanges over a real connection: what becomes reply, what failure.  The
 * peer is our own for what real ones do not do when told; behind that stands a
 * peer that somebody else wrote, where there is one (ORCH_PEERS names its
 * node_modules).
 */
#include "tests/unit/peer.h"

#include "core/dialect.h"
#include "core/json.h"

#include <fcntl.h>

#define SSE                                                                     \
	"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n" \
	"request-id: req_7\r\nConnection: close\r\n"
#define JSON                                                                   \
	"Content-Type: application/json\r\nConnection: close\r\n"              \
	"request-id: req_8\r\n"
#define START                                                                  \
	"event: message_start\ndata: {'type':'message_start','message':{'id':" \
	"'msg_1','model':'claude-x-1','usage':{'input_tokens':3,"              \
	"'output_tokens':1}}}\n\n"
#define HELLO                                                                  \
	"data: {'type':'content_block_start','index':0,'content_block':{"      \
	"'type':'text','text':''}}\n\n"                                        \
	"data: {'type':'content_block_delta','index':0,'delta':{'type':"       \
	"'text_delta','text':'Hello'}}\n\n"
#define DONE                                                                   \
	"data: {'type':'content_block_stop','index':0}\n\n"                    \
	"data: {'type':'message_delta','delta':{'stop_reason':'end_turn'},"    \
	"'usage':{'output_tokens':2}}\n\ndata: {'type':'message_stop'}\n\n"
#define KEY "sk-very-secret"

/* What the peer says to a request that contains the word; ' stands for ". */
static const struct {
	const char *word, *answer;
} answers[] = {
	{ "recite", SSE "\r\n" START HELLO DONE },
	{ "cut inside", SSE "Content-Length: 9000\r\n\r\n" START HELLO },
	{ "cut behind", SSE "Content-Length: 9000\r\n\r\n" START HELLO DONE },
	{ "end early", SSE "\r\n" START HELLO },
	{ "say nothing", SSE "\r\n" },
	{ "break inside", SSE
	  "\r\n" START HELLO
	  "event: error\ndata: {'type':'error','error':{'type':"
	  "'overloaded_error','message':'Too busy for " KEY "'}}\n\n" DONE },
	{ "talk rubbish", SSE "\r\n" START "data: {rubbish\n\n" DONE },
	{ "one message",
	  "HTTP/1.1 200 OK\r\n" JSON
	  "\r\n{'id':'msg_1','model':'claude-x-1','content':[{'type':'text',"
	  "'text':'Hello'}],'stop_reason':'end_turn','usage':{'input_tokens':"
	  "3,'output_tokens':2}}" },
	{ "half a message",
	  "HTTP/1.1 200 OK\r\n" JSON "\r\n{'id':'msg_1','content':[" },
	{ "overloaded",
	  "HTTP/1.1 529 \r\n" JSON "retry-after: 3\r\nx-should-retry: true\r\n"
	  "\r\n{'type':'error','error':{'type':'overloaded_error','message':"
	  "'Overloaded'},'request_id':'req_body'}" },
	{ "wrong key",
	  "HTTP/1.1 401 Unauthorized\r\n" JSON "\r\n{'type':'error','error':{"
	  "'type':'authentication_error','message':'no such key: " KEY "'}}" },
	{ "gateway", "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n"
		     "Connection: close\r\n\r\n<html>\n<h1>502</h1>\n</html>" },
	{ "drop", "" },
};

static void say_quoted(int fd, const char *answer)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	for (; *answer; answer++)
		buf_ch(&text, (char)(*answer == '\'' ? '"' : *answer));
	say(fd, text.data);
}

/* "need <header>;": the request has to have that line. */
static void check_needed(int fd, const char *request)
{
	const char *at = request;

	while ((at = strstr(at, "need "))) {
		CLEANUP(buf_release) struct buf line = BUF_INIT;

		at += 5;
		buf_str(&line, "\r\n");
		buf_add(&line, at, strcspn(at, ";"));
		buf_str(&line, "\r\n");
		if (!strstr(request, line.data)) {
			say(fd, "HTTP/1.1 400 no such header\r\nConnection: "
				"close\r\n\r\nno ");
			say(fd, line.data + 2);
			return;
		}
	}
	say_quoted(fd, SSE "\r\n" START HELLO DONE);
}

static void talk(int fd, struct tally *tally)
{
	CLEANUP(buf_release) struct buf request = BUF_INIT;

	if (!hear(fd, &request, tally))
		return;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (strstr(request.data, answers[i].word)) {
			say_quoted(fd, answers[i].answer);
			return;
		}
	if (strstr(request.data, "wait for ever"))
		nap(600000);
	check_needed(fd, request.data);
}

/* One exchange and where it goes. */
struct trip {
	struct peer peer;
	struct loop *loop;
	struct http *http;
	const struct driver *driver;
	struct endpoint endpoint;
	struct request request;
	struct exchange exchange;
	struct buf texts;
	int ended;
};

static void on_text(void *data, const char *text, size_t len)
{
	buf_add(&((struct trip *)data)->texts, text, len);
}

static struct error *on_done(struct exchange *exchange, void *data)
{
	struct trip *trip = data;

	assert_ptr_equal(exchange, &trip->exchange);
	trip->ended++;
	return NULL;
}

static void prepare(struct trip *trip, const char *driver, const char *url)
{
	trip->loop = loop_new();
	ok(http_new(&trip->http, trip->loop, NULL));
	ok(driver_find(&trip->driver, driver));
	trip->endpoint.base_url = strdup(url);
	trip->endpoint.key = strdup(KEY);
	request_init(&trip->request);
	request_set_string(&trip->request, "model", "claude-x");
	request_set_int(&trip->request, "max_tokens", 100);
	exchange_init(&trip->exchange);
	trip->exchange.endpoint = &trip->endpoint;
	trip->exchange.request = &trip->request;
	trip->exchange.loop = trip->loop;
	trip->exchange.http = trip->http;
	trip->exchange.on_text = on_text;
	trip->exchange.done = on_done;
	trip->exchange.data = trip;
	buf_init(&trip->texts);
}

static void trip_begin(struct trip *trip, const char *words)
{
	*trip = (struct trip){ .ended = 0 };
	peer_start(&trip->peer, talk);
	prepare(trip, "anthropic", trip->peer.url);
	request_user(&trip->request, words);
}

static void trip_end(struct trip *trip)
{
	exchange_release(&trip->exchange);
	request_release(&trip->request);
	endpoint_release(&trip->endpoint);
	buf_release(&trip->texts);
	http_free(&trip->http);
	loop_free(trip->loop);
	if (trip->peer.pid)
		peer_stop(&trip->peer);
}

static void go(struct trip *trip)
{
	trip->ended = 0;
	buf_clear(&trip->texts);
	ok(trip->driver->start(&trip->exchange));
	ok(loop_run(trip->loop));
	assert_int_equal(trip->ended, 1);
	assert_null(trip->exchange.state);
}

static void whatever_form_it_has_the_answer_is_a_reply(void **state)
{
	static const char *const words[] = { "recite", "cut behind",
					     "one message" };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		CLEANUP(trip_end) struct trip trip;
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		trip_begin(&trip, words[i]);
		go(&trip);
		if (!trip.exchange.answered)
			fail_msg("%s: %s", words[i],
				 trip.exchange.failure.message);
		reply_text(&text, &trip.exchange.reply);
		same(text.data, "Hello");
		same(trip.texts.data, "Hello");
		assert_int_equal(trip.exchange.reply.stop, STOP_END);
		assert_int_equal(trip.exchange.reply.usage.input, 3);
		assert_int_equal(trip.exchange.reply.usage.output, 2);
	}
}

static void a_failure_says_what_the_service_said(void **state)
{
	static const struct {
		const char *words;
		enum http_end end;
		int status, answering;
		const char *type, *message, *request_id;
	} rows[] = {
		{ "cut inside", HTTP_CUT, 200, 1, NULL, "", "req_7" },
		{ "end early", HTTP_CUT, 200, 1, NULL,
		  "the answer stopped in the middle", "req_7" },
		{ "say nothing", HTTP_CUT, 200, 1, NULL, "the answer stopped",
		  "req_7" },
		{ "break inside", HTTP_OK, 200, 1, "overloaded_error",
		  "Too busy for [key]", "req_7" },
		{ "talk rubbish", HTTP_STOPPED, 200, 1, NULL,
		  "an event of the stream: line 1", "req_7" },
		{ "half a message", HTTP_STOPPED, 200, 1, NULL,
		  "the answer: line 1", "req_8" },
		{ "overloaded", HTTP_OK, 529, 0, "overloaded_error",
		  "Overloaded", "req_8" },
		{ "wrong key", HTTP_OK, 401, 0, "authentication_error",
		  "no such key: [key]", "req_8" },
		{ "gateway", HTTP_OK, 502, 0, NULL,
		  "<html> <h1>502</h1> </html>", NULL },
		{ "drop", HTTP_CUT, 0, 0, NULL, "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(trip_end) struct trip trip;
		const struct failure *got = &trip.exchange.failure;

		trip_begin(&trip, rows[i].words);
		go(&trip);
		assert_false(trip.exchange.answered);
		if (got->end != rows[i].end || got->status != rows[i].status ||
		    got->answering != rows[i].answering || !got->message ||
		    !strstr(got->message, rows[i].message) ||
		    !got->type != !rows[i].type ||
		    !got->request_id != !rows[i].request_id)
			fail_msg("%s: end %d, status %d, answering %d: %s",
				 rows[i].words, (int)got->end, got->status,
				 got->answering,
				 got->message ? got->message : "nothing");
		if (got->type)
			same(got->type, rows[i].type);
		if (got->request_id)
			same(got->request_id, rows[i].request_id);
	}
}

static void headers_of_an_error_are_read(void **state)
{
	CLEANUP(trip_end) struct trip trip;

	(void)state;
	trip_begin(&trip, "overloaded");
	go(&trip);
	assert_int_equal(trip.exchange.failure.retry_after_ms, 3000);
	assert_int_equal(trip.exchange.failure.should_retry, 1);
}

static void each_version_has_its_headers_and_the_users_come_last(void **state)
{
	static const struct {
		const char *version, *words;
	} rows[] = {
		{ NULL, "need anthropic-version: 2026-10-21; need "
			"Authorization: Bearer " KEY ";" },
		{ "2023-06-01", "need anthropic-version: 2023-06-01; need "
				"x-api-key: " KEY ";" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(trip_end) struct trip trip;
		CLEANUP(buf_release) struct buf words = BUF_INIT;

		buf_addf(&words,
			 "%s need Content-Type: application/json; need "
			 "Accept: text/plain; need X-Mine: yes;",
			 rows[i].words);
		trip_begin(&trip, words.data);
		if (rows[i].version)
			trip.endpoint.api_version = strdup(rows[i].version);
		strings_add(&trip.endpoint.headers, "accept: text/plain");
		strings_add(&trip.endpoint.headers, "X-Mine: yes");
		go(&trip);
		/* Ours is gone, and the user's is spelled as they did. */
		assert_false(trip.exchange.answered);
		same(trip.exchange.failure.message, "no Accept: text/plain");
	}
	CLEANUP(trip_end) struct trip trip;
	trip_begin(&trip, "need accept: text/plain; need X-Mine: yes; need "
			  "anthropic-version: 2026-10-21; need Authorization: "
			  "Bearer " KEY ";");
	strings_add(&trip.endpoint.headers, "accept: text/plain");
	strings_add(&trip.endpoint.headers, "X-Mine: yes");
	go(&trip);
	assert_true(trip.exchange.answered);
}

static void who_does_not_listen_is_no_connection(void **state)
{
	CLEANUP(trip_end) struct trip trip;

	(void)state;
	trip_begin(&trip, "recite");
	peer_stop(&trip.peer);
	trip.peer.pid = 0;
	go(&trip);
	assert_int_equal(trip.exchange.failure.end, HTTP_CONNECT);
	assert_int_equal(trip.exchange.failure.answering, 0);
}

static void an_exchange_may_be_tried_again(void **state)
{
	CLEANUP(trip_end) struct trip trip;

	(void)state;
	trip_begin(&trip, "overloaded");
	go(&trip);
	assert_false(trip.exchange.answered);
	request_release(&trip.request);
	request_init(&trip.request);
	request_set_string(&trip.request, "model", "claude-x");
	request_user(&trip.request, "recite");
	for (int i = 0; i < 2; i++) {
		go(&trip);
		assert_true(trip.exchange.answered);
		assert_null(trip.exchange.failure.type);
		assert_int_equal(
			value_get(trip.exchange.reply.tree.root, "parts")
				->count,
			1);
	}
}

static struct error *cancel(struct loop *loop, void *data)
{
	struct trip *trip = data;

	(void)loop;
	trip->driver->cancel(&trip->exchange);
	return NULL;
}

static void what_is_canceled_is_never_done(void **state)
{
	CLEANUP(trip_end) struct trip trip;

	(void)state;
	trip_begin(&trip, "wait for ever");
	ok(trip.driver->start(&trip.exchange));
	loop_timer(trip.loop, 100, cancel, &trip);
	ok(loop_run(trip.loop));
	assert_int_equal(trip.ended, 0);
	assert_null(trip.exchange.state);
	trip.driver->cancel(&trip.exchange);
}

static void what_cannot_be_sent_is_an_error_at_once(void **state)
{
	CLEANUP(trip_end) struct trip trip;

	(void)state;
	trip_begin(&trip, "recite");
	strings_add(&trip.endpoint.headers, "X: a\r\nY: b");
	struct error *err = trip.driver->start(&trip.exchange);
	assert_true(error_is(err, ERROR_INVALID));
	assert_null(strstr(err->message, KEY));
	error_free(err);
	assert_null(trip.exchange.state);
}

static void drivers_are_found_by_name(void **state)
{
	static const char *const names[] = { "anthropic", "openai", "command",
					     "replay" };
	const struct driver *driver;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		ok(driver_find(&driver, names[i]));
		same(driver->name, names[i]);
	}
	struct error *err = driver_find(&driver, "gemini");
	assert_true(error_is(err, ERROR_INVALID));
	same(err->hint, "there are: anthropic, openai, command, replay");
	error_free(err);
}

/* The peer that somebody else wrote: aimock. */

static const char fixtures[] =
	"{'fixtures':["
	"{'match':{'userMessage':'say hello'},'response':{'content':"
	"'Hello from the double.','usage':{'input_tokens':120,"
	"'output_tokens':11}}},"
	"{'match':{'userMessage':'use the tool','hasToolResult':false},"
	"'response':{'content':'I will read.','toolCalls':[{'id':'call_x',"
	"'name':'read_file','arguments':{'path':'README.md'}},{'id':'call_y',"
	"'name':'run','arguments':{}}]}},"
	"{'match':{'userMessage':'use the tool','hasToolResult':true},"
	"'response':{'content':'The file says: done.'}},"
	"{'match':{'userMessage':'think first'},'response':{'reasoning':"
	"'Let me think.','content':'Thought through.'}},"
	"{'match':{'userMessage':'stop at limit'},'response':{'content':"
	"'cut off','finishReason':'length'}},"
	"{'match':{'userMessage':'overloaded once'},'response':{'error':{"
	"'message':'Overloaded','type':'overloaded_error'},'status':529}},"
	"{'match':{'userMessage':'rate limit'},'response':{'error':{"
	"'message':'Slow down','type':'rate_limit_error'},'status':429,"
	"'retryAfter':2}},"
	"{'match':{'userMessage':'truncate'},'response':{'content':"
	"'This text is cut before its end arrives.'},'chunkSize':4,"
	"'latency':50,'truncateAfterChunks':5},"
	"{'match':{'userMessage':'malformed'},'response':{'content':'never'},"
	"'chaos':{'malformedRate':1}},"
	"{'match':{'userMessage':'drop it'},'response':{'content':'never'},"
	"'chaos':{'disconnectRate':1}}]}";

struct aimock {
	int pid;
	char url[64];
	char folder[32];
};

static int answers_at(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), up;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)port);
	up = !connect(fd, (struct sockaddr *)&at, sizeof at);
	close(fd);
	return up;
}

/* A port that was free a moment ago. */
static int free_port(void)
{
	struct peer peer;

	peer_listen(&peer, 1);
	close(peer.fd);
	return peer.port;
}

static void exec_aimock(const char *cli, const char *folder, int port)
{
	char number[16];
	int null = open("/dev/null", O_RDWR);

	snprintf(number, sizeof number, "%d", port);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	execlp("node", "node", cli, "-p", number, "-f", folder, "--strict",
	       (char *)NULL);
	_exit(127);
}

/* Skips the test where there is no such peer. */
static void aimock_start(struct aimock *mock)
{
	const char *modules = getenv("ORCH_PEERS");
	CLEANUP(buf_release) struct buf path = BUF_INIT;
	CLEANUP(buf_release) struct buf cli = BUF_INIT;
	int port = free_port(), fd, tries = 0;

	buf_addf(&cli, "%s/@copilotkit/aimock/dist/cli.js",
		 modules ? modules : "build/peers/node_modules");
	if (access(cli.data, R_OK)) {
		print_message("no aimock at %s: set ORCH_PEERS\n", cli.data);
		skip();
	}
	snprintf(mock->folder, sizeof mock->folder, "/tmp/orch-mock-XXXXXX");
	assert_non_null(mkdtemp(mock->folder));
	buf_addf(&path, "%s/all.json", mock->folder);
	fd = open(path.data, O_WRONLY | O_CREAT | O_EXCL, 0600);
	for (const char *at = fixtures; *at; at++)
		assert_int_equal(write(fd, *at == '\'' ? "\"" : at, 1), 1);
	close(fd);
	mock->pid = fork();
	if (!mock->pid)
		exec_aimock(cli.data, mock->folder, port);
	while (!answers_at(port) && tries++ < 200)
		nap(50);
	snprintf(mock->url, sizeof mock->url, "http://127.0.0.1:%d", port);
}

static void aimock_stop(struct aimock *mock)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT;

	kill(mock->pid, SIGKILL);
	waitpid(mock->pid, NULL, 0);
	buf_addf(&path, "%s/all.json", mock->folder);
	unlink(path.data);
	rmdir(mock->folder);
}

static void trip_to(struct trip *trip, const struct aimock *mock,
		    const char *words)
{
	*trip = (struct trip){ .ended = 0 };
	prepare(trip, "anthropic", mock->url);
	request_user(&trip->request, words);
}

static void a_foreign_peer_answers(void **state)
{
	static const struct {
		const char *words, *text;
		enum stop stop;
	} rows[] = {
		{ "say hello", "Hello from the double.", STOP_END },
		{ "think first", "Thought through.", STOP_END },
		{ "stop at limit", "cut off", STOP_LENGTH },
	};
	struct aimock mock;

	(void)state;
	aimock_start(&mock);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(trip_end) struct trip trip;

		trip_to(&trip, &mock, rows[i].words);
		go(&trip);
		if (!trip.exchange.answered)
			fail_msg("%s: %s", rows[i].words,
				 trip.exchange.failure.message);
		same(trip.texts.data, rows[i].text);
		assert_int_equal(trip.exchange.reply.stop, rows[i].stop);
	}
	aimock_stop(&mock);
}

static void a_foreign_peer_has_its_tools_called(void **state)
{
	CLEANUP(trip_end) struct trip trip;
	struct aimock mock;

	(void)state;
	aimock_start(&mock);
	trip_to(&trip, &mock, "use the tool");
	go(&trip);
	assert_true(trip.exchange.answered);
	assert_int_equal(trip.exchange.reply.stop, STOP_TOOL);
	const struct value *call = reply_call(&trip.exchange.reply);
	same(value_text(value_get(call, "id"), ""), "call-1");
	same(value_text(value_path(call, "input.path"), ""), "README.md");
	call = reply_next_call(call);
	same(value_text(value_get(call, "id"), ""), "call-2");
	same(value_text(value_get(call, "name"), ""), "run");
	assert_int_equal(value_get(call, "input")->count, 0);
	request_reply(&trip.request, &trip.exchange.reply);
	request_result(&trip.request, "call-1", "done", 0);
	request_result(&trip.request, "call-2", "ok", 0);
	go(&trip);
	assert_true(trip.exchange.answered);
	same(trip.texts.data, "The file says: done.");
	aimock_stop(&mock);
}

static void a_foreign_peer_fails_in_each_way(void **state)
{
	static const struct {
		const char *words;
		enum http_end end;
		int status, answering;
		const char *type;
	} rows[] = {
		{ "overloaded once", HTTP_OK, 529, 0, "overloaded_error" },
		{ "rate limit", HTTP_OK, 429, 0, "rate_limit_error" },
		{ "truncate", HTTP_CUT, 200, 1, NULL },
		{ "malformed", HTTP_STOPPED, 200, 1, NULL },
		{ "drop it", HTTP_CUT, 0, 0, NULL },
	};
	struct aimock mock;

	(void)state;
	aimock_start(&mock);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(trip_end) struct trip trip;
		const struct failure *got = &trip.exchange.failure;

		trip_to(&trip, &mock, rows[i].words);
		go(&trip);
		if (trip.exchange.answered || got->end != rows[i].end ||
		    got->status != rows[i].status ||
		    got->answering != rows[i].answering ||
		    !got->type != !rows[i].type)
			fail_msg("%s: end %d, status %d, answering %d: %s",
				 rows[i].words, (int)got->end, got->status,
				 got->answering,
				 got->message ? got->message : "nothing");
		if (got->type)
			same(got->type, rows[i].type);
		if (got->status == 429)
			assert_int_equal(got->retry_after_ms, 2000);
	}
	aimock_stop(&mock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_form_it_has_the_answer_is_a_reply),
		cmocka_unit_test(a_failure_says_what_the_service_said),
		cmocka_unit_test(headers_of_an_error_are_read),
		cmocka_unit_test(
			each_version_has_its_headers_and_the_users_come_last),
		cmocka_unit_test(who_does_not_listen_is_no_connection),
		cmocka_unit_test(an_exchange_may_be_tried_again),
		cmocka_unit_test(what_is_canceled_is_never_done),
		cmocka_unit_test(what_cannot_be_sent_is_an_error_at_once),
		cmocka_unit_test(drivers_are_found_by_name),
		cmocka_unit_test(a_foreign_peer_answers),
		cmocka_unit_test(a_foreign_peer_has_its_tools_called),
		cmocka_unit_test(a_foreign_peer_fails_in_each_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
