/* A hash table with open addressing over a dense array of rows. */
#include "table.h"
#include "util.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits. */
static uint64_t hash(const char *text)
{
	uint64_t h = 14695981039346656037u;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return h;
}

/* The slot that holds text, or the empty one where it belongs. */
static size_t *find_slot(const struct table *table, const char *text)
{
	size_t mask = table->slots_len - 1;
	size_t i = hash(text) & mask;

	while (table->slots[i] &&
	       strcmp(table->rows[table->slots[i] - 1].text, text))
		i = (i + 1) & mask;
	return &table->slots[i];
}

/* Double the slots; their number stays a power of two. */
static void grow_slots(struct table *table)
{
	size_t len = table->slots_len ? table->slots_len * 2 : 64;

	table->slots = xrealloc(table->slots, len, sizeof(*table->slots));
	table->slots_len = len;
	memset(table->slots, 0, len * sizeof(*table->slots));
	for (size_t i = 0; i < table->len; i++)
		*find_slot(table, table->rows[i].text) = i + 1;
}

static size_t append(struct table *table, const char *text)
{
	if (table->len == table->cap) {
		table->cap = table->cap ? table->cap * 2 : 32;
		table->rows =
			xrealloc(table->rows, table->cap, sizeof(*table->rows));
	}
	table->rows[table->len].text = xstrdup(text);
	table->rows[table->len].count = 0;
	return ++table->len;
}

void table_add(struct table *table, const char *text)
{
	size_t *slot;

	/* At most half full, so that searches stay short. */
	if (2 * table->len >= table->slots_len)
		grow_slots(table);
	slot = find_slot(table, text);
	if (!*slot)
		*slot = append(table, text);
	table->rows[*slot - 1].count++;
	table->total++;
}

static int compare(const void *a, const void *b)
{
	const struct row *x = a;
	const struct row *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->text, y->text);
}

void table_sort(struct table *table)
{
	free(table->slots);
	table->slots = NULL;
	table->slots_len = 0;
	if (table->len)
		qsort(table->rows, table->len, sizeof(*table->rows), compare);
}

void table_release(struct table *table)
{
	for (size_t i = 0; i < table->len; i++)
		free(table->rows[i].text);
	free(table->rows);
	free(table->slots);
	memset(table, 0, sizeof(*table));
}
