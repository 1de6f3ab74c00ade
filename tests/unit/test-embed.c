/* The files of templates/ are in the binary, byte for byte. */
#include "tests/unit/test.h"

#include "core/embed.h"
#include "core/file.h"

/* Tests run in the root of the sources, where templates/ is. */
static void every_file_is_there_byte_for_byte(void **state)
{
	(void)state;
	assert_true(embed_rows_len > 0);
	for (size_t i = 0; i < embed_rows_len; i++) {
		CLEANUP(free_str)
		char *path = path_join("templates", embed_rows[i].path);
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		struct embed found;

		assert_true(embed_find(&found, embed_rows[i].path));
		same(found.path, embed_rows[i].path);
		assert_int_equal(found.data[found.len], 0);
		ok(file_read(&text, path, 1 << 20));
		assert_int_equal(found.len, text.len);
		assert_memory_equal(found.data, text.data, text.len);
	}
}

static void what_is_not_there_is_not_found(void **state)
{
	struct embed untouched = { "path", "data", 4 };

	(void)state;
	assert_false(embed_find(&untouched, "no/such/file"));
	assert_false(embed_find(&untouched, ""));
	assert_false(embed_at(&untouched, "no/such/", 0));
	same(untouched.path, "path");
}

static void files_below_a_prefix_are_numbered_in_order(void **state)
{
	struct embed found;
	size_t n = 0, all = 0;

	(void)state;
	while (embed_at(&found, "", all)) {
		same(found.path, embed_rows[all].path);
		if (all)
			assert_true(strcmp(embed_rows[all - 1].path,
					   found.path) < 0);
		all++;
	}
	assert_int_equal(all, embed_rows_len);
	while (embed_at(&found, "schema/", n)) {
		assert_memory_equal(found.path, "schema/", 7);
		n++;
	}
	assert_true(n > 0 && n < all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_is_there_byte_for_byte),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(files_below_a_prefix_are_numbered_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
