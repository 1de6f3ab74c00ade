/*
 * Carries an exchange over HTTP: puts the request in a dialect, feeds the
 * stream that comes back to it, and fills reply or failure.
 *
 * A reply counts as whole when the dialect says so, not when the connection
 * ends: a cut behind the last event has lost nothing, and a clean end before it
 * is a cut all the same.
 */
#include "core/dialect.h"

#include "core/clock.h"
#include "core/sse.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * A reply of 128,000 tokens comes in about as many events of 150 bytes; only
 * one event at a time is kept.
 */
#define MAX_STREAM (128u << 20)
#define MAX_WHOLE  (16u << 20)

struct carriage {
	struct exchange *exchange;
	const struct dialect *dialect;
	struct transfer *transfer;
	struct decoder decoder;
	struct sse sse;
	struct buf sent; /* the request's body */
	struct buf whole; /* an answer that is no stream */
	struct error *err; /* what could not be read */
	int began; /* the answer's body did */
	int is_json;
};

void decoder_text(struct decoder *decoder, const char *text, size_t len)
{
	const struct exchange *exchange = decoder->exchange;

	if (exchange->on_text && len)
		exchange->on_text(exchange->data, text, len);
}

static void replace(char **field, const char *text)
{
	if (!text)
		return;
	free(*field);
	*field = xstrdup(text);
}

void decoder_fail(struct decoder *decoder, const char *type, const char *code,
		  const char *message)
{
	decoder->failed = 1;
	replace(&decoder->failure->type, type);
	replace(&decoder->failure->code, code);
	replace(&decoder->failure->message, message);
}

void decoder_cut(struct decoder *decoder)
{
	decoder_fail(decoder, NULL, NULL, "the answer stopped in the middle");
	decoder->failure->end = HTTP_CUT;
}

void exchange_notice(const struct exchange *exchange, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf sentence = BUF_INIT;
	va_list args;

	if (!exchange->on_notice)
		return;
	va_start(args, fmt);
	buf_vaddf(&sentence, fmt, args);
	va_end(args);
	exchange->on_notice(exchange->data, sentence.data);
}

void failure_excerpt(struct failure *out, const char *body, size_t len)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT;
	const size_t most = 200;

	for (size_t i = 0; i < len && line.len < most; i++) {
		int blank = (unsigned char)body[i] <= ' ';

		if (!blank)
			buf_ch(&line, body[i]);
		else if (line.len && line.data[line.len - 1] != ' ')
			buf_ch(&line, ' ');
	}
	while (line.len && line.data[line.len - 1] == ' ')
		buf_setlen(&line, line.len - 1);
	if (line.len)
		replace(&out->message, line.data);
}

static void carriage_free(struct carriage *carriage)
{
	if (carriage->dialect->release)
		carriage->dialect->release(&carriage->decoder);
	tree_release(&carriage->decoder.scratch);
	buf_release(&carriage->decoder.partial);
	sse_release(&carriage->sse);
	buf_release(&carriage->sent);
	buf_release(&carriage->whole);
	error_free(carriage->err);
	free(carriage);
}

static struct error *on_event(void *user, const char *event, const char *data,
			      size_t len)
{
	struct carriage *carriage = user;

	if (carriage->decoder.failed || carriage->decoder.finished)
		return NULL;
	return carriage->dialect->event(&carriage->decoder, event, data, len);
}

static int says_json(const struct http_response *head)
{
	const char *type = http_header(head, "content-type");

	return type && !strncasecmp(type, "application/json", 16);
}

static int on_body(void *data, const struct http_response *head,
		   const char *bytes, size_t len)
{
	struct carriage *carriage = data;

	if (!carriage->began)
		carriage->is_json = carriage->dialect->whole && says_json(head);
	carriage->began = 1;
	if (carriage->is_json) {
		buf_add(&carriage->whole, bytes, len);
		return carriage->whole.len > MAX_WHOLE;
	}
	carriage->err =
		sse_feed(&carriage->sse, bytes, len, on_event, carriage);
	return carriage->err || carriage->decoder.failed;
}

/* Takes a key out of what is shown: services quote what they were sent. */
static void hide(char **text, const char *key)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	const char *from = *text, *at;

	if (!from || !key || !*key || !strstr(from, key))
		return;
	for (; (at = strstr(from, key)); from = at + strlen(key)) {
		buf_add(&out, from, (size_t)(at - from));
		buf_str(&out, "[key]");
	}
	buf_str(&out, from);
	free(*text);
	*text = buf_steal(&out);
}

/* Lays what the dialect found in the stream over what HTTP says. */
static void overlay(struct failure *out, const struct failure *said)
{
	out->end = said->end;
	out->status = out->status ? out->status : 200;
	replace(&out->type, said->type);
	replace(&out->code, said->code);
	replace(&out->message, said->message);
	replace(&out->request_id, said->request_id);
}

static int is_good(const struct http_response *response)
{
	return response->status >= 200 && response->status < 300;
}

static void failed(struct carriage *carriage,
		   const struct http_response *response)
{
	struct exchange *exchange = carriage->exchange;
	struct failure *failure = &exchange->failure;
	struct failure said = *failure;

	*failure = (struct failure)FAILURE_INIT;
	failure_from_response(failure, response, clock_now());
	/* With its 200 the service has begun to work, whatever came of it. */
	failure->answering = is_good(response);
	if (carriage->decoder.failed)
		overlay(failure, &said);
	else if (carriage->err)
		replace(&failure->message, carriage->err->message);
	else if (failure->end == HTTP_OK && response->body.len)
		carriage->dialect->explain(failure, response->body.data,
					   response->body.len);
	failure_release(&said);
	hide(&failure->message, exchange->endpoint->key);
}

/* The end of an answer that was 2xx and is not known to have failed. */
static struct error *settle(struct carriage *carriage, enum http_end end)
{
	const struct dialect *dialect = carriage->dialect;
	struct decoder *decoder = &carriage->decoder;

	if (carriage->is_json && end == HTTP_OK)
		TRY(dialect->whole(decoder, carriage->whole.data,
				   carriage->whole.len));
	if (decoder->failed || (end != HTTP_OK && !decoder->finished))
		return NULL;
	TRY(dialect->finish(decoder));
	if (!decoder->failed)
		carriage->exchange->answered = 1;
	return NULL;
}

static struct error *on_done(struct http_response *response, void *data)
{
	struct carriage *carriage = data;
	struct exchange *exchange = carriage->exchange;

	if (is_good(response) && !carriage->err && !carriage->decoder.failed)
		carriage->err = settle(carriage, response->end);
	if (!exchange->answered) {
		/* What came was no answer, however whole it is. */
		if (carriage->err)
			response->end = HTTP_STOPPED;
		failed(carriage, response);
	}
	exchange->state = NULL;
	carriage_free(carriage);
	return exchange->done(exchange, exchange->data);
}

/* A header of the user's replaces one of ours. */
static void add_header(struct strings *headers, const char *header)
{
	size_t name = strcspn(header, ":") + 1;

	for (size_t i = 0; i < headers->len; i++)
		if (!strncasecmp(headers->items[i], header, name)) {
			free(headers->items[i]);
			headers->items[i] = xstrdup(header);
			return;
		}
	strings_add(headers, header);
}

static struct error *submit(struct carriage *carriage)
{
	const struct exchange *exchange = carriage->exchange;
	const struct endpoint *endpoint = exchange->endpoint;
	CLEANUP(strings_release) struct strings headers = STRINGS_INIT;
	CLEANUP(buf_release) struct buf url = BUF_INIT;

	TRY(carriage->dialect->encode(&carriage->sent, exchange));
	strings_add(&headers, "Content-Type: application/json");
	strings_add(&headers, "Accept: text/event-stream, application/json");
	carriage->dialect->address(&url, &headers, endpoint, exchange->request);
	for (size_t i = 0; i < endpoint->headers.len; i++)
		add_header(&headers, endpoint->headers.items[i]);
	struct http_request request = {
		.method = "POST",
		.url = url.data,
		.headers = &headers,
		.body = carriage->sent.data,
		.body_len = carriage->sent.len,
		.connect_ms = exchange->connect_ms,
		.idle_ms = exchange->idle_ms,
		.total_ms = exchange->total_ms,
		.max_body = MAX_STREAM,
		.on_body = on_body,
		.data = carriage,
		.done = on_done,
	};
	return http_start(&carriage->transfer, exchange->http, &request);
}

struct error *dialect_start(struct exchange *exchange,
			    const struct dialect *dialect)
{
	struct carriage *carriage = xcalloc(1, sizeof *carriage);
	struct error *err;

	exchange_clear(exchange);
	carriage->exchange = exchange;
	carriage->dialect = dialect;
	carriage->decoder.exchange = exchange;
	carriage->decoder.reply = &exchange->reply;
	carriage->decoder.failure = &exchange->failure;
	buf_init(&carriage->decoder.partial);
	buf_init(&carriage->sent);
	buf_init(&carriage->whole);
	sse_init(&carriage->sse, 0);
	exchange->state = carriage;
	err = submit(carriage);
	if (err) {
		exchange->state = NULL;
		carriage_free(carriage);
	}
	return err;
}

void dialect_cancel(struct exchange *exchange)
{
	struct carriage *carriage = exchange->state;

	if (!carriage)
		return;
	http_cancel(carriage->transfer);
	exchange->state = NULL;
	carriage_free(carriage);
}
