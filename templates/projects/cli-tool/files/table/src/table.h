/*
 * Table: how often each text was seen.
 *
 *	struct table table = TABLE_INIT;
 *
 *	table_add(&table, "word");
 *	table_sort(&table);
 *	for (size_t i = 0; i < table.len; i++)
 *		use(table.rows[i].text, table.rows[i].count);
 *	table_release(&table);
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

struct row {
	char *text;
	unsigned long count;
};

struct table {
	struct row *rows; /* in the order first seen, until sorted */
	size_t len;
	size_t cap;
	size_t *slots; /* hash to row number + 1; 0: empty */
	size_t slots_len;
	unsigned long total;
};

#define TABLE_INIT                                                             \
	{                                                                      \
		.rows = NULL                                                   \
	}

void table_add(struct table *table, const char *text);

/* Most frequent first, then by text.  Nothing can be added afterwards. */
void table_sort(struct table *table);

void table_release(struct table *table);

#endif
