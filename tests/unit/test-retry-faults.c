/*
 * Every row of the table of retries, shown at work: a peer does to the first
 * request what the row is about, and the whole way from call_run() down has to
 * do what the row says.  Each fault goes through each of the three dialects.
 *
 * A row that waits is seen by the second request, one that switches by the
 * other model's answer, one that gives up by its error and no more requests.
 */
#include "tests/unit/peer.h"

#include "core/call.h"
#include "core/file.h"
#include "core/json.h"

#include <ftw.h>

#define MAIN   "main-model"
#define SECOND "second-model"

enum fault_kind {
	REFUSES, /* a status, and a body that says type and code */
	BREAKS, /* an error inside the answer */
	CUT_BEFORE,
	CUT_INSIDE,
	IDLE,
	SLOW_BEFORE,
	SLOW_INSIDE,
	RUBBISH,
	HUGE,
	NO_HOST, /* from here on the peer is not asked */
	NO_CONNECTION,
	NO_TLS,
	BAD_ADDRESS,
};

struct fault {
	const char *rule; /* that has to decide */
	enum fault_kind kind;
	const char *head; /* status and headers of REFUSES */
	const char *type; /* of the error's body */
	const char *code;
	const char *message;
};

#define REFUSE(rule, head, type, code, message)                                \
	{                                                                      \
		rule, REFUSES, head, type, code, message                       \
	}
#define END(rule, kind)                                                        \
	{                                                                      \
		rule, kind, NULL, NULL, NULL, NULL                             \
	}

static const struct fault faults[] = {
	REFUSE("spent", "429 Too Many Requests\r\nx-should-retry: true",
	       "insufficient_quota", "insufficient_quota", "You exceeded it"),
	REFUSE("spent", "400 Bad Request", "invalid_request_error", "",
	       "Your credit balance is too low to ask"),
	REFUSE("spent", "429 Too Many Requests\r\nretry-after: 1",
	       "rate_limit_error", "enforced_spend_limit_reached", "No more"),
	{ "spent", BREAKS, NULL, "billing_error", "billing_error", "Unpaid" },
	REFUSE("payment", "402 Payment Required", "", "", "Pay first"),
	REFUSE("told-to-retry", "400 Bad Request\r\nx-should-retry: true",
	       "invalid_request_error", "", "Odd"),
	REFUSE("told-to-retry-5xx", "501 No\r\nx-should-retry: true", "", "",
	       "Not now"),
	REFUSE("too-long", "400 Bad Request", "invalid_request_error",
	       "context_length_exceeded", "Too much"),
	REFUSE("too-long", "400 Bad Request", "invalid_request_error", "",
	       "prompt is too long: 210000 tokens > 200000 maximum"),
	REFUSE("too-large", "413 Too Large", "", "", "Too large"),
	REFUSE("no-model", "400 Bad Request", "invalid_request_error",
	       "model_not_found", "No such model"),
	REFUSE("not-found", "404 Not Found", "not_found_error", "",
	       "model: main-model"),
	REFUSE("forbidden-for-now", "403 Forbidden\r\nretry-after: 0", "", "",
	       "Too often"),
	REFUSE("no-key", "401 Unauthorized", "authentication_error", "",
	       "invalid x-api-key"),
	{ "no-key", BREAKS, NULL, "authentication_error", "invalid_api_key",
	  "expired" },
	REFUSE("forbidden", "403 Forbidden", "", "", "Not you"),
	REFUSE("bad-request", "400 Bad Request", "invalid_request_error", "",
	       "messages: must not be empty"),
	REFUSE("unprocessable", "422 Unprocessable", "", "", "No"),
	REFUSE("told-not-to-retry",
	       "429 Too Many Requests\r\nx-should-retry: false",
	       "rate_limit_error", "", "Do not"),
	REFUSE("told-not-to-retry-5xx", "500 Error\r\nx-should-retry: false",
	       "api_error", "", "Do not"),
	REFUSE("request-timeout", "408 Request Timeout", "", "", "Slow"),
	REFUSE("conflict", "409 Conflict", "", "", "Locked"),
	REFUSE("too-early", "425 Too Early", "", "", "Early"),
	REFUSE("rate-limit", "429 Too Many Requests", "rate_limit_error", "",
	       "Slow down"),
	REFUSE("rate-limit",
	       "429 Too Many Requests\r\nretry-after-ms: 20\r\nretry-after: 99",
	       "rate_limit_error", "", "Slow down"),
	{ "rate-limit", BREAKS, NULL, "rate_limit_error", "rate_limit_exceeded",
	  "Slow down" },
	REFUSE("overloaded", "529 Overloaded", "overloaded_error", "",
	       "Overloaded"),
	{ "overloaded", BREAKS, NULL, "overloaded_error",
	  "server_is_overloaded", "Overloaded" },
	REFUSE("server-error", "500 Error", "api_error", "", "Oops"),
	REFUSE("server-error", "503 Gone", "", "", "Oops"),
	{ "server-error", BREAKS, NULL, "api_error", "server_error", "Oops" },
	REFUSE("client-error", "418 Teapot", "", "", "Short and stout"),
	REFUSE("redirect", "302 Found\r\nLocation: /elsewhere", "", "", ""),
	{ "broken-answer", BREAKS, NULL, "novel_error", "novel_error", "?" },
	REFUSE("strange-status", "700 What", "", "", "?"),
	END("idle", IDLE),
	END("timeout-before", SLOW_BEFORE),
	END("timeout-inside", SLOW_INSIDE),
	END("cut-before", CUT_BEFORE),
	END("cut-inside", CUT_INSIDE),
	END("answer-too-large", HUGE),
	END("unreadable", RUBBISH),
	END("no-host", NO_HOST),
	END("no-connection", NO_CONNECTION),
	END("tls", NO_TLS),
	END("bad-address", BAD_ADDRESS),
};
#define FAULTS (sizeof faults / sizeof *faults)

/* How each service begins an answer, ends it, and breaks it off. */
static const struct service {
	const char *name, *driver, *api;
	const char *begin, *rest;
	const char *error; /* with type, code, message */
} services[] = {
	{ "anthropic", "anthropic", NULL,
	  "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\","
	  "\"model\":\"x\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}"
	  "\n\ndata: {\"type\":\"content_block_start\",\"index\":0,"
	  "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
	  "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{"
	  "\"type\":\"text_delta\",\"text\":\"Good\"}}\n\n",
	  "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
	  "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
	  "\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n"
	  "data: {\"type\":\"message_stop\"}\n\n",
	  "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"%s\","
	  "\"details\":{\"error_code\":\"%s\"},\"message\":\"%s\"}}\n\n" },
	{ "responses", "openai", "responses",
	  "data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}"
	  "\n\ndata: {\"type\":\"response.output_text.delta\",\"delta\":"
	  "\"Good\"}\n\n",
	  "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\","
	  "\"model\":\"x\",\"status\":\"completed\",\"error\":null,\"output\":"
	  "[{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{"
	  "\"type\":\"output_text\",\"text\":\"Good\"}]}],\"usage\":{"
	  "\"input_tokens\":3,\"output_tokens\":2}}}\n\n",
	  "data: {\"type\":\"error\",\"error\":{\"type\":\"%s\",\"code\":"
	  "\"%s\",\"message\":\"%s\"}}\n\n" },
	{ "chat", "openai", "chat",
	  "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":"
	  "\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Good\"}}]}"
	  "\n\n",
	  "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\","
	  "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"
	  "\n\ndata: [DONE]\n\n",
	  "data: {\"error\":{\"type\":\"%s\",\"code\":\"%s\",\"message\":"
	  "\"%s\"}}\n\n" },
};
#define SERVICES (sizeof services / sizeof *services)

#define STREAM                                                                 \
	"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"               \
	"Connection: close\r\n\r\n"

static void refuse(int fd, const struct fault *fault)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	buf_addf(&text,
		 "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
		 "Connection: close\r\n\r\n"
		 "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"code\":"
		 "\"%s\",\"details\":{\"error_code\":\"%s\"},\"message\":"
		 "\"%s\"}}",
		 fault->head, fault->type, fault->code, fault->code,
		 fault->message);
	say(fd, text.data);
}

static void break_off(int fd, const struct service *service,
		      const struct fault *fault)
{
	char text[512];

	say(fd, STREAM);
	say(fd, service->begin);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, sizeof text, service->error, fault->type, fault->code,
		 fault->message);
#pragma GCC diagnostic pop
	say(fd, text);
}

/* Comments, for longer than anybody listens. */
static void babble(int fd, int ms, size_t most)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT;

	buf_str(&line, ": ");
	while (line.len < (ms ? 10 : 60000))
		buf_ch(&line, 'x');
	buf_str(&line, "\n\n");
	for (size_t sent = 0; sent < most; sent += line.len) {
		say(fd, line.data);
		if (ms)
			nap(ms);
	}
}

static void do_harm(int fd, const struct service *service,
		    const struct fault *fault)
{
	switch (fault->kind) {
	case REFUSES:
		refuse(fd, fault);
		break;
	case BREAKS:
		break_off(fd, service, fault);
		break;
	case CUT_INSIDE:
		say(fd, STREAM);
		say(fd, service->begin);
		break;
	case IDLE:
	case SLOW_BEFORE:
		nap(5000);
		break;
	case SLOW_INSIDE:
		say(fd, STREAM);
		say(fd, service->begin);
		babble(fd, 50, 1200);
		break;
	case HUGE:
		say(fd, STREAM);
		babble(fd, 0, 200 << 20);
		break;
	case RUBBISH:
		say(fd, STREAM "data: {rubbish\n\n");
		break;
	default:
		break;
	}
}

/* The first request is harmed, all others are answered. */
static void talk(int fd, struct tally *tally)
{
	CLEANUP(buf_release) struct buf request = BUF_INIT;
	const char *at;
	char first = 0;
	size_t n, s;

	/* A handshake of TLS begins with this. */
	if (recv(fd, &first, 1, MSG_PEEK) == 1 && first == 0x16) {
		say(fd, "no\r\n");
		return;
	}
	if (!hear(fd, &request, tally))
		return;
	at = strstr(request.data, "fault ");
	if (!at || sscanf(at, "fault %zu of %zu", &n, &s) != 2)
		return;
	if (tally->requests == 1 && strstr(request.data, MAIN)) {
		do_harm(fd, &services[s], &faults[n]);
		return;
	}
	say(fd, STREAM);
	say(fd, services[s].begin);
	say(fd, services[s].rest);
}

/* One call, its two models, and where it leaves its words. */
struct scene {
	char folder[64];
	struct caller caller;
	struct journal *journal;
	struct log *log;
	struct request request;
	struct model model, second;
};

static void set_model(struct model *model, const struct service *service,
		      const char *name, const char *url)
{
	*model = (struct model){ .temperature = -1, .top_p = -1 };
	model->agent = xstrdup(name);
	model->model = xstrdup(name);
	model->endpoint.provider = xstrdup(name);
	model->endpoint.driver = xstrdup(service->driver);
	model->endpoint.api = xstrdup(service->api);
	model->endpoint.base_url = xstrdup(url);
	model->idle_ms = 20000;
	model->timeout_ms = 20000;
}

static const char *main_url(const struct peer *peer, const struct fault *fault,
			    char *space, size_t size)
{
	switch (fault->kind) {
	case NO_HOST:
		return "https://nobody.invalid";
	case NO_CONNECTION: /* the port of tcpmux */
		return "http://127.0.0.1:1";
	case BAD_ADDRESS: /* in the clear, and off this machine */
		return "http://192.0.2.1";
	case NO_TLS:
		snprintf(space, size, "https://127.0.0.1:%d", peer->port);
		return space;
	default:
		return peer->url;
	}
}

static void scene_begin(struct scene *scene, const struct peer *peer, size_t n,
			size_t s)
{
	const struct fault *fault = &faults[n];
	const char *url;
	char space[64], words[32];

	*scene = (struct scene){ .folder = "/tmp/orch-retry-XXXXXX" };
	assert_non_null(mkdtemp(scene->folder));
	ok(journal_open(&scene->journal, scene->folder, "run"));
	scene->log = log_open(scene->folder, "log", LOG_DEBUG);
	assert_non_null(scene->log);
	scene->caller = (struct caller){
		.loop = loop_new(),
		.journal = scene->journal,
		.log = scene->log,
		.retry = { .tries = 2, .base_ms = 1, .cap_ms = 1 },
	};
	url = main_url(peer, fault, space, sizeof space);
	set_model(&scene->model, &services[s], MAIN, url);
	set_model(&scene->second, &services[s], SECOND, peer->url);
	scene->model.fallback = &scene->second;
	if (fault->kind == IDLE)
		scene->model.idle_ms = 150;
	if (fault->kind == SLOW_BEFORE || fault->kind == SLOW_INSIDE)
		scene->model.timeout_ms = 400;
	snprintf(words, sizeof words, "fault %zu of %zu", n, s);
	request_init(&scene->request);
	request_user(&scene->request, words);
}

static int drop(const char *path, const struct stat *st, int type,
		struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void scene_end(struct scene *scene)
{
	struct loop *loop = scene->caller.loop;

	scene->model.fallback = NULL;
	caller_release(&scene->caller);
	loop_free(loop);
	request_release(&scene->request);
	model_release(&scene->model);
	model_release(&scene->second);
	journal_close(&scene->journal);
	log_close(&scene->log);
	nftw(scene->folder, drop, 8, FTW_DEPTH | FTW_PHYS);
}

/* Which row decided: the journal tells what ended it, the log what did not. */
static void decided(struct buf *out, const struct scene *scene)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(free_str) char *path = path_join(scene->folder, "log.jsonl");
	const struct value *line =
		journal_last(scene->journal, "closed", "model=" MAIN, NULL);
	const char *at;

	ok(file_read(&text, path, 1 << 20));
	at = strstr(text.data, "\"rule\":\"");
	if (at)
		buf_add(out, at + 8, strcspn(at + 8, "\""));
	else
		buf_str(out, value_text(value_get(line, "failed"), "none"));
}

static const struct retry_rule *rule_of(const char *name)
{
	size_t len;
	const struct retry_rule *rules = retry_rules(&len);

	for (size_t i = 0; i < len; i++)
		if (!strcmp(rules[i].name, name))
			return &rules[i];
	fail_msg("no rule '%s'", name);
	return NULL;
}

/* What is wrong with how it went, or nothing. */
static void judge(struct buf *wrong, const struct scene *scene,
		  const struct fault *fault, const struct error *err,
		  const struct call_result *result, int requests)
{
	const struct retry_rule *rule = rule_of(fault->rule);
	CLEANUP(buf_release) struct buf name = BUF_INIT;
	int reaches = fault->kind < NO_HOST;
	const char *who = result->model ? result->model->model : "nobody";
	const char *right = SECOND;
	int sent = reaches + 1;

	decided(&name, scene);
	if (strcmp(name.data, fault->rule))
		buf_addf(wrong, "%s decided", name.data);
	if (rule->action == RETRY_GIVE_UP) {
		right = "nobody";
		sent = reaches;
	} else if (rule->action == RETRY_WAIT && reaches) {
		right = MAIN; /* the second try */
	}
	if (strcmp(who, right))
		buf_addf(wrong, "; %s answered: %s", who,
			 err ? err->message : "");
	if (requests != sent)
		buf_addf(wrong, "; %d requests, not %d", requests, sent);
	if (err && err->code != rule->code)
		buf_addf(wrong, "; code %d: %s", (int)err->code, err->message);
}

static int run_one(const struct peer *peer, size_t n, size_t s)
{
	CLEANUP(scene_end) struct scene scene;
	CLEANUP(call_result_release) struct call_result result;
	CLEANUP(buf_release) struct buf wrong = BUF_INIT;
	CLEANUP(error_release) struct error *err = NULL;

	peer->tally->requests = 0;
	scene_begin(&scene, peer, n, s);
	call_result_init(&result);
	const struct call_spec spec = { .request = &scene.request,
					.model = &scene.model,
					.stage = "test",
					.attempt = 1 };
	err = call_run(&result, &scene.caller, &spec);
	judge(&wrong, &scene, &faults[n], err, &result, peer->tally->requests);
	if (wrong.len)
		print_message("# %s, fault %zu by %s: %s\n", faults[n].rule, n,
			      services[s].name, wrong.data);
	return !wrong.len;
}

/* As it says when there is nobody else to ask. */
static void a_fault_that_switches_ends_with_its_code(void **state)
{
	struct peer peer;

	(void)state;
	peer_start(&peer, talk);
	for (size_t n = 0; n < FAULTS; n++) {
		const struct retry_rule *rule = rule_of(faults[n].rule);
		CLEANUP(call_result_release) struct call_result result;
		CLEANUP(scene_end) struct scene scene;

		if (rule->action != RETRY_SWITCH || faults[n].kind == HUGE)
			continue;
		peer.tally->requests = 0;
		scene_begin(&scene, &peer, n, 0);
		scene.model.fallback = NULL;
		call_result_init(&result);
		const struct call_spec spec = { .request = &scene.request,
						.model = &scene.model,
						.stage = "test",
						.attempt = 1 };
		fails(rule->code, MAIN,
		      call_run(&result, &scene.caller, &spec));
		assert_int_equal(peer.tally->requests, 1);
	}
	peer_stop(&peer);
}

static void every_row_of_the_table_does_what_it_says(void **state)
{
	size_t len, rows = 0, good = 0;
	const struct retry_rule *rules = retry_rules(&len);
	struct peer peer;

	(void)state;
	peer_start(&peer, talk);
	for (size_t i = 0; i < len; i++) {
		int runs = 0, fine = 0;

		for (size_t n = 0; n < FAULTS; n++)
			for (size_t s = 0; s < SERVICES; s++) {
				if (strcmp(faults[n].rule, rules[i].name))
					continue;
				runs++;
				fine += run_one(&peer, n, s);
			}
		if (!runs)
			print_message("# %s: no fault\n", rules[i].name);
		rows++;
		good += runs && fine == runs;
	}
	peer_stop(&peer);
	print_message("# retries: %zu/%zu rows do what the table says\n", good,
		      rows);
	assert_int_equal(good, rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table_does_what_it_says),
		cmocka_unit_test(a_fault_that_switches_ends_with_its_code),
	};
	static const char *const proxies[] = { "http_proxy", "https_proxy",
					       "HTTPS_PROXY", "all_proxy",
					       "ALL_PROXY" };

	for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
		unsetenv(proxies[i]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
