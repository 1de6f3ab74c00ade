/* The log writes JSON lines, stays small, and never gets in the way. */
#include "tests/unit/test.h"

#include "core/file.h"
#include "core/json.h"
#include "core/log.h"

#include <time.h>
#include <unistd.h>
#include <utime.h>

static int enter(void **state)
{
	char *dir = xstrdup("/tmp/test-log-XXXXXX");

	*state = dir;
	return !mkdtemp(dir) || chdir(dir) ? -1 : 0;
}

static int leave(void **state)
{
	char *dir = *state;

	if (chdir("/"))
		return -1;
	ok(file_remove_tree(dir));
	free(dir);
	return 0;
}

static struct buf content(const char *path)
{
	struct buf text = BUF_INIT;

	ok(file_read(&text, path, 32 << 20));
	return text;
}

static void lines_are_json_with_their_pairs(void **state)
{
	struct log *log = log_open("log", "run", LOG_INFO);
	struct tree tree = TREE_INIT;

	(void)state;
	assert_non_null(log);
	log_write(log, LOG_WARN, "a \"message\"", "phase", "auth", "exit", NULL,
		  NULL);
	log_close(&log);
	assert_null(log);
	log_close(&log);
	struct buf text = content("log/run.jsonl");
	assert_int_equal(text.data[text.len - 1], '\n');
	ok(json_parse(&tree, text.data, text.len - 1));
	same(value_text(value_get(tree.root, "level"), ""), "warn");
	same(value_text(value_get(tree.root, "message"), ""), "a \"message\"");
	same(value_text(value_get(tree.root, "phase"), ""), "auth");
	assert_int_equal(value_get(tree.root, "exit")->kind, VALUE_NULL);
	assert_int_equal(strlen(value_text(value_get(tree.root, "at"), "")),
			 20);
	tree_release(&tree);
	buf_release(&text);
}

static void lines_above_the_level_are_not_written(void **state)
{
	struct log *log = log_open("log", "run", LOG_WARN);

	(void)state;
	log_write(log, LOG_DEBUG, "debug", NULL);
	log_write(log, LOG_INFO, "info", NULL);
	log_write(log, LOG_WARN, "warn", NULL);
	log_write(log, LOG_ERROR, "error", NULL);
	log_close(&log);
	struct buf text = content("log/run.jsonl");
	assert_null(strstr(text.data, "\"message\":\"debug\""));
	assert_null(strstr(text.data, "\"message\":\"info\""));
	assert_non_null(strstr(text.data, "\"message\":\"warn\""));
	assert_non_null(strstr(text.data, "\"message\":\"error\""));
	buf_release(&text);
}

static void a_log_goes_on_where_it_was(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct log *log = log_open("log", "run", LOG_INFO);

		log_write(log, LOG_INFO, i ? "second" : "first", NULL);
		log_close(&log);
	}
	struct buf text = content("log/run.jsonl");
	assert_non_null(strstr(text.data, "first"));
	assert_non_null(strstr(text.data, "second"));
	buf_release(&text);
}

static void a_long_log_is_turned_over_and_stays_below_its_limit(void **state)
{
	struct log *log = log_open("log", "run", LOG_INFO);
	size_t len = 1 << 20;
	char *message = xmalloc(len);
	struct stat now, older;

	(void)state;
	memset(message, 'x', len);
	message[len - 1] = '\0';
	for (int i = 0; i < 20; i++)
		log_write(log, LOG_INFO, message, NULL);
	log_write(log, LOG_INFO, "the last", NULL);
	log_close(&log);
	free(message);
	assert_int_equal(stat("log/run.jsonl", &now), 0);
	assert_int_equal(stat("log/run.1.jsonl", &older), 0);
	assert_in_range(now.st_size + older.st_size, 8 << 20, 16 << 20);
	struct buf text = content("log/run.jsonl");
	assert_non_null(strstr(text.data, "the last"));
	buf_release(&text);
}

static void old_logs_are_removed_and_other_files_kept(void **state)
{
	struct utimbuf past = { 0, time(NULL) - 31 * 86400 };

	(void)state;
	ok(file_write("log/20260101T000000Z-00000000.jsonl", "", 0, 0));
	ok(file_write("log/20260102T000000Z-00000000.jsonl", "", 0, 0));
	ok(file_write("log/notes.txt", "", 0, 0));
	utime("log/20260101T000000Z-00000000.jsonl", &past);
	utime("log/notes.txt", &past);
	struct log *log = log_open("log", "run", LOG_INFO);
	log_close(&log);
	assert_false(file_exists("log/20260101T000000Z-00000000.jsonl"));
	assert_true(file_exists("log/20260102T000000Z-00000000.jsonl"));
	assert_true(file_exists("log/notes.txt"));
}

static void at_most_two_hundred_logs_are_kept(void **state)
{
	struct strings names = STRINGS_INIT;
	char path[64];

	(void)state;
	for (int i = 0; i < 210; i++) {
		snprintf(path, sizeof path, "log/2026%04d.jsonl", i);
		ok(file_write(path, "", 0, 0));
	}
	struct log *log = log_open("log", "2027", LOG_INFO);
	log_close(&log);
	ok(file_list(&names, "log"));
	assert_int_equal(names.len, 200);
	same(names.items[0], "20260011.jsonl");
	same(names.items[199], "2027.jsonl");
	strings_release(&names);
}

static void a_log_that_cannot_be_opened_is_none(void **state)
{
	(void)state;
	ok(file_write("log", "", 0, 0));
	struct log *log = log_open("log", "run", LOG_INFO);
	assert_null(log);
	log_write(log, LOG_INFO, "nowhere", NULL);
	assert_null(log_open("/dev/null/x", "run", LOG_INFO));
	mkdir("dir", 0777);
	mkdir("dir/run.jsonl", 0777);
	assert_null(log_open("dir", "run", LOG_INFO));
}

static void levels_are_read_by_name(void **state)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	enum log_level level;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		ok(log_level_parse(&level, names[i]));
		assert_int_equal(level, i);
	}
	fails(ERROR_USAGE, "'loud'", log_level_parse(&level, "loud"));
	struct error *err = log_level_parse(&level, "debgu");
	assert_non_null(err);
	same(err->hint, "did you mean 'debug'?");
	error_free(err);
	assert_int_equal(level, LOG_DEBUG);
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(lines_are_json_with_their_pairs),
		test(lines_above_the_level_are_not_written),
		test(a_log_goes_on_where_it_was),
		test(a_long_log_is_turned_over_and_stays_below_its_limit),
		test(old_logs_are_removed_and_other_files_kept),
		test(at_most_two_hundred_logs_are_kept),
		test(a_log_that_cannot_be_opened_is_none),
		test(levels_are_read_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
