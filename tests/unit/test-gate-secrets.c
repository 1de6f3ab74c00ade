/* The gate on secrets: what a phase adds, and nothing that was there. */
#include "tests/unit/small.h"

#include "core/file.h"
#include "plans/gate.h"
#include "plans/models.h"

#include "tests/unit/opened.h"

/* In two pieces, or the search would find it in this file. */
#define TOKEN                                                                  \
	"ghp"                                                                  \
	"_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX"
#define OTHER                                                                  \
	"ghp"                                                                  \
	"_9zY8xW7vU6tS5rQ4pO3nM2lK1jI0hG9fE8dC"

static struct plan plan;
static struct findings findings;

static void begin(const char *config)
{
	put_small(&box, config);
	put_phase(&box, "small", "a", "files: {create: [\"**\"]}\n");
	small_open(&project, &box);
	plan_release(&plan);
	memset(&plan, 0, sizeof plan);
	ok(plan_read(&plan, project.repo, &project.base.tree, "small", NULL));
}

static int forget(void **state)
{
	plan_release(&plan);
	findings_release(&findings);
	memset(&plan, 0, sizeof plan);
	return teardown(state);
}

/* A tree of one file; text NULL: the empty tree. */
static struct oid one_file(const char *path, const char *text)
{
	struct oid oid = oid_zero;
	char *hex;

	if (!text)
		return oid;
	put(&box, path, text);
	hex = sh_out(&box,
		     "cd repo && rm -f ../index.tmp && "
		     "export GIT_INDEX_FILE=$PWD/../index.tmp && "
		     "git add -f '%s' && git write-tree",
		     path);
	ok(oid_parse(&oid, hex));
	free(hex);
	return oid;
}

static size_t judge(const char *path, const char *from, const char *to)
{
	CLEANUP(candidate_release) struct candidate candidate = { 0 };
	struct oid start = one_file(path, from), tree = one_file(path, to);

	findings_release(&findings);
	ok(candidate_open(&candidate, &project, &plan, plan_phase(&plan, "a"),
			  &start, &tree));
	ok(gate_secrets(&candidate, &findings));
	return findings.len;
}

static void a_secret_in_a_new_file_is_found_and_not_shown(void **state)
{
	const struct finding *finding;

	(void)state;
	begin("");
	assert_int_equal(judge("src/a.c", NULL, "int a;\n\n\t\"" TOKEN "\"\n"),
			 1);
	finding = &findings.items[0];
	same(finding->rule, "secret");
	same(finding->path, "src/a.c");
	assert_int_equal(finding->line, 3);
	assert_int_equal(finding->column, 3);
	same(finding->message,
	     "'src/a.c' has what looks like a GitHub token in line 3");
	assert_non_null(strstr(finding->hint, "secrets.allow"));
}

static void what_stood_there_before_is_not_the_phases(void **state)
{
	(void)state;
	begin("");
	assert_int_equal(judge("a", TOKEN "\n", "new\n\t" TOKEN "\n"), 0);
	assert_int_equal(judge("a", TOKEN "\n", TOKEN "\n" OTHER "\n"), 1);
	assert_int_equal(findings.items[0].line, 2);
	assert_int_equal(judge("a", TOKEN "\n", OTHER "\n"), 1);
}

static void taking_a_secret_out_passes(void **state)
{
	(void)state;
	begin("");
	assert_int_equal(judge("a", TOKEN "\n", "none\n"), 0);
	assert_int_equal(judge("a", TOKEN "\n", NULL), 0);
}

static void a_reason_in_the_configuration_allows_a_file(void **state)
{
	(void)state;
	begin("secrets:\n  allow:\n"
	      "    - {path: \"tests/**\", reason: made up}\n"
	      "    - {path: doc.md, pattern: \"^ghp_0\", reason: shown}\n");
	assert_int_equal(judge("tests/keys", NULL, TOKEN "\n"), 0);
	assert_int_equal(judge("src/keys", NULL, TOKEN "\n"), 1);
	assert_int_equal(judge("doc.md", NULL, TOKEN "\n"), 0);
	assert_int_equal(judge("doc.md", NULL, OTHER "\n"), 1);
}

static void a_secret_in_a_new_files_name_is_found_and_not_shown(void **state)
{
	CLEANUP(candidate_release) struct candidate candidate = { 0 };
	struct oid tree;

	(void)state;
	begin("policy: {paths: [\"none/**\"]}\n");
	put_phase(&box, "small", "b", "");
	small_open(&project, &box);
	plan_release(&plan);
	memset(&plan, 0, sizeof plan);
	ok(plan_read(&plan, project.repo, &project.base.tree, "small", NULL));
	tree = one_file("src/" TOKEN ".c", "int a;\n");
	ok(candidate_open(&candidate, &project, &plan, plan_phase(&plan, "b"),
			  &oid_zero, &tree));
	ok(gate_changes(&candidate, &findings));
	assert_int_equal(findings.len, 2);
	same(findings.items[0].rule, "undeclared");
	same(findings.items[1].rule, "secret");
	same(findings.items[1].message,
	     "the name 'src/[redacted:github-token].c' has what looks like a "
	     "GitHub token");
	FOR_EACH (struct finding, it, &findings) {
		assert_null(strstr(it->message, TOKEN));
		assert_null(strstr(it->path, TOKEN));
	}
	assert_int_equal(judge(TOKEN, "before\n", "after\n"), 0);
}

static void the_gates_on_trees_ask_it(void **state)
{
	CLEANUP(candidate_release) struct candidate candidate = { 0 };
	struct oid tree;

	(void)state;
	begin("");
	tree = one_file("src/a.c", TOKEN "\n");
	ok(candidate_open(&candidate, &project, &plan, plan_phase(&plan, "a"),
			  &oid_zero, &tree));
	ok(gate_changes(&candidate, &findings));
	assert_int_equal(findings.len, 1);
	same(findings.items[0].rule, "secret");
}

static const char *const keys =
	"providers:\n"
	"  - {name: p, driver: openai, key_env: ORCH_TEST_KEY,\n"
	"     headers: [{name: a, value: \"Bearer ${ORCH_TEST_HEADER}\"},\n"
	"     {name: b, value: \"${ORCH_TEST_OTHER}\"},\n"
	"     {name: c, value: written-out}]}\n"
	"agents:\n"
	"  - {name: x, role: developer, worker: cli, command: \"true\",\n"
	"     env: [ORCH_TEST_TOKEN, ORCH_TEST_LANG]}\n"
	"secrets:\n  allow:\n    - {path: \"**\", reason: all}\n";

static void a_key_that_is_in_use_is_found(void **state)
{
	(void)state;
	setenv("ORCH_TEST_KEY", "plain-words-of-a-key", 1);
	setenv("ORCH_TEST_HEADER", "behind-the-bearer", 1);
	setenv("ORCH_TEST_OTHER", "other-header-value", 1);
	setenv("ORCH_TEST_TOKEN", "handed-to-an-agent", 1);
	setenv("ORCH_TEST_LANG", "en_US.UTF-8", 1);
	begin(keys);
	assert_int_equal(judge("a", NULL, "k=plain-words-of-a-key\n"), 1);
	same(findings.items[0].message,
	     "'a' has what looks like a key that is in use in line 1");
	assert_null(strstr(findings.items[0].hint, "secrets.allow"));
	assert_int_equal(judge("a", NULL, "behind-the-bearer\n"), 1);
	assert_int_equal(judge("a", NULL, "other-header-value\n"), 1);
	assert_int_equal(judge("a", NULL, "handed-to-an-agent\n"), 1);
	assert_int_equal(judge("a", NULL, "en_US.UTF-8 written-out\n"), 0);
}

/* How many secrets there are in a new file with this text. */
static size_t found_in(const char *text)
{
	return judge("a", NULL, text);
}

static void a_key_inside_an_address_is_found(void **state)
{
	(void)state;
	setenv("ORCH_TEST_TOKEN", "said-as-a-name", 1);
	setenv("ORCH_TEST_WORD", "said-behind-a-name", 1);
	setenv("ORCH_TEST_KEY", "said-in-the-path", 1);
	setenv("ORCH_TEST_HOST", "gateway.example.com", 1);
	begin("providers:\n"
	      "  - {name: p, driver: openai,\n"
	      "     base_url: \"https://${ORCH_TEST_TOKEN}@a.example/v1\"}\n"
	      "  - {name: q, driver: openai,\n"
	      "     base_url: \"https://somebody:${ORCH_TEST_WORD}@b.example\"}\n"
	      "  - {name: r, driver: openai, base_url:\n"
	      "     \"https://${ORCH_TEST_HOST}/${ORCH_TEST_KEY}/v1\"}\n");
	assert_int_equal(found_in("said-as-a-name\n"), 1);
	assert_int_equal(found_in("said-behind-a-name\n"), 1);
	assert_int_equal(found_in("said-in-the-path\n"), 1);
	assert_int_equal(found_in("gateway.example.com somebody\n"), 0);
}

/* No command runs and git is not asked for what the address has. */
static void an_address_with_a_key_needs_no_other(void **state)
{
	CLEANUP(model_free) struct model *model = NULL;
	static const char lines[] =
		"providers: [{name: p, driver: openai, %s\n"
		"     base_url: \"https://${ORCH_TEST_TOKEN}@a.example/v1\"}]\n"
		"agents:\n"
		"  - {name: dev, role: developer, provider: p, model: m}\n";
	CLEANUP(free_str) char *alone = xasprintf(lines, "");
	CLEANUP(free_str) char *named = xasprintf(lines, "key_env: ORCH_NONE,");

	(void)state;
	setenv("ORCH_TEST_TOKEN", "said-as-a-name", 1);
	begin(alone);
	const struct agent *dev = config_agent(&project.config, "dev");
	assert_int_equal(provider_key_state(&project.config.providers.items[0]),
			 KEY_NONE_NEEDED);
	ok(model_open(&model, &project, dev, NULL));
	assert_null(model->endpoint.key);
	begin(named);
	dev = config_agent(&project.config, "dev");
	assert_int_equal(provider_key_state(&project.config.providers.items[0]),
			 KEY_MISSING);
	model_free(&model);
	fails(ERROR_FAILURE, "there is no key for provider 'p'",
	      model_open(&model, &project, dev, NULL));
}

static void a_key_that_a_profile_passes_on_is_found(void **state)
{
	(void)state;
	setenv("ANTHROPIC_API_KEY", "what-claude-reads", 1);
	begin("");
	assert_int_equal(found_in("what-claude-reads\n"), 0);
	begin("agents:\n"
	      "  - {name: x, role: developer, worker: cli, profile: claude}\n");
	assert_int_equal(found_in("what-claude-reads\n"), 1);
	unsetenv("ANTHROPIC_API_KEY");
}

static void open_model(void)
{
	CLEANUP(model_free) struct model *model = NULL;

	ok(model_open(&model, &project, config_agent(&project.config, "dev"),
		      NULL));
	assert_non_null(model->endpoint.key);
}

static void the_key_of_a_command_is_found_once_it_was_asked_for(void **state)
{
	CLEANUP(free_str) char *ran = path_join(box.dir, "ran");
	CLEANUP(free_str)
	char *config = xasprintf(
		"providers:\n"
		"  - {name: p, driver: openai,\n"
		"     key_command: \"echo >>%s; echo key-of-a-command\"}\n"
		"agents:\n"
		"  - {name: dev, role: developer, provider: p, model: m}\n",
		ran);

	(void)state;
	begin(config);
	assert_int_equal(found_in("key-of-a-command\n"), 0);
	assert_false(access(ran, F_OK) == 0);
	open_model();
	assert_int_equal(found_in("key-of-a-command\n"), 1);
	ok(project_reload(&project));
	assert_int_equal(found_in("key-of-a-command\n"), 1);
	struct stat st;
	assert_int_equal(stat(ran, &st), 0);
	assert_int_equal(st.st_size, 1);
}

static void a_password_of_git_is_found_once_it_was_asked_for(void **state)
{
	CLEANUP(free_str) char *user = path_join(box.dir, "user.gitconfig");

	(void)state;
	sh(&box, "printf '#!/bin/sh\\necho username=me\\n"
		 "echo password=kept-by-git\\n' >helper && chmod +x helper && "
		 "printf '[credential]\\n\\thelper = %%s\\n' \"$PWD/helper\" "
		 ">user.gitconfig");
	setenv("GIT_CONFIG_GLOBAL", user, 1);
	begin("providers: [{name: p, driver: openai}]\n"
	      "agents:\n"
	      "  - {name: dev, role: developer, provider: p, model: m}\n");
	assert_int_equal(found_in("kept-by-git\n"), 0);
	open_model();
	assert_int_equal(found_in("kept-by-git\n"), 1);
}

#define GATE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GATE_TEST(a_secret_in_a_new_file_is_found_and_not_shown),
		GATE_TEST(what_stood_there_before_is_not_the_phases),
		GATE_TEST(taking_a_secret_out_passes),
		GATE_TEST(a_reason_in_the_configuration_allows_a_file),
		GATE_TEST(a_secret_in_a_new_files_name_is_found_and_not_shown),
		GATE_TEST(the_gates_on_trees_ask_it),
		GATE_TEST(a_key_that_is_in_use_is_found),
		GATE_TEST(a_key_inside_an_address_is_found),
		GATE_TEST(an_address_with_a_key_needs_no_other),
		GATE_TEST(a_key_that_a_profile_passes_on_is_found),
		GATE_TEST(the_key_of_a_command_is_found_once_it_was_asked_for),
		GATE_TEST(a_password_of_git_is_found_once_it_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
