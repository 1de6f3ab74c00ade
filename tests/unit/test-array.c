/* Arrays, lists of strings and the map hold what was put in. */
#include "tests/unit/test.h"

#include "core/array.h"

static void pushed_items_are_zeroed_and_keep_their_values(void **state)
{
	ARRAY(struct {
		int n;
		void *p;
	})
	array = ARRAY_INIT;
	int sum = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_null(PUSH(&array)->p);
		assert_int_equal(array.items[i].n, 0);
		array.items[i].n = i;
		array.items[i].p = &sum;
	}
	for (size_t i = 0; i < array.len; i++)
		sum += array.items[i].n;
	assert_int_equal(sum, 499500);
	free(array.items);
}

static void each_item_is_visited_also_of_none(void **state)
{
	ARRAY(int) array = ARRAY_INIT;
	int product = 1;

	(void)state;
	FOR_EACH (int, it, &array)
		product = 0;
	*PUSH(&array) = 2;
	*PUSH(&array) = 3;
	FOR_EACH (int, it, &array)
		product *= *it;
	assert_int_equal(product, 6);
	free(array.items);
}

static void strings_are_copied_sorted_and_joined(void **state)
{
	struct strings list = STRINGS_INIT;
	struct buf text = BUF_INIT;
	char word[] = "b";

	(void)state;
	strings_sort(&list);
	strings_join(&text, &list, ", ");
	same(text.data, "");
	strings_add(&list, word);
	word[0] = 'x';
	strings_addf(&list, "%c%d", 'a', 1);
	strings_take(&list, xstrdup("a"));
	strings_addv(&list, "c", "B", NULL);
	strings_sort(&list);
	strings_join(&text, &list, ", ");
	same(text.data, "B, a, a1, b, c");
	assert_true(strings_has(&list, "a1"));
	assert_false(strings_has(&list, "x"));
	buf_release(&text);
	strings_release(&list);
	strings_release(&list);
	assert_int_equal(list.len, 0);
}

static void a_map_finds_what_was_set_and_nothing_else(void **state)
{
	static int values[3000];
	struct map map = MAP_INIT;
	char key[16];

	(void)state;
	assert_null(map_get(&map, "none"));
	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof key, "key-%d", i);
		assert_null(map_set(&map, key, &values[i]));
	}
	assert_int_equal(map.len, 3000);
	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof key, "key-%d", i);
		assert_ptr_equal(map_get(&map, key), &values[i]);
	}
	assert_null(map_get(&map, "key-3000"));
	assert_null(map_get(&map, ""));
	map_release(&map);
	map_release(&map);
	assert_null(map_get(&map, "key-1"));
}

static void setting_again_gives_the_value_before(void **state)
{
	struct map map = MAP_INIT;
	int a, b;

	(void)state;
	assert_null(map_set(&map, "key", &a));
	assert_ptr_equal(map_set(&map, "key", &b), &a);
	assert_ptr_equal(map_get(&map, "key"), &b);
	assert_ptr_equal(map_getn(&map, "keyring", 3), &b);
	assert_null(map_getn(&map, "key", 2));
	assert_ptr_equal(map_set(&map, "key", NULL), &b);
	assert_null(map_get(&map, "key"));
	assert_int_equal(map.len, 1);
	map_release(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pushed_items_are_zeroed_and_keep_their_values),
		cmocka_unit_test(each_item_is_visited_also_of_none),
		cmocka_unit_test(strings_are_copied_sorted_and_joined),
		cmocka_unit_test(a_map_finds_what_was_set_and_nothing_else),
		cmocka_unit_test(setting_again_gives_the_value_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
