/*
 * One transfer: the options libcurl gets, the callbacks it calls, and how its
 * codes are read.
 *
 * A request with a body is sent once: libcurl would repeat it by itself when
 * a connection that was kept open turns out dead, also after the server got
 * all of it.  A model call may have been paid by then, so rewind() refuses and
 * the caller decides (HTTP_CUT).
 */
#include "core/http-transfer.h"

#include "core/alloc.h"
#include "core/clock.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONNECT_MS 10000
#define IDLE_MS    60000
#define TOTAL_MS   600000
#define MAX_BODY   ((size_t)16 << 20)

#define REFUSED "only https is asked, and http on this machine"

void set_long(CURL *easy, CURLoption option, long value)
{
	if (curl_easy_setopt(easy, option, value))
		BUG("libcurl refuses option %d", (int)option);
}

void set_str(CURL *easy, CURLoption option, const char *value)
{
	if (curl_easy_setopt(easy, option, value))
		BUG("libcurl refuses option %d", (int)option);
}

static const char *from_env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* In the order of curl(1); libcurl itself knows none of the three. */
void set_certificates(CURL *easy)
{
	const char *bundle = from_env("CURL_CA_BUNDLE");
	const char *file = bundle ? bundle : from_env("SSL_CERT_FILE");
	const char *dir = bundle ? NULL : from_env("SSL_CERT_DIR");

	if (file) {
		set_str(easy, CURLOPT_CAINFO, file);
		set_str(easy, CURLOPT_PROXY_CAINFO, file);
	}
	if (dir) {
		set_str(easy, CURLOPT_CAPATH, dir);
		set_str(easy, CURLOPT_PROXY_CAPATH, dir);
	}
}

void transfer_end(struct transfer *transfer, enum http_end end, const char *fmt,
		  ...)
{
	va_list args;

	if (transfer->response.end != HTTP_OK)
		return;
	transfer->response.end = end;
	va_start(args, fmt);
	transfer->response.detail = xvasprintf(fmt, args);
	va_end(args);
}

/* "HTTP/1.1 200 OK", "HTTP/2 200": an answer begins, maybe a preliminary one */
static void begin_head(struct http_response *response, const char *line,
		       size_t len)
{
	CLEANUP(free_str) char *text = xstrndup(line, len);
	char *end;
	long major = strtol(text + strlen("HTTP/"), &end, 10);
	long minor = *end == '.' ? strtol(end + 1, &end, 10) : 0;

	response->version = (int)(major * 10 + minor);
	response->status = (int)strtol(end, NULL, 10);
	FOR_EACH (struct http_header, header, &response->headers) {
		free(header->name);
		free(header->value);
	}
	response->headers.len = 0;
}

static void add_header(struct http_response *response, const char *line,
		       size_t len)
{
	const char *colon = memchr(line, ':', len);

	/* Folded lines (obsolete in RFC 9112) carry nothing we ask for. */
	if (!colon || colon == line || *line == ' ' || *line == '\t')
		return;
	const char *value = colon + 1, *end = line + len;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*PUSH(&response->headers) = (struct http_header){
		xstrndup(line, (size_t)(colon - line)),
		xstrndup(value, (size_t)(end - value)),
	};
}

static size_t on_header(char *line, size_t one, size_t size, void *data)
{
	struct transfer *transfer = data;
	struct http_response *response = &transfer->response;
	size_t len = size;

	(void)one;
	if (transfer->canceled)
		return 0;
	transfer->last = clock_ms();
	transfer->head_len += size;
	if (transfer->head_len > HEAD_MOST) {
		transfer_end(transfer, HTTP_TOO_LARGE,
			     "%s sends more than %zu bytes of headers",
			     transfer->origin, HEAD_MOST);
		return 0;
	}
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (transfer->head_done)
		return size; /* trailers */
	if (!len)
		transfer->head_done = response->status >= 200;
	else if (len > 5 && !memcmp(line, "HTTP/", 5))
		begin_head(response, line, len);
	else
		add_header(response, line, len);
	return size;
}

static size_t on_write(char *bytes, size_t one, size_t len, void *data)
{
	struct transfer *transfer = data;
	struct http_response *response = &transfer->response;

	(void)one;
	if (transfer->canceled)
		return 0;
	transfer->last = clock_ms();
	if (len > transfer->max_body - transfer->got) {
		transfer_end(transfer, HTTP_TOO_LARGE,
			     "the answer of %s is larger than %zu bytes",
			     transfer->origin, transfer->max_body);
		return 0;
	}
	transfer->got += len;
	if (!transfer->on_body || response->status / 100 != 2) {
		buf_add(&response->body, bytes, len);
		return len;
	}
	if (transfer->on_body(transfer->data, response, bytes, len)) {
		transfer_end(transfer, HTTP_STOPPED, "stopped while reading");
		return 0;
	}
	return transfer->canceled ? 0 : len;
}

static size_t on_read(char *out, size_t one, size_t room, void *data)
{
	struct transfer *transfer = data;
	size_t left = transfer->body_len - transfer->body_at;
	size_t len = room * one < left ? room * one : left;

	if (transfer->canceled)
		return CURL_READFUNC_ABORT;
	transfer->last = clock_ms();
	if (len)
		memcpy(out, transfer->body + transfer->body_at, len);
	transfer->body_at += len;
	return len;
}

static int rewind_body(void *data, curl_off_t offset, int origin)
{
	struct transfer *transfer = data;

	(void)origin;
	return !offset && !transfer->body_at ? CURL_SEEKFUNC_OK
					     : CURL_SEEKFUNC_FAIL;
}

static int on_sending(void *data, char *there, char *here, int port, int own)
{
	struct transfer *transfer = data;

	(void)there;
	(void)here;
	(void)port;
	(void)own;
	if (transfer->canceled)
		return CURL_PREREQFUNC_ABORT;
	transfer_sending(transfer);
	return CURL_PREREQFUNC_OK;
}

static int is_token(const char *s, size_t len)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') &&
		    (c < 'a' || c > 'z') && (!c || !strchr(others, c)))
			return 0;
	}
	return len > 0;
}

/* Field syntax of RFC 9110, section 5.5; the value stays out of messages. */
static struct error *check_header(const char *line)
{
	size_t name = strcspn(line, ":");

	if (line[name] != ':' || !is_token(line, name))
		return error_new(ERROR_INVALID,
				 "a header is not of the form 'Name: value'");
	for (const char *c = line + name + 1; *c; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == '\x7f')
			return error_new(ERROR_INVALID,
					 "header '%.*s' has a control "
					 "character in its value",
					 (int)name, line);
	return NULL;
}

static int has_header(const struct strings *headers, const char *name)
{
	size_t len = strlen(name);

	if (headers)
		FOR_EACH (char *, line, headers)
			if (!strncasecmp(*line, name, len) &&
			    (*line)[len] == ':')
				return 1;
	return 0;
}

static void append(struct transfer *transfer, const char *line)
{
	struct curl_slist *list = curl_slist_append(transfer->headers, line);

	if (!list)
		BUG("out of memory");
	transfer->headers = list;
}

static struct error *set_headers(struct transfer *transfer,
				 const struct http_request *request)
{
	/* libcurl's own ideas; "Name:" leaves one out. */
	append(transfer, "Expect:");
	if (!has_header(request->headers, "content-type"))
		append(transfer, "Content-Type:");
	if (request->headers)
		FOR_EACH (char *, line, request->headers) {
			size_t name = strcspn(*line, ":");

			TRY(check_header(*line));
			if (!(*line)[name + 1 +
				     strspn(*line + name + 1, " \t")]) {
				CLEANUP(free_str)
				char *empty =
					xasprintf("%.*s;", (int)name, *line);

				append(transfer, empty);
			} else {
				append(transfer, *line);
			}
		}
	curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
	return NULL;
}

static struct error *set_method(struct transfer *transfer,
				const struct http_request *request)
{
	CURL *easy = transfer->easy;
	const char *method = request->method ? request->method
			     : request->body ? "POST"
					     : "GET";

	if (!is_token(method, strlen(method)))
		return error_new(ERROR_INVALID, "not a method");
	if (!strcmp(method, "HEAD")) {
		set_long(easy, CURLOPT_NOBODY, 1);
		return NULL;
	}
	if (request->body || !strcmp(method, "POST")) {
		size_t len = request->body ? request->body_len : 0;

		set_long(easy, CURLOPT_POST, 1);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)len);
		transfer->body_len = len;
		transfer->body = len ? xmalloc(len) : NULL;
		if (len)
			memcpy(transfer->body, request->body, len);
	}
	set_str(easy, CURLOPT_CUSTOMREQUEST, method);
	return NULL;
}

static void set_callbacks(struct transfer *transfer)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->why);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, rewind_body);
	curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_sending);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
}

static const struct {
	CURLoption option;
	long value;
} fixed[] = {
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_TCP_KEEPALIVE, 1 },
	{ CURLOPT_FOLLOWLOCATION, 0 },
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS },
	{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
	/* CONNECT's answer is the proxy's, not the service's. */
	{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
	/* A look-up that hangs must not hold up whoever cancels. */
	{ CURLOPT_QUICK_EXIT, 1 },
};

static void set_options(struct transfer *transfer, const char *user_agent)
{
	CURL *easy = transfer->easy;

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		set_long(easy, fixed[i].option, fixed[i].value);
	set_str(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	set_str(easy, CURLOPT_USERAGENT, user_agent);
	set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)transfer->connect_ms);
	curl_easy_setopt(easy, CURLOPT_CURLU, transfer->url);
	/*
	 * The first handshake tells whether one connection is enough; in
	 * clear text it never is.
	 */
	if (!strncasecmp(transfer->origin, "https:", 6))
		set_long(easy, CURLOPT_PIPEWAIT, 1);
	/* A stream is passed on as it comes, not when a block is full. */
	if (!transfer->on_body)
		set_str(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	if (http_is_loopback(transfer->origin))
		set_str(easy, CURLOPT_PROXY, "");
	set_certificates(easy);
}

static void copy_limits(struct transfer *transfer,
			const struct http_request *request)
{
	transfer->connect_ms =
		request->connect_ms ? request->connect_ms : CONNECT_MS;
	transfer->idle_ms = request->idle_ms ? request->idle_ms : IDLE_MS;
	transfer->total_ms = request->total_ms ? request->total_ms : TOTAL_MS;
	transfer->max_body = request->max_body ? request->max_body : MAX_BODY;
	transfer->on_body = request->on_body;
	transfer->done = request->done;
	transfer->data = transfer->done_data = request->data;
}

static void release(struct transfer **transfer)
{
	transfer_free(*transfer);
}

struct error *transfer_new(struct transfer **out,
			   const struct http_request *request,
			   const char *user_agent)
{
	CLEANUP(release)
	struct transfer *transfer = xcalloc(1, sizeof *transfer);
	int allowed = 0;

	buf_init(&transfer->response.body);
	transfer->begin = clock_ms();
	copy_limits(transfer, request);
	TRY(url_parse(&transfer->url, &transfer->origin, &allowed,
		      request->url));
	transfer->easy = curl_easy_init();
	if (!transfer->easy)
		return error_new(ERROR_FAILURE, "cannot start a transfer");
	set_callbacks(transfer);
	set_options(transfer, user_agent);
	TRY(set_method(transfer, request));
	TRY(set_headers(transfer, request));
	if (!allowed)
		transfer_end(transfer, HTTP_REFUSED, "%s: " REFUSED,
			     transfer->origin);
	*out = transfer;
	transfer = NULL;
	return NULL;
}

void transfer_free(struct transfer *transfer)
{
	if (!transfer)
		return;
	if (transfer->easy)
		curl_easy_cleanup(transfer->easy);
	if (transfer->url)
		curl_url_cleanup(transfer->url);
	if (transfer->headers)
		curl_slist_free_all(transfer->headers);
	free(transfer->origin);
	free(transfer->body);
	http_response_release(&transfer->response);
	free(transfer);
}
