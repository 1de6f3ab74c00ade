/*
 * The engine: libcurl's multi handle driven by the poll loop.
 *
 * libcurl must not be called from its own callbacks.  What on_body starts or
 * cancels is therefore marked, and done when libcurl has returned.  The limits
 * of time are our own but for the one on connecting: libcurl knows no idle
 * time finer than a second, and gives one code for all of them.
 */
#include "core/http-transfer.h"

#include "core/alloc.h"
#include "core/clock.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_CONNECTIONS 128

struct http {
	struct loop *loop;
	CURLM *multi;
	char *user_agent;
	struct transfer *transfers;
	int timer; /* libcurl's; 0: none */
	int inside; /* libcurl is running */
	int busy; /* so is a done */
	int marked; /* transfers wait for being added or removed */
};

const char *http_header(const struct http_response *response, const char *name)
{
	const char *value = NULL;

	FOR_EACH (struct http_header, header, &response->headers)
		if (!strcasecmp(header->name, name))
			value = header->value;
	return value;
}

void http_response_release(struct http_response *response)
{
	FOR_EACH (struct http_header, header, &response->headers) {
		free(header->name);
		free(header->value);
	}
	free(response->headers.items);
	buf_release(&response->body);
	free(response->detail);
	*response = (struct http_response){ .body = BUF_INIT };
}

static void stop_timer(struct http *http, int *timer)
{
	if (*timer)
		loop_cancel(http->loop, *timer);
	*timer = 0;
}

static void forget(struct transfer *transfer)
{
	struct http *http = transfer->http;
	struct transfer **at = &http->transfers;

	while (*at != transfer)
		at = &(*at)->next;
	*at = transfer->next;
	stop_timer(http, &transfer->total_timer);
	stop_timer(http, &transfer->idle_timer);
	if (transfer->added)
		curl_multi_remove_handle(http->multi, transfer->easy);
	transfer->added = 0;
}

static struct error *finish(struct transfer *transfer)
{
	struct http *http = transfer->http;
	struct error *err = NULL;

	forget(transfer);
	transfer->response.millis = clock_ms() - transfer->begin;
	http->busy++;
	if (transfer->done)
		err = transfer->done(&transfer->response, transfer->done_data);
	http->busy--;
	transfer_free(transfer);
	return err;
}

static struct error *on_total(struct loop *loop, void *data)
{
	struct transfer *transfer = data;

	(void)loop;
	transfer->total_timer = 0;
	transfer_end(transfer, HTTP_TIMEOUT, "no whole answer of %s in %lld ms",
		     transfer->origin, (long long)transfer->total_ms);
	return finish(transfer);
}

static struct error *on_idle(struct loop *loop, void *data)
{
	struct transfer *transfer = data;
	int64_t left = transfer->last + transfer->idle_ms - clock_ms();

	transfer->idle_timer = 0;
	if (left > 0) {
		transfer->idle_timer = loop_timer(loop, left, on_idle, data);
		return NULL;
	}
	transfer_end(transfer, HTTP_IDLE, "%s is silent for %lld ms",
		     transfer->origin, (long long)transfer->idle_ms);
	return finish(transfer);
}

void transfer_sending(struct transfer *transfer)
{
	struct http *http = transfer->http;

	transfer->last = clock_ms();
	stop_timer(http, &transfer->idle_timer);
	transfer->idle_timer =
		loop_timer(http->loop, transfer->idle_ms, on_idle, transfer);
}

static void add(struct transfer *transfer)
{
	CURLMcode code =
		curl_multi_add_handle(transfer->http->multi, transfer->easy);

	if (code)
		BUG("libcurl takes no transfer (%d)", (int)code);
	transfer->added = 1;
}

/* What could not be done while libcurl was running. */
static void do_marked(struct http *http)
{
	if (!http->marked)
		return;
	http->marked = 0;
	for (struct transfer *next, *t = http->transfers; t; t = next) {
		next = t->next;
		if (t->canceled) {
			forget(t);
			transfer_free(t);
		} else if (!t->added && t->response.end == HTTP_OK) {
			add(t);
		}
	}
}

static struct error *on_timer(struct loop *loop, void *data);

static int set_timer(CURLM *multi, long ms, void *data)
{
	struct http *http = data;

	(void)multi;
	stop_timer(http, &http->timer);
	if (ms >= 0)
		http->timer = loop_timer(http->loop, ms, on_timer, http);
	return 0;
}

static struct error *take_finished(struct http *http)
{
	struct error *err = NULL;
	CURLMsg *message;
	int left;

	while (!err && (message = curl_multi_info_read(http->multi, &left))) {
		CURLcode code = message->data.result;
		char *private = NULL;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				  &private);
		struct transfer *transfer = (struct transfer *)(void *)private;
		transfer_judge(transfer, code);
		err = finish(transfer);
	}
	/* The loop may be run again: what is left must not be forgotten. */
	if (err)
		set_timer(http->multi, 0, http);
	return err;
}

static struct error *act(struct http *http, curl_socket_t fd, int what)
{
	int running = 0;

	http->inside++;
	CURLMcode code =
		curl_multi_socket_action(http->multi, fd, what, &running);
	http->inside--;
	if (code && code != CURLM_BAD_SOCKET)
		BUG("libcurl fails (%d)", (int)code);
	do_marked(http);
	return take_finished(http);
}

static struct error *on_timer(struct loop *loop, void *data)
{
	struct http *http = data;

	(void)loop;
	http->timer = 0;
	return act(http, CURL_SOCKET_TIMEOUT, 0);
}

static struct error *on_socket(struct loop *loop, int fd, short revents,
			       void *data)
{
	int what = 0;

	(void)loop;
	if (revents & (POLLIN | POLLHUP))
		what |= CURL_CSELECT_IN;
	if (revents & POLLOUT)
		what |= CURL_CSELECT_OUT;
	if (revents & (POLLERR | POLLNVAL))
		what |= CURL_CSELECT_ERR;
	return act(data, fd, what);
}

static int set_watch(CURL *easy, curl_socket_t fd, int what, void *data,
		     void *socket_data)
{
	static const short events[] = {
		[CURL_POLL_IN] = POLLIN,
		[CURL_POLL_OUT] = POLLOUT,
		[CURL_POLL_INOUT] = POLLIN | POLLOUT,
	};
	struct http *http = data;

	(void)easy;
	(void)socket_data;
	if (what == CURL_POLL_IN || what == CURL_POLL_OUT ||
	    what == CURL_POLL_INOUT)
		loop_watch(http->loop, fd, events[what], on_socket, http);
	else
		loop_unwatch(http->loop, fd);
	return 0;
}

static void configure(struct http *http, const struct http_options *options)
{
	static const struct http_options none;
	const struct http_options *o = options ? options : &none;
	long total = o->max_connections ? o->max_connections : MAX_CONNECTIONS;
	CURLM *multi = http->multi;

	http->user_agent = xstrdup(
		o->user_agent ? o->user_agent : "git-orch/" GIT_ORCH_VERSION);
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_watch);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, http);
	curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, total);
	curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS,
			  (long)o->max_per_host);
	/* Keep as many as may be opened, however few are in use. */
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, total);
}

struct error *http_new(struct http **out, struct loop *loop,
		       const struct http_options *options)
{
	TRY(curl_load());
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return error_new(ERROR_FAILURE, "cannot initialise libcurl");
	CURLM *multi = curl_multi_init();
	if (!multi) {
		curl_global_cleanup();
		return error_new(ERROR_FAILURE, "cannot initialise libcurl");
	}
	struct http *http = xcalloc(1, sizeof *http);
	http->loop = loop;
	http->multi = multi;
	configure(http, options);
	*out = http;
	return NULL;
}

void http_free(struct http **http)
{
	struct http *h = *http;

	if (!h)
		return;
	if (h->inside || h->busy)
		BUG("http_free() in a callback");
	while (h->transfers) {
		struct transfer *transfer = h->transfers;

		forget(transfer);
		transfer_free(transfer);
	}
	curl_multi_cleanup(h->multi);
	stop_timer(h, &h->timer);
	curl_global_cleanup();
	free(h->user_agent);
	free(h);
	*http = NULL;
}

/* Ended before it began: said from the loop, like every other end. */
static struct error *on_refused(struct loop *loop, void *data)
{
	struct transfer *transfer = data;

	(void)loop;
	transfer->total_timer = 0;
	return finish(transfer);
}

struct error *http_start(struct transfer **out, struct http *http,
			 const struct http_request *request)
{
	struct transfer *transfer;

	TRY(transfer_new(&transfer, request, http->user_agent));
	transfer->http = http;
	transfer->next = http->transfers;
	http->transfers = transfer;
	*out = transfer;
	if (transfer->response.end != HTTP_OK) {
		transfer->total_timer =
			loop_timer(http->loop, 0, on_refused, transfer);
		return NULL;
	}
	transfer->total_timer =
		loop_timer(http->loop, transfer->total_ms, on_total, transfer);
	if (http->inside)
		http->marked = 1;
	else
		add(transfer);
	return NULL;
}

void http_cancel(struct transfer *transfer)
{
	struct http *http = transfer->http;

	transfer->canceled = 1;
	if (http->inside) {
		http->marked = 1;
		return;
	}
	forget(transfer);
	transfer_free(transfer);
}

struct waiting {
	struct http *http;
	struct http_response response;
	int done;
};

static struct error *end_waiting(struct http_response *response, void *data)
{
	struct waiting *waiting = data;

	waiting->response = *response;
	*response = (struct http_response){ .body = BUF_INIT };
	waiting->done = 1;
	loop_stop(waiting->http->loop);
	return NULL;
}

/* on_body of a request that is waited for gets the caller's own data. */
struct error *http_get(struct http_response *out, struct http *http,
		       const struct http_request *request)
{
	struct waiting waiting = { .http = http };
	struct transfer *transfer;
	struct error *err = NULL;

	TRY(http_start(&transfer, http, request));
	transfer->done = end_waiting;
	transfer->done_data = &waiting;
	while (!err && !waiting.done)
		err = loop_run(http->loop);
	if (!err) {
		*out = waiting.response;
		return NULL;
	}
	if (waiting.done)
		http_response_release(&waiting.response);
	else
		http_cancel(transfer);
	return err;
}
