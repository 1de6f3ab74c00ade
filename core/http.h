/*
 * HTTP for everything that asks over the network: one libcurl multi handle on
 * the poll loop, many transfers in one thread.  libcurl is loaded (dlopen)
 * when the first engine is made; core/http*.c are its only users.
 *
 * HTTP/2 over TLS where the server offers it, HTTP/1.1 otherwise, never HTTP/2
 * in clear text.  Connections are reused, and never more than asked for.
 * Proxies and certificates come from the environment (http_proxy, https_proxy,
 * all_proxy, no_proxy, SSL_CERT_FILE, SSL_CERT_DIR, CURL_CA_BUNDLE).  Plain
 * http is refused off loopback (127.0.0.0/8, ::1, localhost) before anything
 * is sent, and no proxy is used for loopback; redirects are not followed: a
 * key must not travel.
 *
 * A request with a body is sent once: when a connection that was kept open
 * turns out dead behind it, that is HTTP_CUT, and the caller decides.
 */
#ifndef CORE_HTTP_H
#define CORE_HTTP_H

#include "core/array.h"
#include "core/loop.h"

struct http;

struct http_options {
	int max_connections; /* in all; 0: 128 */
	int max_per_host; /* 0: as many */
	const char *user_agent; /* NULL: "git-orch/<version>" */
};

/* ERROR_FAILURE with a hint when there is no libcurl. */
struct error *http_new(struct http **out, struct loop *loop,
		       const struct http_options *options) MUST_USE;
/*
 * Cancels what is under way, without calling done.  Not from on_body or done,
 * and before the loop is freed.
 */
void http_free(struct http **http); /* for CLEANUP */

/* How a transfer ended, other than by an answer that is whole. */
enum http_end {
	HTTP_OK, /* an answer, whatever its status */
	HTTP_RESOLVE, /* no such host */
	HTTP_CONNECT, /* refused, unreachable, or not within connect_ms */
	HTTP_TLS, /* certificate, handshake */
	HTTP_IDLE, /* not a byte for idle_ms */
	HTTP_TIMEOUT, /* total_ms */
	HTTP_CUT, /* the connection broke, or no HTTP came */
	HTTP_TOO_LARGE, /* more than max_body, or 256 KiB of headers */
	HTTP_REFUSED, /* not sent: a URL that may not be asked */
	HTTP_STOPPED, /* on_body returned nonzero */
};

struct http_header {
	char *name; /* as sent */
	char *value;
};

struct http_response {
	enum http_end end;
	int status; /* 0: none came */
	int version; /* 10, 11, 20 */
	struct {
		struct http_header *items;
		size_t len, cap;
	} headers;
	struct buf body; /* of what on_body did not take */
	/* Of end, for people: names the host, no path, key or password. */
	char *detail; /* NULL with HTTP_OK */
	int64_t millis; /* since http_start() */
};

/* By name, any case; the last one counts; NULL when absent. */
const char *http_header(const struct http_response *response, const char *name);

/* Copied by http_start() as far as it is needed longer. */
struct http_request {
	const char *method; /* NULL: GET, or POST when there is a body */
	const char *url;
	const struct strings *headers; /* "Name: value"; may be NULL */
	const char *body; /* NULL: none */
	size_t body_len;
	int64_t connect_ms; /* with TLS, without queueing; 0: 10,000 */
	int64_t idle_ms; /* once connected, of this stream; 0: 60,000 */
	int64_t total_ms; /* since http_start(); 0: 600,000 */
	size_t max_body; /* of what is kept or given to on_body; 0: 16 MiB */
	/*
	 * Gets the body of a 2xx answer as it comes, instead of
	 * response->body; head is complete but for the body.  Nonzero ends
	 * the transfer with HTTP_STOPPED.  Without it answers may come
	 * compressed; they are given unpacked.
	 */
	int (*on_body)(void *data, const struct http_response *head,
		       const char *bytes, size_t len);
	void *data; /* on_body's and done's */
	/*
	 * Called once, from the loop; response is freed when it returns.  An
	 * error ends loop_run().  May start and cancel others, like on_body.
	 */
	struct error *(*done)(struct http_response *response, void *data);
};

struct transfer;

/*
 * ERROR_INVALID: a URL, method or header that is none; the message quotes no
 * value.  *out is valid until done.
 */
struct error *http_start(struct transfer **out, struct http *http,
			 const struct http_request *request) MUST_USE;
/* Ends it without calling done or, any more, on_body; also from there. */
void http_cancel(struct transfer *transfer);

/*
 * Sends one request and waits for its answer; request->done is not used.  The
 * response is initialised by this and released by the caller.  An error of
 * the loop (ERROR_INTERRUPT) cancels it.
 */
struct error *http_get(struct http_response *out, struct http *http,
		       const struct http_request *request) MUST_USE;
void http_response_release(struct http_response *response);

/*
 * Tells whether a URL's host is this machine by its name.  Needs no libcurl;
 * a URL with a user name is never, to be safe against look-alikes.
 */
int http_is_loopback(const char *url);

#endif
