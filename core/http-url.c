/*
 * Which URL may be asked.  http_is_loopback() reads URLs without libcurl,
 * for configurations that are only looked at; what is sent is judged by the
 * host that libcurl itself will connect to, so that no trick of notation
 * makes the two differ.
 */
#include "core/http-transfer.h"

#include "core/alloc.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int host_is_loopback(const char *host)
{
	struct in_addr four;
	struct in6_addr six;
	size_t len = strlen(host);
	char text[INET6_ADDRSTRLEN];

	if (!strcasecmp(host, "localhost"))
		return 1;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (len < 2 || len - 2 >= sizeof text || host[0] != '[' ||
	    host[len - 1] != ']')
		return 0;
	memcpy(text, host + 1, len - 2);
	text[len - 2] = '\0';
	return inet_pton(AF_INET6, text, &six) == 1 &&
	       IN6_IS_ADDR_LOOPBACK(&six);
}

int http_is_loopback(const char *url)
{
	const char *host = strstr(url, "://");
	char text[INET6_ADDRSTRLEN + 2];

	if (!host)
		return 0;
	host += 3;
	size_t len = strcspn(host, "/?#\\");
	/* Whoever puts a name before an @ gets the strict answer. */
	if (memchr(host, '@', len))
		return 0;
	size_t end =
		*host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#\\");
	if (end > len || end >= sizeof text || (end < len && host[end] != ':'))
		return 0;
	memcpy(text, host, end);
	text[end] = '\0';
	return host_is_loopback(text);
}

/* The message has no URL in it: there may be a password or key inside. */
struct error *url_parse(CURLU **out, char **origin, int *allowed,
			const char *text)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL;

	if (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) ||
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) || !*host) {
		curl_free(scheme);
		curl_free(host);
		curl_url_cleanup(url);
		return error_hint(error_new(ERROR_INVALID, "not a URL that can "
							   "be asked"),
				  "write https://host/path");
	}
	*allowed = !strcasecmp(scheme, "https") ||
		   (!strcasecmp(scheme, "http") && host_is_loopback(host));
	curl_url_get(url, CURLUPART_PORT, &port, 0);
	*origin = xasprintf("%s://%s%s%s", scheme, host, port ? ":" : "",
			    port ? port : "");
	*out = url;
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	return NULL;
}
