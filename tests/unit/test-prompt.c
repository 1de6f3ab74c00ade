/* Prompts: whose they are, what is put into them, what cannot get out. */
#include "tests/unit/small.h"

#include "plans/prompt.h"

#include "core/embed.h"
#include "tests/unit/opened.h"

static void open_it(void)
{
	put_small(&box, OFF);
	small_open(&project, &box);
}

static void variables_are_put_in(void **state)
{
	struct buf out = BUF_INIT;
	struct map vars = MAP_INIT;

	(void)state;
	put(&box, ".orch/prompts/mine.md", "{{greeting}} {{{{ {{name}}\n");
	open_it();
	map_set(&vars, "greeting", (void *)"Hello");
	map_set(&vars, "name", (void *)"{{greeting}}");
	ok(prompt_render(&out, &project, "mine", &vars));
	same(out.data, "Hello {{ {{greeting}}\n");
	buf_release(&out);
	map_release(&vars);
}

static void
a_variable_nobody_sets_is_an_error_that_names_the_prompt(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	put(&box, ".orch/prompts/mine.md", "{{greeting}}\n");
	open_it();
	fails(ERROR_INVALID, "prompt 'mine'",
	      prompt_render(&out, &project, "mine", NULL));
	same(out.data, "");
}

static void
a_prompt_that_is_not_there_is_an_error_with_what_to_write(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	open_it();
	struct error *err = prompt_render(&out, &project, "wizard", NULL);
	assert_true(error_is(err, ERROR_NOT_FOUND));
	same(err->hint, "write .orch/prompts/wizard.md");
	error_free(err);
}

static void expect_system(const char *role, const char *begin)
{
	struct request request;

	request_init(&request);
	ok(prompt_begin(&request, &project, role));
	const struct value *block =
		value_get(request.tree.root, "system")->child;
	const char *text = value_text(value_get(block, "text"), "");
	if (strncmp(text, begin, strlen(begin)) != 0)
		fail_msg("%s: %.80s", role, text);
	assert_true(value_bool(value_get(block, "stable"), 0));
	request_release(&request);
}

static void a_role_has_the_projects_prompt_or_the_built_in_one(void **state)
{
	(void)state;
	put(&box, ".orch/prompts/manager.md", "You manage this shop.\n");
	put(&box, ".orch/prompts/security.md", "You look for holes.\n");
	open_it();
	expect_system("manager", "You manage this shop.");
	expect_system("security", "You look for holes.");
	expect_system("developer", "You are a software developer.");
	/* A role nobody has words for is a developer's. */
	expect_system("gardener", "You are a software developer.");
}

static void a_link_is_no_prompt(void **state)
{
	(void)state;
	sh(&box, "mkdir -p repo/.orch/prompts && cd repo/.orch/prompts && "
		 "echo evil >x && ln -s x developer.md");
	open_it();
	expect_system("developer", "You are a software developer.");
}

static void expect_fence(const char *label, const char *text,
			 const char *expected)
{
	struct buf out = BUF_INIT;

	prompt_fence(&out, label, text, strlen(text));
	same(out.data, expected);
	buf_release(&out);
}

static void nothing_within_a_fence_can_end_it(void **state)
{
	(void)state;
	expect_fence("a.c", "x", "``` a.c\nx\n```\n\n");
	expect_fence("a.c", "", "``` a.c\n```\n\n");
	expect_fence("a.c", "a\n```\nb\n", "```` a.c\na\n```\nb\n````\n\n");
	expect_fence("a.c", "`````", "`````` a.c\n`````\n``````\n\n");
	expect_fence("a\n``` b\t", "x\n", "``` a     b \nx\n```\n\n");
}

/* No run of backticks within is as long as the fence, whatever is quoted. */
static void a_fence_is_longer_than_any_run_within(void **state)
{
	struct buf text = BUF_INIT, out = BUF_INIT;
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 200; round++) {
		buf_clear(&text);
		buf_clear(&out);
		for (int i = 0; i < 40; i++) {
			seed = seed * 1103515245 + 12345;
			buf_ch(&text, "``a\n"[seed >> 30]);
		}
		prompt_fence(&out, "f", text.data, text.len);
		char *fence = xstrndup(out.data, strspn(out.data, "`"));
		char *again = strstr(out.data + strlen(fence), fence);
		assert_non_null(again);
		assert_int_equal(again - out.data + (long)strlen(fence) + 2,
				 (long)out.len);
		free(fence);
	}
	buf_release(&text);
	buf_release(&out);
}

static void what_differs_from_run_to_run_is_taken_out(void **state)
{
	static const struct {
		const char *text, *steady;
	} rows[] = {
		{ "3 passed in 0.52s", "3 passed in #s" },
		{ "(13.1 ms)", "(# ms)" },
		{ "ok 1.5 seconds, 2.25sec.", "ok # seconds, #sec." },
		{ "at 0x7ffe12ab34", "at 0x#" },
		{ "11:56:19.123 start", "# start" },
		{ "[2026-11-21 11:56:19,123] x", "[#] x" },
		{ "2026/11/21T11:56:19.123456Z", "#Z" },
		/* What a program may be about stays. */
		{ "got 10:30:00 of 2026-11-21", "got 10:30:00 of 2026-11-21" },
		{ "2026-11-21 10:30:00", "2026-11-21 10:30:00" },
		{ "10:30:00.5 1:2:3.456", "10:30:00.5 1:2:3.456" },
		{ "2026-11-21 ", "2026-11-21 " },
		{ "11:56:19.", "11:56:19." },
		{ "expected 5s, got 10s", "expected 5s, got 10s" },
		{ "version 1.2.3 of 0.5", "version 1.2.3 of 0.5" },
		{ "0xff 0x1234", "0xff 0x1234" },
		{ "x1.5s 1.5stars 1.5", "x1.5s 1.5stars 1.5" },
		{ "1.", "1." },
		{ "12.5", "12.5" },
		{ "", "" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_clear(&out);
		prompt_steady(&out, rows[i].text, strlen(rows[i].text));
		same(out.data, rows[i].steady);
	}
	buf_release(&out);
}

/* As every built-in prompt is: text, with variables that are closed. */
static void built_in_prompts_say_no_time_and_no_place(void **state)
{
	struct embed file;
	size_t n = 0;

	(void)state;
	for (; embed_at(&file, "prompts/", n); n++) {
		assert_true(file.len > 100);
		assert_null(strstr(file.data, "2026"));
		assert_null(strstr(file.data, "/home/"));
	}
	assert_true(n >= 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(variables_are_put_in),
		TEST(a_variable_nobody_sets_is_an_error_that_names_the_prompt),
		TEST(a_prompt_that_is_not_there_is_an_error_with_what_to_write),
		TEST(a_role_has_the_projects_prompt_or_the_built_in_one),
		TEST(a_link_is_no_prompt),
		cmocka_unit_test(nothing_within_a_fence_can_end_it),
		cmocka_unit_test(a_fence_is_longer_than_any_run_within),
		cmocka_unit_test(what_differs_from_run_to_run_is_taken_out),
		cmocka_unit_test(built_in_prompts_say_no_time_and_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
