/* What belongs to a release, and in which words. */
#include "tests/unit/project.h"

#include "gitops/tag.h"
#include "plans/release.h"

#include <stdlib.h>

static void put_phase(const struct scratch *box, const char *id,
		      const char *lines)
{
	char *path = xasprintf(".orch/plans/p/phases/%s.yaml", id);
	char *text = xasprintf("version: 1\nid: %s\n%s", id, lines);

	put(box, path, text);
	free(path);
	free(text);
}

static void begin(struct scratch *box)
{
	project_sandbox(box);
	put(box, ".orch/plans/p/plan.yaml",
	    "version: 1\nid: p\ntitle: P\ngoal: g\n");
	put_phase(box, "a", "title: A\nstatus: done\n");
	put_phase(box, "b",
		  "title: B\nstatus: planned\n"
		  "commit: {type: fix, scope: roof}\n");
	put_phase(box, "c", "title: C\nstatus: skipped\nreason: no\n");
	commit_all(box);
}

static struct oid head(const struct scratch *box)
{
	char *hex = sh_out(box, "git -C repo rev-parse HEAD");
	struct oid oid;

	ok(oid_parse(&oid, hex));
	free(hex);
	return oid;
}

static void only_what_was_finished_since_counts(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct release_items items = { NULL, 0, 0 };
	struct oid first;

	begin(&box);
	first = head(&box);
	put_phase(&box, "b",
		  "title: B\nstatus: done\n"
		  "commit: {type: fix!, scope: roof}\n");
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
	ok(release_collect(&items, &project, &first, NULL));
	assert_int_equal(items.len, 1);
	same(items.items[0].phase, "b");
	same(items.items[0].type, "fix");
	assert_true(items.items[0].breaks);
	release_items_release(&items);
	ok(release_collect(&items, &project, &oid_zero, "p"));
	assert_int_equal(items.len, 2);
	same(items.items[0].phase, "a");
	release_items_release(&items);
	fails(ERROR_NOT_FOUND, "there is no plan 'q'",
	      release_collect(&items, &project, &oid_zero, "q"));
	project_release(&project);
	sandbox_close(&box);
}

static void raised(enum bump want, const char *type, int breaks)
{
	struct release_item rows[] = {
		{ .type = (char *)"docs" },
		{ .type = (char *)type, .breaks = breaks },
		{ .type = (char *)"fix" },
	};
	const struct release_items items = { rows, 3, 3 };

	assert_int_equal(release_bump(&items), want);
}

static void types_say_which_number_is_raised(void **state)
{
	(void)state;
	raised(BUMP_PATCH, "fix", 0);
	raised(BUMP_PATCH, "chore", 0);
	raised(BUMP_MINOR, "feat", 0);
	raised(BUMP_MAJOR, "feat", 1);
	raised(BUMP_MAJOR, "chore", 1);
}

static void types_say_where_it_is_listed(void **state)
{
	(void)state;
	static const char *const want[][2] = {
		{ "feat", "Added" },   { "fix", "Fixed" },
		{ "docs", "Changed" }, { "security", "Security" },
		{ "x", "Changed" },
	};

	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		const struct release_item item = { .type = (char *)want[i][0] };

		assert_string_equal(release_group(&item), want[i][1]);
	}
}

/* A title is whoever's who can push a branch. */
static void words_make_no_page_of_their_own(void **state)
{
	(void)state;
	struct release_item row = {
		.title = (char *)"x\n## [9.9.9]\n<b>@all*",
		.type = (char *)"feat",
		.scope = (char *)"api",
		.breaks = 1,
	};
	struct release_items items = { &row, 1, 1 };

	release_words(&items);
	assert_null(strchr(row.words, '\n'));
	assert_null(strstr(row.words, "<b>"));
	assert_null(strstr(row.words, "@all"));
	assert_non_null(strstr(row.words, "**Breaking:** api: x"));
	free(row.words);
}

static void tags_lead_to_their_commits_whatever_their_kind(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct tags tags = { NULL, 0, 0 };
	struct oid commit;

	begin(&box);
	commit = head(&box);
	sh(&box, "cd repo && git tag v1.0.0 && git tag -m x v1.1.0 && "
		 "git tag -m x other");
	ok(open_at(&project, &box, NULL));
	ok(tags_list(&tags, project.repo, "v"));
	assert_int_equal(tags.len, 2);
	assert_true(oid_equal(&tags_find(&tags, "v1.0.0")->commit, &commit));
	assert_true(oid_equal(&tags_find(&tags, "v1.1.0")->commit, &commit));
	assert_null(tags_find(&tags, "other"));
	ok(tag_make(project.repo, "v1.1.0", &commit, "again"));
	ok(tag_make(project.repo, "v1.2.0", &commit, "# kept\n"));
	char *text = sh_out(
		&box, "git -C repo tag -l --format='%%(contents)' v1.2.0");
	same(text, "# kept\n");
	free(text);
	commit_all(&box);
	commit = head(&box);
	fails(ERROR_CONFLICT, "leads to another commit",
	      tag_make(project.repo, "v1.1.0", &commit, "x"));
	tags_release(&tags);
	project_release(&project);
	sandbox_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_was_finished_since_counts),
		cmocka_unit_test(types_say_which_number_is_raised),
		cmocka_unit_test(types_say_where_it_is_listed),
		cmocka_unit_test(words_make_no_page_of_their_own),
		cmocka_unit_test(
			tags_lead_to_their_commits_whatever_their_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
