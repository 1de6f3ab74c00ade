/*
 * The forge github against a script: what every test of it begins and ends
 * with.
 */
#ifndef TESTS_UNIT_GITHUB_H
#define TESTS_UNIT_GITHUB_H

#include "tests/unit/scripted.h"

#include "core/utf8.h"
#include "gitops/forge.h"

#define OID "0123456789012345678901234567890123456789"
/* In two pieces: it is none, and looks like one. */
#define TOKEN                                                                  \
	"ghp_0123456789"                                                       \
	"abcdef"
#define R             "/repos/o/n"
#define FAILED(words) "{'message':'" words "'}"

static const char usual[] = "User-Agent: git-orch/" GIT_ORCH_VERSION "\r\n"
			    "Accept: application/vnd.github+json\r\n"
			    "X-GitHub-Api-Version: 2022-11-28\r\n"
			    "Authorization: Bearer " TOKEN "\r\n";

static struct peer peer;
static struct loop *loop;
static struct forge_site site;
static struct forge_client *client;
static const struct forge *github = &forge_github;
static struct log *logged; /* a test may set it before it plays */

static inline void play(const struct turn *turns)
{
	scripted_start(&peer, turns, usual);
	site = (struct forge_site){ .api = xstrdup(peer.url),
				    .owner = xstrdup("o"),
				    .name = xstrdup("n"),
				    .token = xstrdup(TOKEN),
				    .token_origin = xstrdup("GH_TOKEN"),
				    .retry = { .base_ms = 1 } };
	site.api[strlen(site.api) - 1] = '\0';
	loop = loop_new();
	ok(github->open(&client, loop, &site, logged));
}
#define PLAY(...) play((const struct turn[]){ __VA_ARGS__, { 0 } })

static inline void done(void)
{
	github->close(&client);
	assert_null(client);
	loop_free(loop);
	forge_site_release(&site);
	scripted_end(&peer);
}

/* Everything in it is valid, and moves no terminal. */
static inline void assert_harmless(const char *text)
{
	size_t len = strlen(text);

	for (size_t at = 0; at < len;) {
		uint32_t point;
		size_t n = utf8_next(&point, text + at, len - at);

		assert_int_not_equal(n, 0);
		assert_true(point >= 0x20 || point == '\n' || point == '\t');
		assert_false(point >= 0x7f && point < 0xa0);
		at += n;
	}
}

#endif
