/* Versions, and entries that find their place in a changelog. */
#include "tests/unit/test.h"

#include "core/alloc.h"
#include "plans/changelog.h"
#include "plans/semver.h"

static const struct changelog_item items[] = {
	{ "Added", "a door" },
	{ "Fixed", "the roof" },
	{ "Added", "a window" },
};
static const struct changelog_entry entry = {
	.version = "1.2.0",
	.tag = "v1.2.0",
	.date = "2026-11-21",
	.items = items,
	.n = 3,
};

static void added(const char *before, const char *after)
{
	struct buf text = BUF_INIT;

	buf_str(&text, before);
	changelog_add(&text, &entry);
	assert_string_equal(text.data, after);
	buf_release(&text);
}

#define OURS                                                                   \
	"## [1.2.0] - 2026-11-21\n\n### Added\n\n- a door\n- a window\n\n"     \
	"### Fixed\n\n- the roof\n"

static void an_empty_file_becomes_a_changelog(void **state)
{
	(void)state;
	const char *want =
		"# Changelog\n\nThe format follows Keep a Changelog; versions "
		"follow Semantic Versioning.\n\n## [Unreleased]\n\n" OURS;

	added("", want);
	added("\n \n", want);
}

static void what_was_unreleased_becomes_part_of_the_version(void **state)
{
	(void)state;
	added("# Log\n\n## [Unreleased]\n\n### Added\n\n* a bell\n\n"
	      "### Security\n\n* a lock\n\n## [1.1.0] - 2026-01-01\n\n- old\n",
	      "# Log\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-21\n\n"
	      "### Added\n\n* a bell\n- a door\n- a window\n\n"
	      "### Security\n\n* a lock\n\n### Fixed\n\n- the roof\n\n"
	      "## [1.1.0] - 2026-01-01\n\n- old\n");
}

static void an_empty_place_is_filled(void **state)
{
	(void)state;
	added("# Log\n\n## [Unreleased]\n\n## [1.1.0]\n- old\n",
	      "# Log\n\n## [Unreleased]\n\n" OURS "\n## [1.1.0]\n- old\n");
	added("## Unreleased\n## 1.1.0\n",
	      "## Unreleased\n\n" OURS "\n## 1.1.0\n");
	added("## [unreleased]", "## [unreleased]\n\n" OURS);
}

static void without_a_place_it_goes_before_the_newest(void **state)
{
	(void)state;
	added("# Log\n\nwords\n\n## 1.1.0\n\n- old\n",
	      "# Log\n\nwords\n\n" OURS "\n## 1.1.0\n\n- old\n");
	added("# Log\n\nwords", "# Log\n\nwords\n\n" OURS);
}

static void line_ends_stay_what_they_are(void **state)
{
	(void)state;
	added("# Log\r\n\r\n## [Unreleased]\r\n\r\n## [1.1.0]\r\n",
	      "# Log\r\n\r\n## [Unreleased]\r\n\r\n"
	      "## [1.2.0] - 2026-11-21\r\n\r\n### Added\r\n\r\n- a door\r\n"
	      "- a window\r\n\r\n### Fixed\r\n\r\n- the roof\r\n\r\n"
	      "## [1.1.0]\r\n");
}

static void what_stands_in_a_fence_is_no_heading(void **state)
{
	(void)state;
	added("# Log\n\n```\n## [Unreleased]\n```\n\n## 1.1.0\n",
	      "# Log\n\n```\n## [Unreleased]\n```\n\n" OURS "\n## 1.1.0\n");
}

static void links_go_on_from_the_tag(void **state)
{
	(void)state;
	added("## [Unreleased]\n\n## [1.1.0]\n\n- old\n\n"
	      "[Unreleased]: https://h.example/compare/v1.1.0...HEAD\n"
	      "[1.1.0]: https://h.example/releases/v1.1.0\n",
	      "## [Unreleased]\n\n" OURS "\n## [1.1.0]\n\n- old\n\n"
	      "[Unreleased]: https://h.example/compare/v1.2.0...HEAD\n"
	      "[1.2.0]: https://h.example/compare/v1.1.0...v1.2.0\n"
	      "[1.1.0]: https://h.example/releases/v1.1.0\n");
}

static void a_summary_stands_first(void **state)
{
	(void)state;
	struct changelog_entry with = entry;
	struct buf text = BUF_INIT, section = BUF_INIT;

	with.summary = "A house.";
	with.n = 1;
	buf_str(&text, "## [Unreleased]\n\n## 1.1.0\n");
	changelog_add(&text, &with);
	assert_string_equal(text.data,
			    "## [Unreleased]\n\n## [1.2.0] - 2026-11-21\n\n"
			    "A house.\n\n### Added\n\n- a door\n\n"
			    "## 1.1.0\n");
	assert_true(changelog_section(&section, text.data, "1.2.0"));
	assert_string_equal(section.data, "A house.\n\n### Added\n\n- a door");
	assert_false(changelog_section(&section, text.data, "1.3.0"));
	buf_release(&text);
	buf_release(&section);
}

static void newest_is(const char *text, const char *want)
{
	CLEANUP(free_str) char *newest = changelog_newest(text);

	if (!want)
		assert_null(newest);
	else
		assert_string_equal(newest, want);
}

static void the_newest_version_is_the_first_one(void **state)
{
	(void)state;
	newest_is("## [Unreleased]\n\n## [v1.2.0] - x\n\n## 1.1.0\n", "1.2.0");
	newest_is("## 1.1.0-rc.1 (today)\n", "1.1.0-rc.1");
	newest_is("# Log\n## [Unreleased]\n", NULL);
	newest_is("", NULL);
	newest_is("## ", "");
}

static void a_version_is_taken_strictly(void **state)
{
	(void)state;
	static const char *const good[] = { "0.0.0", "1.20.3", "1.0.0-rc.1",
					    "1.0.0-x-y.0", NULL };
	static const char *const bad[] = {
		"",       "1",      "1.2",     "1.2.3.4",  "v1.2.3",
		"01.2.3", "1.2.3-", "1.2.3-.", "1.2.3-01", "1.2.3+b",
		"1.2.3 ", "-1.2.3", "1.2.3-ä", "1..3",     "1.2.9999999999",
		NULL,
	};
	struct semver version;
	char text[SEMVER_TEXT];

	for (const char *const *it = good; *it; it++) {
		assert_true(semver_parse(&version, *it));
		semver_text(text, &version);
		assert_string_equal(text, *it);
	}
	for (const char *const *it = bad; *it; it++)
		assert_false(semver_parse(&version, *it));
}

/* The example of section 11, and what stands around it. */
static void versions_are_ordered_as_the_standard_says(void **state)
{
	(void)state;
	static const char *const rising[] = {
		"0.9.9",
		"1.0.0-alpha",
		"1.0.0-alpha.1",
		"1.0.0-alpha.beta",
		"1.0.0-beta",
		"1.0.0-beta.2",
		"1.0.0-beta.11",
		"1.0.0-rc.1",
		"1.0.0",
		"1.0.1",
		"1.1.0",
		"2.0.0",
		NULL,
	};
	struct semver a, b;

	for (size_t i = 0; rising[i]; i++)
		for (size_t k = 0; rising[k]; k++) {
			int way;

			assert_true(semver_parse(&a, rising[i]));
			assert_true(semver_parse(&b, rising[k]));
			way = semver_compare(&a, &b);
			assert_int_equal((way > 0) - (way < 0),
					 (i > k) - (i < k));
		}
}

static void bumped(const char *from, enum bump bump, const char *to)
{
	struct semver version;
	char text[SEMVER_TEXT];

	assert_true(semver_parse(&version, from));
	semver_bump(&version, bump);
	semver_text(text, &version);
	assert_string_equal(text, to);
}

static void what_breaks_raises_the_minor_version_below_one(void **state)
{
	(void)state;
	bumped("1.2.3", BUMP_MAJOR, "2.0.0");
	bumped("1.2.3", BUMP_MINOR, "1.3.0");
	bumped("1.2.3", BUMP_PATCH, "1.2.4");
	bumped("0.2.3", BUMP_MAJOR, "0.3.0");
	bumped("0.0.0", BUMP_MINOR, "0.1.0");
	bumped("0.0.0", BUMP_PATCH, "0.0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_becomes_a_changelog),
		cmocka_unit_test(
			what_was_unreleased_becomes_part_of_the_version),
		cmocka_unit_test(an_empty_place_is_filled),
		cmocka_unit_test(without_a_place_it_goes_before_the_newest),
		cmocka_unit_test(line_ends_stay_what_they_are),
		cmocka_unit_test(what_stands_in_a_fence_is_no_heading),
		cmocka_unit_test(links_go_on_from_the_tag),
		cmocka_unit_test(a_summary_stands_first),
		cmocka_unit_test(the_newest_version_is_the_first_one),
		cmocka_unit_test(a_version_is_taken_strictly),
		cmocka_unit_test(versions_are_ordered_as_the_standard_says),
		cmocka_unit_test(
			what_breaks_raises_the_minor_version_below_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
