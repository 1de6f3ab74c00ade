/*
 * How libcurl's codes are read: one row for each that can come, in the order
 * of enum http_end.
 */
#include "core/http-transfer.h"

#include <string.h>

static const struct {
	CURLcode code;
	enum http_end end;
} ends[] = {
	{ CURLE_COULDNT_RESOLVE_PROXY, HTTP_RESOLVE },
	{ CURLE_COULDNT_RESOLVE_HOST, HTTP_RESOLVE },
	{ CURLE_COULDNT_CONNECT, HTTP_CONNECT },
	/* Ours are the other timeouts: this is CURLOPT_CONNECTTIMEOUT_MS. */
	{ CURLE_OPERATION_TIMEDOUT, HTTP_CONNECT },
	{ CURLE_INTERFACE_FAILED, HTTP_CONNECT },
	{ CURLE_PROXY, HTTP_CONNECT },
	{ CURLE_SSL_CONNECT_ERROR, HTTP_TLS },
	{ CURLE_SSL_ENGINE_NOTFOUND, HTTP_TLS },
	{ CURLE_SSL_ENGINE_SETFAILED, HTTP_TLS },
	{ CURLE_SSL_ENGINE_INITFAILED, HTTP_TLS },
	{ CURLE_SSL_CERTPROBLEM, HTTP_TLS },
	{ CURLE_SSL_CIPHER, HTTP_TLS },
	{ CURLE_PEER_FAILED_VERIFICATION, HTTP_TLS },
	{ CURLE_USE_SSL_FAILED, HTTP_TLS },
	{ CURLE_SSL_CACERT_BADFILE, HTTP_TLS },
	{ CURLE_SSL_SHUTDOWN_FAILED, HTTP_TLS },
	{ CURLE_SSL_CRL_BADFILE, HTTP_TLS },
	{ CURLE_SSL_ISSUER_ERROR, HTTP_TLS },
	{ CURLE_SSL_PINNEDPUBKEYNOTMATCH, HTTP_TLS },
	{ CURLE_SSL_INVALIDCERTSTATUS, HTTP_TLS },
	{ CURLE_SSL_CLIENTCERT, HTTP_TLS },
	{ CURLE_FILESIZE_EXCEEDED, HTTP_TOO_LARGE },
	/* One header line beyond libcurl's own limit of 100 KiB. */
	{ CURLE_OUT_OF_MEMORY, HTTP_TOO_LARGE },
#if LIBCURL_VERSION_NUM >= 0x080600
	{ CURLE_TOO_LARGE, HTTP_TOO_LARGE },
#endif
	{ CURLE_URL_MALFORMAT, HTTP_REFUSED },
};

/* Whatever else comes is a conversation that broke off, also no HTTP at all. */
static enum http_end end_of(CURLcode code)
{
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (ends[i].code == code)
			return ends[i].end;
	return HTTP_CUT;
}

static void explain_connect(struct transfer *transfer, CURLcode code)
{
	long number = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
	if (code == CURLE_OPERATION_TIMEDOUT)
		transfer_end(transfer, HTTP_CONNECT,
			     "no connection to %s within %lld ms",
			     transfer->origin, (long long)transfer->connect_ms);
	else
		transfer_end(transfer, HTTP_CONNECT, "cannot connect to %s%s%s",
			     transfer->origin, number ? ": " : "",
			     number ? strerror((int)number) : "");
}

/*
 * libcurl's own words are used where they are known to have no address in
 * them: that of a proxy may hold a password.
 */
void transfer_judge(struct transfer *transfer, CURLcode code)
{
	const char *origin = transfer->origin;
	enum http_end end = end_of(code);
	long proxy = 0;

	if (code == CURLE_OK) {
		/* To libcurl the end of the connection is one of the head. */
		if (!transfer->head_done)
			transfer_end(transfer, HTTP_CUT,
				     "%s: the connection broke in the headers",
				     origin);
		return;
	}
	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &proxy);
	if (proxy && proxy / 100 != 2)
		transfer_end(transfer, HTTP_CONNECT,
			     "the proxy answers %ld instead of connecting to "
			     "%s",
			     proxy, origin);
	else if (code == CURLE_COULDNT_RESOLVE_PROXY)
		transfer_end(transfer, end, "cannot find the proxy for %s",
			     origin);
	else if (end == HTTP_RESOLVE)
		transfer_end(transfer, end, "cannot find the host of %s",
			     origin);
	else if (end == HTTP_CONNECT)
		explain_connect(transfer, code);
	else if (end == HTTP_TLS)
		transfer_end(transfer, end, "no secure connection to %s: %s",
			     origin, transfer->why);
	else if (end == HTTP_TOO_LARGE)
		transfer_end(transfer, end,
			     "%s sends a header that is too "
			     "large",
			     origin);
	else
		transfer_end(transfer, end, "%s: %s", origin,
			     *transfer->why ? transfer->why
					    : "the connection broke");
}
