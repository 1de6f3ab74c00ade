/*
 * What models can do, as far as a request has to know.  The figures are those
 * of the vendors' model pages and of the SDKs' types (@anthropic-ai/sdk 1.11.0,
 * openai 6.49.0), read in November 2026.
 *
 * A name that is not known falls to the newest row of its vendor: models have
 * refused more with each year, and what is left out costs a notice, while
 * what is refused costs the call.  The very last row knows nothing and asks
 * for nothing but text and tools.
 */
#include "core/dialect.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#define K         INT64_C(1000)
#define MILLION   1000000
#define TO_HIGH   "low medium high"
#define TO_MAX    "low medium high xhigh max"
#define WITH_NONE "none low medium high"

static const struct capability rows[] = {
	/* driver, model, sampling, effort, adaptive, forced, schema,
	 * max_output, context */

	/*
	 * Before 4.5: retired, but still served elsewhere.  Structured output
	 * began with Sonnet 4.5 and Opus 4.1.
	 */
	{ "anthropic", "*claude-3*", 1, NULL, 0, 1, 0, 4096, 200 * K },
	{ "anthropic", "*claude-opus-4-1*", 1, NULL, 0, 1, 1, 32 * K, 200 * K },
	{ "anthropic", "*claude-*-4-2025*", 1, NULL, 0, 1, 0, 32 * K, 200 * K },
	{ "anthropic", "*claude-*-4-0*", 1, NULL, 0, 1, 0, 32 * K, 200 * K },
	/* Effort came with Opus 4.5, adaptive thinking and max with 4.6. */
	{ "anthropic", "*claude-sonnet-4-5*", 1, NULL, 0, 1, 1, 64 * K,
	  200 * K },
	{ "anthropic", "*claude-haiku-4-5*", 1, NULL, 0, 1, 1, 64 * K,
	  200 * K },
	{ "anthropic", "*claude-opus-4-5*", 1, TO_HIGH, 0, 1, 1, 64 * K,
	  200 * K },
	{ "anthropic", "*claude-opus-4-6*", 1, "low medium high max", 1, 1, 1,
	  128 * K, 200 * K },
	{ "anthropic", "*claude-sonnet-4-6*", 1, "low medium high max", 1, 1, 1,
	  64 * K, 200 * K },
	/* From Opus 4.7 on sampling is refused on every API version. */
	{ "anthropic", "*claude-opus-4-[78]*", 0, TO_MAX, 1, 1, 1, 128 * K,
	  MILLION },
	{ "anthropic", "*claude-mythos-preview*", 0, TO_MAX, 1, 1, 1, 128 * K,
	  MILLION },
	/*
	 * Since 5 thinking is on by itself, and with it, since 5.5 in any
	 * case, a forced choice of tool is refused.
	 */
	{ "anthropic", "*claude-*", 0, TO_MAX, 1, 0, 1, 128 * K, MILLION },

	/* Chat models, which do not reason. */
	{ "openai", "gpt-5*-chat*", 1, NULL, 0, 1, 1, 16384, 128 * K },
	{ "openai", "gpt-4.1*", 1, NULL, 0, 1, 1, 32768, 1047576 },
	{ "openai", "gpt-4o*", 1, NULL, 0, 1, 1, 16384, 128 * K },
	{ "openai", "chatgpt-4o*", 1, NULL, 0, 1, 0, 16384, 128 * K },
	{ "openai", "gpt-4-turbo*", 1, NULL, 0, 1, 0, 4096, 128 * K },
	{ "openai", "gpt-4-*preview", 1, NULL, 0, 1, 0, 4096, 128 * K },
	{ "openai", "gpt-4*", 1, NULL, 0, 1, 0, 4096, 8192 },
	{ "openai", "gpt-3.5*", 1, NULL, 0, 1, 0, 4096, 16385 },
	/* Open weights, served by vLLM, Ollama and others. */
	{ "openai", "gpt-oss*", 1, TO_HIGH, 0, 1, 1, 32768, 131072 },
	/*
	 * Those that reason refuse temperature and top_p, but with an effort
	 * of none; xhigh came with 5.1-codex-max and 5.2, max with 5.6.
	 */
	{ "openai", "o1-preview*", 0, NULL, 0, 1, 0, 32768, 128 * K },
	{ "openai", "o1-mini*", 0, NULL, 0, 1, 0, 65536, 128 * K },
	{ "openai", "o[134]*", 0, TO_HIGH, 0, 1, 1, 100 * K, 200 * K },
	{ "openai", "codex-mini*", 0, TO_HIGH, 0, 1, 1, 100 * K, 200 * K },
	{ "openai", "gpt-5-pro*", 0, "high", 0, 1, 1, 272 * K, 400 * K },
	{ "openai", "gpt-5.[1-9]-pro*", 0, "medium high xhigh", 0, 1, 1,
	  128 * K, 400 * K },
	{ "openai", "gpt-5.1-codex-max*", 0, "none low medium high xhigh", 0, 1,
	  1, 128 * K, 400 * K },
	{ "openai", "gpt-5.1*", 0, WITH_NONE, 0, 1, 1, 128 * K, 400 * K },
	{ "openai", "gpt-5.[23]*", 0, WITH_NONE " xhigh", 0, 1, 1, 128 * K,
	  400 * K },
	{ "openai", "gpt-5.4-*", 0, WITH_NONE " xhigh", 0, 1, 1, 128 * K,
	  400 * K },
	{ "openai", "gpt-5.[45]*", 0, WITH_NONE " xhigh", 0, 1, 1, 128 * K,
	  1050 * K },
	{ "openai", "gpt-5.*", 0, "none " TO_MAX, 0, 1, 1, 128 * K, 1050 * K },
	{ "openai", "gpt-5*", 0, "minimal low medium high", 0, 1, 1, 128 * K,
	  400 * K },
	{ "openai", "gpt-*", 0, "none " TO_MAX, 0, 1, 1, 128 * K, 1050 * K },

	/* Somebody else's: any server that speaks one of the dialects. */
	{ "*", "*", 1, NULL, 0, 1, 0, 16384, 128 * K },
};

/* A recording stands for the service it was made with: the model tells. */
static int is_of(const struct capability *row, const char *driver)
{
	return !fnmatch(row->driver, driver, 0) || !strcmp(driver, "replay");
}

const struct capability *capability_find(const char *driver, const char *model)
{
	const char *slash = strrchr(model, '/');
	const struct capability *row = rows;

	if (slash)
		model = slash + 1;
	while (!is_of(row, driver) || fnmatch(row->model, model, 0))
		row++;
	return row;
}

/* All efforts there are, least first. */
static const char *const efforts[] = { "none", "minimal", "low", "medium",
				       "high", "xhigh",   "max" };
#define EFFORTS (sizeof efforts / sizeof *efforts)

/* Where a word of len stands among all efforts; EFFORTS when it does not. */
static size_t rank(const char *word, size_t len)
{
	size_t i = 0;

	while (i < EFFORTS &&
	       (strlen(efforts[i]) != len || memcmp(efforts[i], word, len)))
		i++;
	return i;
}

int capability_effort(char *out, size_t size,
		      const struct capability *capability, const char *wanted)
{
	const char *word = capability->effort;
	size_t most = rank(wanted, strlen(wanted));
	size_t best = EFFORTS;

	if (!word || !*word)
		return 0;
	while (*word) {
		size_t len = strcspn(word, " ");
		size_t at = rank(word, len);

		if (best == EFFORTS || at <= most)
			best = at;
		word += len + (word[len] == ' ');
	}
	snprintf(out, size, "%s", efforts[best]);
	return 1;
}
