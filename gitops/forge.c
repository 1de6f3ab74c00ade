/*
 * The table of forges, and where a remote's address says its forge is.  The
 * address is read here and not by git: what is unusual is refused, as a token
 * is going to be sent there.
 */
#include "gitops/forge.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NAME_CHARS                                                             \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
#define MAX_NAME 255

static const struct forge *const forges[] = { &forge_github };

struct error *forge_find(const struct forge **out, const char *name)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	for (size_t i = 0; i < sizeof forges / sizeof *forges; i++) {
		if (!strcmp(forges[i]->name, name)) {
			*out = forges[i];
			return NULL;
		}
		buf_addf(&names, ", %s", forges[i]->name);
	}
	return error_hint(
		error_new(ERROR_INVALID, "no forge is called '%s'", name),
		"there are: local%s", names.data);
}

void forge_site_release(struct forge_site *site)
{
	free_str(&site->api);
	free_str(&site->web);
	free_str(&site->owner);
	free_str(&site->name);
	free_str(&site->token);
	free_str(&site->token_origin);
}

void pull_release(struct pull *pull)
{
	free_str(&pull->url);
	free_str(&pull->title);
	free_str(&pull->body);
	free_str(&pull->head);
	free_str(&pull->head_oid);
	free_str(&pull->base);
	free_str(&pull->merge_oid);
}

void pulls_release(struct pulls *pulls)
{
	FOR_EACH (struct pull, it, pulls)
		pull_release(it);
	free(pulls->items);
	*pulls = (struct pulls){ 0 };
}

/* The parts of an address, none of them owned. */
struct address {
	const char *scheme; /* "" for host:path */
	size_t scheme_len;
	const char *host;
	size_t host_len; /* with its port */
	const char *path;
};

static int split(struct address *out, const char *url)
{
	const char *at, *rest = strstr(url, "://");

	out->scheme = url;
	out->scheme_len = rest ? (size_t)(rest - url) : 0;
	out->host = rest ? rest + 3 : url;
	out->host_len = strcspn(out->host, rest ? "/" : ":/");
	/* A password may have a ':' in it. */
	at = rest ? memrchr(out->host, '@', out->host_len)
		  : memchr(out->host, '@', out->host_len);
	out->path = out->host + out->host_len;
	if (!*out->path || (!rest && *out->path != ':'))
		return 0;
	out->path++;
	if (at) {
		out->host_len -= (size_t)(at + 1 - out->host);
		out->host = at + 1;
	}
	return 1;
}

static int has_scheme(const struct address *address, const char *name)
{
	return strlen(name) == address->scheme_len &&
	       !strncasecmp(address->scheme, name, address->scheme_len);
}

/* Lower case; "[::1]" may stand for a host. */
static int good_host(const char *host)
{
	size_t len = strlen(host);

	if (*host == '[')
		return len > 3 &&
		       strspn(host + 1, "0123456789abcdef:.") == len - 2 &&
		       host[len - 1] == ']';
	return len && len <= MAX_NAME && *host != '-' && *host != '.' &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") == len &&
	       !strstr(host, "..");
}

static int good_port(const char *port)
{
	size_t len = strlen(port);

	return len && len <= 5 && strspn(port, "0123456789") == len &&
	       atoi(port) > 0 && atoi(port) < 65536;
}

/* Takes the host apart; *port is "" or ":8443". */
static int read_host(char **host, char **port, const struct address *address)
{
	CLEANUP(free_str)
	char *text = xstrndup(address->host, address->host_len);
	char *colon = strrchr(text, ':');

	for (char *c = text; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (colon && strchr(colon, ']'))
		colon = NULL;
	if (colon && !good_port(colon + 1))
		return 0;
	*port = xstrdup(colon ? colon : "");
	if (colon)
		*colon = '\0';
	*host = xstrdup(text);
	return good_host(text);
}

static int good_name(const char *name)
{
	size_t len = strlen(name);

	return len && len <= MAX_NAME && strspn(name, NAME_CHARS) == len &&
	       *name != '-' && strcmp(name, ".") && strcmp(name, "..");
}

/* "owner/name", with slashes around it and ".git" at the end or without. */
static int read_path(struct forge_site *out, const char *path)
{
	size_t len;
	const char *slash;

	path += strspn(path, "/");
	len = strlen(path);
	while (len && path[len - 1] == '/')
		len--;
	if (len > 4 && !strncmp(path + len - 4, ".git", 4))
		len -= 4;
	slash = memchr(path, '/', len);
	if (!slash)
		return 0;
	out->owner = xstrndup(path, (size_t)(slash - path));
	out->name = xstrndup(slash + 1, len - (size_t)(slash + 1 - path));
	return good_name(out->owner) && good_name(out->name);
}

static int ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && !strcmp(text + len - end_len, end);
}

/* The port of an ssh address is not the web's. */
static void set_addresses(struct forge_site *out, const char *scheme,
			  const char *host, const char *port)
{
	if (!strcmp(host, "github.com") || !strcmp(host, "www.github.com") ||
	    !strcmp(host, "ssh.github.com")) {
		out->web = xstrdup("https://github.com");
		out->api = xstrdup("https://api.github.com");
		return;
	}
	out->web = xasprintf("%s://%s%s", scheme, host, port);
	/* GitHub Enterprise Cloud with data residency. */
	if (ends_with(host, ".ghe.com"))
		out->api = xasprintf("https://api.%s", host);
	else
		out->api = xasprintf("%s/api/v3", out->web);
}

/* Others read these marks in ways of their own. */
static int is_plain(const char *url)
{
	for (const char *c = url; *c; c++)
		if ((unsigned char)*c <= ' ' || strchr("\\?#\x7f", *c))
			return 0;
	return 1;
}

static int read_url(struct forge_site *out, const char *url)
{
	CLEANUP(free_str) char *host = NULL;
	CLEANUP(free_str) char *port = NULL;
	struct address address;
	int http;

	if (!is_plain(url) || !split(&address, url) ||
	    !read_host(&host, &port, &address) || !read_path(out, address.path))
		return 0;
	http = has_scheme(&address, "http");
	if (http || has_scheme(&address, "https"))
		/* Plain http is for this machine; elsewhere the API has TLS. */
		set_addresses(out,
			      http && http_is_loopback(url) ? "http" : "https",
			      host, http && !http_is_loopback(url) ? "" : port);
	else if (!address.scheme_len || has_scheme(&address, "ssh") ||
		 has_scheme(&address, "git+ssh") || has_scheme(&address, "git"))
		set_addresses(out, "https", host, "");
	else
		return 0;
	return 1;
}

struct error *forge_site_from_url(struct forge_site *out, const char *url)
{
	struct forge_site site = FORGE_SITE_INIT;

	if (read_url(&site, url)) {
		*out = site;
		return NULL;
	}
	forge_site_release(&site);
	return error_hint(error_new(ERROR_INVALID,
				    "the remote's address names no owner and "
				    "repository of a forge"),
			  "it should look like https://host/owner/name or "
			  "git@host:owner/name.git");
}
