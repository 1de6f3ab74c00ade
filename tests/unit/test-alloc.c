/* Allocation gives what was asked for, or ends the process. */
#include "tests/unit/test.h"

#include "core/alloc.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing_can_be_allocated_too(void **state)
{
	void *a = xmalloc(0), *b = xcalloc(0, 8), *c = xrealloc(NULL, 0, 8);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
	free(a);
	free(b);
	free(c);
}

static void copies_of_strings_are_their_own(void **state)
{
	char word[] = "word";
	char *all = xstrdup(word), *part = xstrndup(word, 2);

	(void)state;
	word[0] = 'x';
	same(all, "word");
	same(part, "wo");
	assert_null(xstrdup(NULL));
	free_str(&all);
	assert_null(all);
	free_str(&all);
	free(part);
}

static void formatted_strings_are_as_long_as_needed(void **state)
{
	char *text = xasprintf("%0500d|%s", 7, "end");

	(void)state;
	assert_int_equal(strlen(text), 504);
	same(text + 499, "7|end");
	free(text);
}

/* Runs fn in a child and tells whether it aborted. */
static int aborts(void (*fn)(void))
{
	int status, pid = fork();

	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 2);
		signal(SIGABRT, SIG_DFL);
		fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void overflow_realloc(void)
{
	free(xrealloc(NULL, SIZE_MAX / 4, 8));
}

static void overflow_arena(void)
{
	struct arena arena = ARENA_INIT;

	if (arena_alloc(&arena, SIZE_MAX - 8))
		arena_release(&arena);
}

static void harmless(void)
{
	free(xrealloc(NULL, 4, 8));
}

static void sizes_that_overflow_end_the_process(void **state)
{
	(void)state;
	assert_true(aborts(overflow_realloc));
	assert_true(aborts(overflow_arena));
	assert_false(aborts(harmless));
}

static void an_arena_gives_zeroed_aligned_pieces_of_any_size(void **state)
{
	static const size_t sizes[] = { 1, 0, 7, 16, 5000, 5000, 100000, 3 };
	size_t n = sizeof sizes / sizeof *sizes;
	struct arena arena = ARENA_INIT;
	char *pieces[sizeof sizes / sizeof *sizes];

	(void)state;
	for (size_t i = 0; i < n; i++) {
		pieces[i] = arena_alloc(&arena, sizes[i]);
		assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t),
				 0);
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(pieces[i][j], 0);
		memset(pieces[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(pieces[i][j], i + 1);
	arena_release(&arena);
	arena_release(&arena);
	assert_null(arena.head);
}

static void an_arena_copies_bytes_and_ends_them(void **state)
{
	struct arena arena = ARENA_INIT;

	(void)state;
	same(arena_strndup(&arena, "abcdef", 3), "abc");
	same(arena_strndup(&arena, NULL, 0), "");
	assert_memory_equal(arena_strndup(&arena, "a\0b", 3), "a\0b", 4);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_can_be_allocated_too),
		cmocka_unit_test(copies_of_strings_are_their_own),
		cmocka_unit_test(formatted_strings_are_as_long_as_needed),
		cmocka_unit_test(sizes_that_overflow_end_the_process),
		cmocka_unit_test(
			an_arena_gives_zeroed_aligned_pieces_of_any_size),
		cmocka_unit_test(an_arena_copies_bytes_and_ends_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
