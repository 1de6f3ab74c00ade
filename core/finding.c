/* Findings: what is wrong with a document, and where. */
#include "core/schema.h"

#include <stdlib.h>
#include <string.h>

struct finding *finding_add(struct findings *list, const char *rule,
			    const struct value *at, const char *fmt, ...)
{
	struct finding *finding = PUSH(list);
	va_list args;

	finding->rule = xstrdup(rule);
	finding->line = at ? at->span.line : 0;
	finding->column = at ? at->span.column : 0;
	va_start(args, fmt);
	finding->message = xvasprintf(fmt, args);
	va_end(args);
	return finding;
}

void finding_at_key(struct finding *finding, const struct value *value)
{
	if (!value->key_span.line)
		return;
	finding->line = value->key_span.line;
	finding->column = value->key_span.column;
}

void finding_hint(struct finding *finding, const char *fmt, ...)
{
	va_list args;

	free(finding->hint);
	va_start(args, fmt);
	finding->hint = xvasprintf(fmt, args);
	va_end(args);
}

static int by_place(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = strcmp(x->path ? x->path : "", y->path ? y->path : "");

	if (!order)
		order = (x->line > y->line) - (x->line < y->line);
	if (!order)
		order = (x->column > y->column) - (x->column < y->column);
	return order ? order : strcmp(x->message, y->message);
}

void findings_sort(struct findings *list)
{
	if (list->len)
		qsort(list->items, list->len, sizeof *list->items, by_place);
}

static void finding_release(struct finding *finding)
{
	free(finding->rule);
	free(finding->path);
	free(finding->message);
	free(finding->hint);
}

static int same_path(const struct finding *a, const struct finding *b)
{
	return !strcmp(a->path ? a->path : "", b->path ? b->path : "");
}

/* Where the first one stood that is left out. */
static void more_follow(struct finding *finding)
{
	free(finding->rule);
	free(finding->message);
	free(finding->hint);
	finding->rule = xstrdup("too-many");
	finding->message = xasprintf("and more: only the first %d findings of "
				     "a document are told",
				     FINDINGS_MOST);
	finding->hint = NULL;
	finding->note = 0;
}

void findings_limit(struct findings *list)
{
	size_t kept = 0, of_path = 0;

	for (size_t i = 0; i < list->len; i++) {
		struct finding *it = &list->items[i];

		of_path = kept && same_path(it, &list->items[kept - 1])
				  ? of_path + 1
				  : 1;
		if (of_path > FINDINGS_MOST + 1) {
			finding_release(it);
			continue;
		}
		if (of_path > FINDINGS_MOST)
			more_follow(it);
		list->items[kept++] = *it;
	}
	list->len = kept;
}

size_t findings_failing(const struct findings *list)
{
	size_t n = 0;

	FOR_EACH (struct finding, it, list)
		n += !it->note;
	return n;
}

void findings_release(struct findings *list)
{
	FOR_EACH (struct finding, it, list)
		finding_release(it);
	free(list->items);
	*list = (struct findings)FINDINGS_INIT;
}
