/* Counting texts. */
#include "check.h"
#include "table.h"

#include <string.h>

static bool row_is(const struct table *table, size_t i, const char *text,
		   unsigned long count)
{
	return i < table->len && !strcmp(table->rows[i].text, text) &&
	       table->rows[i].count == count;
}

static void equal_texts_are_counted_together(void)
{
	struct table table = TABLE_INIT;

	table_add(&table, "pear");
	table_add(&table, "apple");
	table_add(&table, "pear");
	CHECK(table.len == 2 && table.total == 3);
	CHECK(row_is(&table, 0, "pear", 2));
	CHECK(row_is(&table, 1, "apple", 1));
	table_release(&table);
}

static void frequent_comes_first_then_by_text(void)
{
	struct table table = TABLE_INIT;

	table_add(&table, "b");
	table_add(&table, "a");
	table_add(&table, "c");
	table_add(&table, "c");
	table_sort(&table);
	CHECK(row_is(&table, 0, "c", 2));
	CHECK(row_is(&table, 1, "a", 1));
	CHECK(row_is(&table, 2, "b", 1));
	table_release(&table);
}

static void many_texts_are_all_kept(void)
{
	struct table table = TABLE_INIT;
	char text[32];
	bool twice = true;

	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "text %d", i % 10000);
		table_add(&table, text);
	}
	for (size_t i = 0; i < table.len; i++)
		twice = twice && table.rows[i].count == 2;
	CHECK(table.len == 10000 && table.total == 20000);
	CHECK(twice);
	table_release(&table);
}

static void an_empty_table_can_be_sorted(void)
{
	struct table table = TABLE_INIT;

	table_sort(&table);
	CHECK(table.len == 0);
	table_release(&table);
}

int main(void)
{
	equal_texts_are_counted_together();
	frequent_comes_first_then_by_text();
	many_texts_are_all_kept();
	an_empty_table_can_be_sorted();
	return check_status();
}
