/*
 * The secret scan: one pass over the text for keywords, then each rule's
 * pattern on the windows around its own.  Windows that touch are searched as
 * one, so no byte is given to a pattern twice, however many keywords there are.
 */
#include "core/secret-rule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BACK        64 /* bytes before a keyword */
#define BINARY_LOOK 8000 /* bytes in which git looks for NUL */

struct window {
	size_t start, end; /* end 0: none */
};

/* A hit; of two that match the same bytes the lower rank names them. */
struct match {
	struct secret secret;
	size_t rank;
};

struct scan {
	const struct secrets *secrets;
	const char *path;
	const char *text;
	size_t len;
	struct window *windows; /* one for each rule */
	ARRAY(struct match) matches;
};

static void scan_release(struct scan *scan)
{
	free(scan->windows);
	free(scan->matches.items);
}

void secret_hits_release(struct secret_hits *hits)
{
	free(hits->items);
	*hits = (struct secret_hits)ARRAY_INIT;
}

/* Shannon's, in bits a byte. */
static double entropy(const char *text, size_t len)
{
	size_t counts[256] = { 0 };
	double bits = 0;

	for (size_t i = 0; i < len; i++)
		counts[(unsigned char)text[i]]++;
	for (size_t i = 0; i < 256; i++)
		if (counts[i])
			bits -= (double)counts[i] / (double)len *
				log2((double)counts[i] / (double)len);
	return bits;
}

static struct error *is_exempt(int *out, const struct scan *scan, size_t start,
			       size_t end)
{
	FOR_EACH (struct secret_exempt, exempt, &scan->secrets->exempt) {
		int found = 1;

		if (exempt->path &&
		    (!scan->path || !globs_match(exempt->path, scan->path)))
			continue;
		if (exempt->pattern)
			TRY(regex_search(&found, NULL, NULL, exempt->pattern,
					 scan->text + start, end - start, 0));
		if (found) {
			*out = 1;
			return NULL;
		}
	}
	*out = 0;
	return NULL;
}

static void add(struct scan *scan, size_t rank, const char *id,
		const char *title, size_t start, size_t end)
{
	*PUSH(&scan->matches) = (struct match){
		{ .rule = id, .title = title, .start = start, .end = end }, rank
	};
}

static struct error *consider(struct scan *scan, size_t i, size_t start,
			      size_t end)
{
	const struct secret_rule *rule = &scan->secrets->rules.items[i];
	int exempt = 0;

	if (rule->entropy > 0 &&
	    entropy(scan->text + start, end - start) < rule->entropy)
		return NULL;
	TRY(is_exempt(&exempt, scan, start, end));
	if (!exempt)
		add(scan, i + 1, rule->id, rule->title, start, end);
	return NULL;
}

/*
 * Searches the window of a rule.  A match that reaches the window's end may go
 * on behind it: it is looked for again in one twice as long.
 */
static struct error *search(struct scan *scan, size_t i)
{
	struct secret_rule *rule = &scan->secrets->rules.items[i];
	size_t base = scan->windows[i].start;
	size_t len = scan->windows[i].end - base;
	const char *text = scan->text + base;
	size_t from = 0, start, end;
	int found;

	scan->windows[i].end = 0;
	if (!rule->regex)
		TRY(error_wrap(regex_compile(&rule->regex, rule->pattern),
			       "rule '%s'", rule->id));
	for (;;) {
		TRY(error_wrap(regex_search(&found, &start, &end, rule->regex,
					    text, len, from),
			       "the search for %s", rule->title));
		if (!found)
			return NULL;
		if (end == len && base + len < scan->len) {
			size_t rest = scan->len - base - len;

			len += rest < len ? rest : len;
			continue;
		}
		TRY(consider(scan, i, base + start, base + end));
		from = end > from ? end : from + 1;
	}
}

/* A keyword of a rule stands at this place. */
static struct error *near(struct scan *scan, const struct secret_word *word,
			  size_t at)
{
	struct window *window = &scan->windows[word->rule];
	size_t reach = scan->secrets->rules.items[word->rule].reach;
	size_t start = at > BACK ? at - BACK : 0;
	size_t end = at + word->len + reach;

	if (end > scan->len)
		end = scan->len;
	if (window->end && start > window->end)
		TRY(search(scan, word->rule));
	if (!window->end)
		window->start = start;
	window->end = end;
	return NULL;
}

static int stands(const struct scan *scan, const struct secret_word *word,
		  size_t at)
{
	const char *text = scan->text + at;

	if (word->len > scan->len - at)
		return 0;
	for (size_t i = 0; i < word->len; i++)
		if (secret_fold((unsigned char)text[i]) !=
		    (unsigned char)word->text[i])
			return 0;
	return 1;
}

static struct error *by_rules(struct scan *scan)
{
	const struct secrets *secrets = scan->secrets;
	const unsigned char *text = (const unsigned char *)scan->text;

	for (size_t at = 0; at + 1 < scan->len; at++) {
		size_t head = secret_head(secret_fold(text[at]),
					  secret_fold(text[at + 1]));

		for (size_t i = secrets->heads[head]; i;
		     i = secrets->words.items[i - 1].next)
			if (stands(scan, &secrets->words.items[i - 1], at))
				TRY(near(scan, &secrets->words.items[i - 1],
					 at));
	}
	for (size_t i = 0; i < secrets->rules.len; i++)
		if (scan->windows[i].end)
			TRY(search(scan, i));
	return NULL;
}

static void by_value(struct scan *scan, const char *value)
{
	size_t len = strlen(value);
	const char *end = scan->text + scan->len;
	const char *at = scan->text;

	while ((at = memmem(at, (size_t)(end - at), value, len))) {
		size_t start = (size_t)(at - scan->text);

		add(scan, 0, "known", "a key that is in use", start,
		    start + len);
		at += len;
	}
}

/*
 * A text that was cut may end inside a value: what is half of it or more, and
 * long enough to be known, counts as the whole.
 */
static void by_beginning(struct scan *scan, const char *value)
{
	size_t len = strlen(value), least = (len + 1) / 2;

	if (least < SECRET_LEAST)
		least = SECRET_LEAST;
	for (size_t n = len - 1; n >= least; n--)
		if (n <= scan->len &&
		    !memcmp(scan->text + scan->len - n, value, n)) {
			add(scan, 0, "known", "a key that is in use",
			    scan->len - n, scan->len);
			return;
		}
}

static int by_place(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->secret.start != y->secret.start)
		return x->secret.start < y->secret.start ? -1 : 1;
	if (x->secret.end != y->secret.end)
		return x->secret.end > y->secret.end ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* What overlaps becomes one, under the name of the first. */
static void merge(struct secret_hits *out, struct scan *scan)
{
	if (scan->matches.len)
		qsort(scan->matches.items, scan->matches.len,
		      sizeof *scan->matches.items, by_place);
	FOR_EACH (struct match, match, &scan->matches) {
		const struct secret *hit = &match->secret;
		struct secret *last =
			out->len ? &out->items[out->len - 1] : NULL;

		if (!last || hit->start >= last->end)
			*PUSH(out) = *hit;
		else if (hit->end > last->end)
			last->end = hit->end;
	}
}

static struct error *find(struct secret_hits *out,
			  const struct secrets *secrets, const char *path,
			  const char *text, size_t len)
{
	CLEANUP(scan_release)
	struct scan scan = {
		.secrets = secrets, .path = path, .text = text, .len = len
	};

	scan.windows = xcalloc(secrets->rules.len, sizeof *scan.windows);
	FOR_EACH (char *, value, &secrets->known)
		by_value(&scan, *value);
	TRY(by_rules(&scan));
	merge(out, &scan);
	return NULL;
}

/* Lines and columns, in characters as editors count them. */
static void place(struct secret_hits *hits, const char *text)
{
	unsigned line = 1, column = 1;
	size_t at = 0;

	FOR_EACH (struct secret, hit, hits) {
		for (; at < hit->start; at++) {
			column += ((unsigned char)text[at] & 0xc0) != 0x80;
			if (text[at] == '\n') {
				line++;
				column = 1;
			}
		}
		hit->line = line;
		hit->column = column;
	}
}

struct error *secrets_scan(struct secret_hits *out,
			   const struct secrets *secrets, const char *path,
			   const char *text, size_t len)
{
	struct secret_hits hits = ARRAY_INIT;

	if (len && memchr(text, '\0', len < BINARY_LOOK ? len : BINARY_LOOK))
		return NULL;
	TRY(find(&hits, secrets, path, text, len));
	place(&hits, text);
	secret_hits_release(out);
	*out = hits;
	return NULL;
}

static void replace(struct buf *out, const struct secret_hits *hits,
		    const char *text, size_t len)
{
	size_t at = 0;

	FOR_EACH (struct secret, hit, hits) {
		buf_add(out, text + at, hit->start - at);
		buf_addf(out, "[redacted:%s]", hit->rule);
		at = hit->end;
	}
	buf_add(out, text + at, len - at);
}

struct error *secrets_redact(struct buf *out, const struct secrets *secrets,
			     const char *text, size_t len)
{
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;

	TRY(find(&hits, secrets, NULL, text, len));
	replace(out, &hits, text, len);
	return NULL;
}

void secrets_redact_known(struct buf *out, const struct secrets *secrets,
			  const char *text, size_t len)
{
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;
	CLEANUP(scan_release) struct scan scan = { .text = text, .len = len };

	if (secrets)
		FOR_EACH (char *, value, &secrets->known) {
			by_value(&scan, *value);
			by_beginning(&scan, *value);
		}
	merge(&hits, &scan);
	replace(out, &hits, text, len);
}
