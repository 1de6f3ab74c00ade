/*
 * One transfer of core/http.c: what libcurl is told of it, and what it tells
 * us.  Included by core/http*.c only.
 */
#ifndef CORE_HTTP_TRANSFER_H
#define CORE_HTTP_TRANSFER_H

#include "core/curl.h"
#include "core/http.h"

/* Of all headers of an answer, the informational ones with them. */
#define HEAD_MOST ((size_t)256 << 10)

struct transfer {
	struct transfer *next;
	struct http *http;
	CURL *easy;
	CURLU *url;
	struct curl_slist *headers;
	char *origin; /* scheme, host and port, for people */
	char *body;
	size_t body_len;
	size_t body_at; /* as far as libcurl has read it */
	int64_t connect_ms, idle_ms, total_ms;
	size_t max_body;
	int (*on_body)(void *data, const struct http_response *head,
		       const char *bytes, size_t len);
	struct error *(*done)(struct http_response *response, void *data);
	void *data; /* of on_body */
	void *done_data;

	struct http_response response;
	int64_t begin;
	int64_t last; /* when the last byte came or went */
	int total_timer, idle_timer; /* 0: none */
	size_t head_len; /* bytes of headers so far */
	size_t got; /* bytes of body so far */
	int added; /* libcurl has it */
	int canceled;
	int head_done;
	char why[CURL_ERROR_SIZE]; /* libcurl's own words */
};

/* Checks the request and prepares it; ERROR_INVALID as http_start(). */
struct error *transfer_new(struct transfer **out,
			   const struct http_request *request,
			   const char *user_agent) MUST_USE;
void transfer_free(struct transfer *transfer); /* libcurl must not have it */

/* Its request goes out now: bytes count from here. */
void transfer_sending(struct transfer *transfer);

/* Fills end and detail from what libcurl says of the finished transfer. */
void transfer_judge(struct transfer *transfer, CURLcode code);
/* Sets end and detail, unless they are set. */
void transfer_end(struct transfer *transfer, enum http_end end, const char *fmt,
		  ...) PRINTF(3, 4);

/*
 * Parses a URL with libcurl's own parser, the one that will be used to
 * connect.  *allowed tells whether it may be asked: https, or http to
 * loopback.
 */
struct error *url_parse(CURLU **url, char **origin, int *allowed,
			const char *text) MUST_USE;
int host_is_loopback(const char *host);

/* Options by the type of their value: they are variadic. */
void set_long(CURL *easy, CURLoption option, long value);
void set_str(CURL *easy, CURLoption option, const char *value);
/* Certificates as the environment has them. */
void set_certificates(CURL *easy);

#endif
