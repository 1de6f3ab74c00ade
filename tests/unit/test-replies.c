/* The store of replies: what was put is what is got, or nothing is. */
#include "tests/unit/test.h"

#include "core/file.h"
#include "core/replies.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAY 86400
#define NOW 1800000000

static int enter(void **state)
{
	char *dir = xstrdup("/tmp/test-replies-XXXXXX");

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

/* The key of a name, the same each time. */
static const char *key_of(const char *name)
{
	static char keys[8][SHA256_HEX];
	static size_t next;
	char *key = keys[next++ % 8];

	sha256_of(name, strlen(name), key);
	return key;
}

static char *file_of(const char *name)
{
	const char *key = key_of(name);

	return xasprintf("store/%.2s/%s", key, key + 2);
}

static void say(struct reply *reply, const char *text, size_t times)
{
	CLEANUP(buf_release) struct buf all = BUF_INIT;

	reply_init(reply);
	reply_set(reply, "model-1", "msg_1");
	while (times--)
		buf_str(&all, text);
	reply_add_text(reply, all.data, all.len);
	reply->usage = (struct usage){ 10, 20, 30, 40, 5 };
	reply->stop = STOP_LENGTH;
}

struct row {
	const char *name;
	const char *stage;
	int64_t at;
	const char *depends; /* names, one letter each */
	size_t times; /* of the text; 0: once */
};

static void put(const struct row *row)
{
	struct reply_entry entry = { .at = row->at ? row->at : NOW,
				     .stage = (char *)row->stage,
				     .plan = (char *)"shop",
				     .agent = (char *)"developer",
				     .model = (char *)"model-1",
				     .micros = 1234 };
	struct reply reply;

	memcpy(entry.key, key_of(row->name), sizeof entry.key);
	for (const char *c = row->depends; c && *c; c++) {
		const char name[2] = { *c, '\0' };

		strings_add(&entry.depends, key_of(name));
	}
	entry.usage.output = 40;
	say(&reply, "an answer ", row->times ? row->times : 1);
	ok(replies_put("store", &entry, &reply));
	reply_release(&reply);
	strings_release(&entry.depends);
}

/* 1: it is there; the reply's text is in text. */
static int get(struct buf *text, const char *name, int64_t now)
{
	CLEANUP(reply_entry_release) struct reply_entry entry = { .at = 0 };
	struct reply reply;

	reply_init(&reply);
	struct error *err =
		replies_get(&reply, &entry, "store", key_of(name), NULL, now);
	if (err && !error_is(err, ERROR_NOT_FOUND))
		fail_msg("%s", err->message);
	if (!err && text)
		reply_text(text, &reply);
	reply_release(&reply);
	error_free(err);
	return !err;
}

static int has(const char *name)
{
	return get(NULL, name, 0);
}

static void what_was_put_is_what_is_got(void **state)
{
	CLEANUP(reply_entry_release) struct reply_entry entry = { .at = 0 };
	CLEANUP(buf_release) struct buf a = BUF_INIT, b = BUF_INIT;
	struct reply before, after;

	(void)state;
	put(&(struct row){ "a", "implement", NOW, "bc", 1 });
	reply_init(&after);
	ok(replies_get(&after, &entry, "store", key_of("a"), NULL, 0));
	say(&before, "an answer ", 1);
	reply_print(&a, &before);
	reply_print(&b, &after);
	same(a.data, b.data);
	same(entry.key, key_of("a"));
	same(entry.stage, "implement");
	same(entry.plan, "shop");
	assert_null(entry.phase);
	same(entry.agent, "developer");
	same(entry.model, "model-1");
	assert_int_equal(entry.at, NOW);
	assert_int_equal(entry.micros, 1234);
	assert_int_equal(entry.usage.output, 40);
	assert_int_equal(entry.depends.len, 2);
	same(entry.depends.items[1], key_of("c"));
	assert_false(entry.shared);
	assert_true(entry.size > 0);
	reply_release(&before);
	reply_release(&after);
}

static void what_is_absent_is_not_found(void **state)
{
	(void)state;
	assert_false(has("a"));
	put(&(struct row){ "b", "implement", NOW, NULL, 1 });
	assert_false(has("a"));
	assert_true(has("b"));
}

static void a_name_that_is_no_key_is_not_found(void **state)
{
	static const char *const names[] = { "", "../../etc/passwd", "abc" };
	struct reply_entry entry = { .at = 0 };
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		fails(ERROR_NOT_FOUND, "",
		      replies_get(&reply, &entry, "store", names[i], NULL, 0));
		fails(ERROR_NOT_FOUND, "",
		      replies_invalidate(NULL, "store", names[i], 0));
	}
}

static int64_t size_of(const char *name)
{
	CLEANUP(free_str) char *path = file_of(name);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void long_replies_are_compressed(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf file = BUF_INIT;
	CLEANUP(free_str) char *path = file_of("short");

	(void)state;
	put(&(struct row){ "short", "implement", NOW, NULL, 1 });
	put(&(struct row){ "long", "implement", NOW, NULL, 10000 });
	assert_true(get(&text, "long", 0));
	assert_int_equal(text.len, 100000);
	assert_true(size_of("long") < 2000);
	ok(file_read(&file, path, 1 << 20));
	assert_non_null(strstr(file.data, "an answer"));
}

static void shared_entries_say_so(void **state)
{
	CLEANUP(reply_entry_release) struct reply_entry found = { .at = 0 };
	struct reply_entry entry = { .at = NOW, .shared = 1 };
	struct reply reply;

	(void)state;
	memcpy(entry.key, key_of("a"), sizeof entry.key);
	say(&reply, "x", 1);
	ok(replies_put("store", &entry, &reply));
	ok(replies_get(&reply, &found, "store", entry.key, NULL, 0));
	assert_true(found.shared);
	assert_null(found.stage);
	reply_release(&reply);
}

/* The last second in which it serves others, and the next. */
static void expires_after(const char *stage, int64_t hours)
{
	put(&(struct row){ "a", stage, NOW, NULL, 1 });
	if (!get(NULL, "a", NOW + hours * 3600 - 1))
		fail_msg("%s: too early", stage);
	if (get(NULL, "a", NOW + hours * 3600))
		fail_msg("%s: too late", stage);
	assert_true(get(NULL, "a", 0));
}

static void each_stage_has_its_expiry_but_for_a_resume(void **state)
{
	(void)state;
	expires_after("brainstorm", 168);
	expires_after("integration", 24);
	expires_after("implement", 72);
	expires_after("verdict", 72);
}

/* Else it would serve until the day has come that a wrong clock said. */
static void what_a_wrong_clock_dated_ahead_is_expired(void **state)
{
	(void)state;
	put(&(struct row){ "a", "implement", NOW + 86400, NULL, 1 });
	assert_true(get(NULL, "a", NOW));
	put(&(struct row){ "a", "implement", NOW + 86401, NULL, 1 });
	assert_false(get(NULL, "a", NOW));
	assert_true(get(NULL, "a", 0));
}

static void expiry_can_be_set(void **state)
{
	const struct reply_expiry expiry = { 10, 20, 30 };
	CLEANUP(reply_entry_release) struct reply_entry entry = { .at = 0 };
	struct reply reply;

	(void)state;
	reply_init(&reply);
	put(&(struct row){ "a", "integration", NOW, NULL, 1 });
	fails(ERROR_NOT_FOUND, "no reply",
	      replies_get(&reply, &entry, "store", key_of("a"), &expiry,
			  NOW + 20));
	ok(replies_get(&reply, &entry, "store", key_of("a"), &expiry,
		       NOW + 19));
	reply_release(&reply);
}

/* Every byte of an entry, once each with another value. */
static void a_damaged_entry_is_none_and_goes(void **state)
{
	CLEANUP(free_str) char *path = file_of("a");
	CLEANUP(buf_release) struct buf file = BUF_INIT;

	(void)state;
	put(&(struct row){ "a", "implement", NOW, "b", 200 });
	ok(file_read(&file, path, 1 << 20));
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= 0x11;
		ok(file_write(path, file.data, file.len, FILE_PLAIN));
		file.data[i] ^= 0x11;
		if (has("a"))
			fail_msg("byte %zu of %zu", i, file.len);
		assert_false(file_exists(path));
	}
	printf("# %zu/%zu damaged bytes found\n", file.len, file.len);
}

static void a_torn_entry_is_none(void **state)
{
	CLEANUP(free_str) char *path = file_of("a");
	CLEANUP(buf_release) struct buf file = BUF_INIT;

	(void)state;
	put(&(struct row){ "a", "implement", NOW, NULL, 1 });
	ok(file_read(&file, path, 1 << 20));
	for (size_t len = 0; len < file.len; len++) {
		ok(file_write(path, file.data, len, FILE_PLAIN));
		if (has("a"))
			fail_msg("%zu of %zu bytes", len, file.len);
	}
}

static void an_entry_under_anothers_name_is_none(void **state)
{
	CLEANUP(free_str) char *from = file_of("a"), *to = file_of("b");

	(void)state;
	put(&(struct row){ "a", "implement", NOW, NULL, 1 });
	ok(file_move(from, to));
	assert_false(has("b"));
	assert_false(file_exists(to));
}

static void what_is_no_file_is_an_error_not_damage(void **state)
{
	CLEANUP(free_str) char *path = file_of("a");
	struct reply_entry entry = { .at = 0 };
	struct reply reply;

	(void)state;
	ok(file_mkdirs(path));
	fails(ERROR_FAILURE, "",
	      replies_get(&reply, &entry, "store", key_of("a"), NULL, 0));
	assert_true(file_exists(path));
}

static void they_are_listed_newest_first(void **state)
{
	CLEANUP(reply_entries_release) struct reply_entries all = { .len = 0 };
	CLEANUP(strings_release) struct strings damaged = STRINGS_INIT;
	CLEANUP(free_str) char *path = file_of("d");

	(void)state;
	ok(replies_list(&all, &damaged, "store"));
	assert_int_equal(all.len, 0);
	put(&(struct row){ "a", "implement", NOW + 1, NULL, 1 });
	put(&(struct row){ "b", "implement", NOW + 3, NULL, 1 });
	put(&(struct row){ "c", "implement", NOW + 2, NULL, 1 });
	ok(file_write(path, "junk", 4, FILE_PLAIN));
	ok(file_write("store/README", "x", 1, FILE_PLAIN));
	ok(replies_list(&all, &damaged, "store"));
	assert_int_equal(all.len, 3);
	same(all.items[0].key, key_of("b"));
	same(all.items[1].key, key_of("c"));
	same(all.items[2].key, key_of("a"));
	assert_int_equal(damaged.len, 1);
	same(damaged.items[0], key_of("d"));
	assert_true(file_exists(path));
}

static void put_chain(void)
{
	put(&(struct row){ "a", "brainstorm", NOW, NULL, 1 });
	put(&(struct row){ "b", "architecture", NOW, "a", 1 });
	put(&(struct row){ "c", "phases", NOW, "xb", 1 });
	put(&(struct row){ "d", "implement", NOW, "c", 1 });
	put(&(struct row){ "x", "brainstorm", NOW, NULL, 1 });
	put(&(struct row){ "y", "architecture", NOW, "x", 1 });
}

static void one_is_invalidated_alone(void **state)
{
	CLEANUP(strings_release) struct strings removed = STRINGS_INIT;

	(void)state;
	put_chain();
	ok(replies_invalidate(&removed, "store", key_of("b"), 0));
	assert_int_equal(removed.len, 1);
	assert_false(has("b"));
	assert_true(has("a") && has("c") && has("d") && has("x") && has("y"));
}

static void what_rests_on_it_goes_too(void **state)
{
	CLEANUP(strings_release) struct strings removed = STRINGS_INIT;

	(void)state;
	put_chain();
	ok(replies_invalidate(&removed, "store", key_of("a"), 1));
	assert_int_equal(removed.len, 4);
	same(removed.items[0], key_of("a"));
	assert_false(has("a") || has("b") || has("c") || has("d"));
	assert_true(has("x") && has("y"));
	fails(ERROR_NOT_FOUND, "no reply is kept under",
	      replies_invalidate(&removed, "store", key_of("a"), 1));
}

static void entries_that_rest_on_each_other_end(void **state)
{
	CLEANUP(strings_release) struct strings removed = STRINGS_INIT;

	(void)state;
	put(&(struct row){ "a", "implement", NOW, "b", 1 });
	put(&(struct row){ "b", "implement", NOW, "a", 1 });
	ok(replies_invalidate(&removed, "store", key_of("b"), 1));
	assert_int_equal(removed.len, 2);
}

static void gc_takes_what_expired_or_is_damaged(void **state)
{
	struct reply_gc gc = { .now = NOW + 4 * DAY };
	CLEANUP(free_str) char *path = file_of("bad");

	(void)state;
	put(&(struct row){ "a", "implement", NOW, NULL, 1 });
	put(&(struct row){ "b", "brainstorm", NOW, NULL, 1 });
	put(&(struct row){ "c", "implement", NOW + 3 * DAY, NULL, 1 });
	ok(file_write(path, "junk", 4, FILE_PLAIN));
	ok(replies_gc("store", &gc));
	assert_int_equal(gc.kept, 2);
	assert_int_equal(gc.removed, 1);
	assert_int_equal(gc.damaged, 1);
	assert_int_equal(gc.bytes, size_of("b") + size_of("c"));
	assert_false(has("a") || file_exists(path));
}

static void gc_takes_the_oldest_beyond_the_cap(void **state)
{
	struct reply_gc gc = { .now = NOW + 10 };

	(void)state;
	put(&(struct row){ "a", "implement", NOW + 1, NULL, 1 });
	put(&(struct row){ "b", "implement", NOW + 2, NULL, 1 });
	put(&(struct row){ "c", "implement", NOW + 3, NULL, 1 });
	gc.max_bytes = size_of("b") + size_of("c");
	ok(replies_gc("store", &gc));
	assert_int_equal(gc.kept, 2);
	assert_int_equal(gc.removed, 1);
	assert_false(has("a"));
	gc.max_bytes--;
	ok(replies_gc("store", &gc));
	assert_int_equal(gc.kept, 1);
	assert_true(has("c") && !has("b"));
}

static void gc_takes_what_killed_writers_left(void **state)
{
	static const struct timespec old[2] = { { 1, 0 }, { 1, 0 } };
	struct reply_gc gc = { .now = NOW };
	CLEANUP(free_str) char *path = file_of("a");
	CLEANUP(free_str) char *dir = path_parent(path);
	CLEANUP(free_str) char *dead = path_join(dir, ".tmp-1-dead");
	CLEANUP(free_str) char *live = path_join(dir, ".tmp-2-live");

	(void)state;
	put(&(struct row){ "a", "implement", NOW, NULL, 1 });
	ok(file_write(dead, "x", 1, FILE_PLAIN));
	ok(file_write(live, "x", 1, FILE_PLAIN));
	assert_int_equal(utimensat(AT_FDCWD, dead, old, 0), 0);
	ok(replies_gc("store", &gc));
	assert_false(file_exists(dead));
	assert_true(file_exists(live));
	assert_true(has("a"));
}

#define WRITERS 4
#define WRITES  25

static void write_often(void)
{
	for (int i = 0; i < WRITES; i++)
		put(&(struct row){ "a", "implement", NOW, NULL, 300 });
	_exit(0);
}

static void writers_of_one_key_do_not_disturb_readers(void **state)
{
	int seen = 0, left = WRITERS;

	(void)state;
	put(&(struct row){ "a", "implement", NOW, NULL, 300 });
	for (int i = 0; i < WRITERS; i++)
		if (!fork())
			write_often();
	while (left) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		int status;

		assert_true(get(&text, "a", 0));
		assert_int_equal(text.len, 3000);
		seen++;
		if (waitpid(-1, &status, WNOHANG) > 0) {
			assert_int_equal(status, 0);
			left--;
		}
	}
	printf("# read %d times between %d writes\n", seen, WRITERS * WRITES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_put_is_what_is_got),
		TEST(what_is_absent_is_not_found),
		TEST(a_name_that_is_no_key_is_not_found),
		TEST(long_replies_are_compressed),
		TEST(shared_entries_say_so),
		TEST(each_stage_has_its_expiry_but_for_a_resume),
		TEST(what_a_wrong_clock_dated_ahead_is_expired),
		TEST(expiry_can_be_set),
		TEST(a_damaged_entry_is_none_and_goes),
		TEST(a_torn_entry_is_none),
		TEST(an_entry_under_anothers_name_is_none),
		TEST(what_is_no_file_is_an_error_not_damage),
		TEST(they_are_listed_newest_first),
		TEST(one_is_invalidated_alone),
		TEST(what_rests_on_it_goes_too),
		TEST(entries_that_rest_on_each_other_end),
		TEST(gc_takes_what_expired_or_is_damaged),
		TEST(gc_takes_the_oldest_beyond_the_cap),
		TEST(gc_takes_what_killed_writers_left),
		TEST(writers_of_one_key_do_not_disturb_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
