/* Configuration: the layers, from the lowest to the highest. */
#include "tests/unit/config.h"

#define OVERLAY ".orch/config.staging.yaml"

static void without_a_document_the_defaults_hold(void **state)
{
	const struct config *config = &project.config;

	(void)state;
	ok(load(NULL));
	has("delivery.lease", "600", "default");
	has("policy.paths", "**", "default");
	assert_int_equal(config->delivery.lease, 600);
	same(config->delivery.forge, "local");
	same(config->delivery.branch_prefix, "orch");
	assert_int_equal(config->delivery.method, LAND_SQUASH);
	assert_false(config->delivery.stacking);
	assert_int_equal(config->policy.files, FILES_EXTEND);
	assert_int_equal(config->policy.sandbox, SANDBOX_AUTO);
	assert_int_equal(config->policy.attempts, 3);
	assert_true(config->policy.setup_refuse);
	assert_false(config->policy.run_hooks);
	assert_int_equal(config->policy.max_file_bytes, 1048576);
	assert_int_equal(config->policy.max_files, 200);
	assert_int_equal(config->policy.memory, (uint64_t)4 << 30);
	assert_int_equal(config->policy.processes, 512);
	assert_int_equal(config->checks.len, 0);
	assert_null(config->environment);
}

static void every_layer_beats_the_one_below(void **state)
{
	struct strings set = STRINGS_INIT;
	struct project_options options = { .environment = "staging" };

	(void)state;
	put(&box, CONFIG, "version: 1\ndelivery:\n  lease: 1\n");
	ok(load(NULL));
	has("delivery.lease", "1", CONFIG ":3");
	put(&box, OVERLAY, "version: 1\ndelivery: {lease: 2}\n");
	ok(load(&options));
	has("delivery.lease", "2", OVERLAY ":2");
	put_own("version: 1\n\ndelivery: {lease: 3}\n");
	ok(load(&options));
	has("delivery.lease", "3", "~/.config/git-orch/config.yaml:3");
	sh(&box, "git -C repo config orch.delivery.lease 4");
	ok(load(&options));
	has("delivery.lease", "4", "git config orch.delivery.lease (local)");
	setenv("ORCH_DELIVERY_LEASE", "5", 1);
	ok(load(&options));
	has("delivery.lease", "5", "ORCH_DELIVERY_LEASE");
	strings_add(&set, "delivery.lease=6");
	options.set = &set;
	ok(load(&options));
	has("delivery.lease", "6", "the flag delivery.lease=6");
	assert_int_equal(project.config.delivery.lease, 6);
	same(project.config.environment, "staging");
	unsetenv("ORCH_DELIVERY_LEASE");
	strings_release(&set);
}

static void underscores_fall_away_in_gits_keys(void **state)
{
	(void)state;
	sh(&box, "git -C repo config orch.delivery.branchPrefix robots && "
		 "git -C repo config orch.policy.runHooks yes && "
		 "git -C repo config orch.budget.phase.usd 1.50");
	ok(load(NULL));
	same(project.config.delivery.branch_prefix, "robots");
	assert_true(project.config.policy.run_hooks);
	has("budget.phase.usd", "1.50",
	    "git config orch.budget.phase.usd (local)");
	setenv("ORCH_DELIVERY_BRANCH_PREFIX", "bots", 1);
	ok(load(NULL));
	same(project.config.delivery.branch_prefix, "bots");
	unsetenv("ORCH_DELIVERY_BRANCH_PREFIX");
}

static void rows_are_merged_by_name_and_lists_replaced(void **state)
{
	struct project_options options = { .environment = "staging" };
	const struct config *config = &project.config;

	(void)state;
	put(&box, CONFIG,
	    "version: 1\nchecks:\n  - {name: build, run: make}\n"
	    "  - {name: test, run: make test, timeout: 5}\n"
	    "policy: {always: [a, b]}\n");
	put(&box, OVERLAY,
	    "version: 1\nchecks:\n  - {name: test, run: make slow}\n"
	    "  - {name: lint, run: make lint, network: true}\n"
	    "policy: {always: [c]}\n");
	ok(load(&options));
	assert_int_equal(config->checks.len, 3);
	same(config->checks.items[0].name, "build");
	assert_int_equal(config->checks.items[0].timeout, 600);
	same(config_check(config, "test")->run, "make slow");
	assert_int_equal(config_check(config, "test")->timeout, 5);
	same(config_check(config, "test")->origin, "config");
	assert_true(config_check(config, "lint")->network);
	assert_null(config_check(config, "x"));
	has("checks.test.run", "make slow", OVERLAY ":3");
	has("checks.test.timeout", "5", CONFIG ":4");
	assert_int_equal(config->policy.always.len, 1);
	same(config->policy.always.items[0], "c");
}

static void the_environment_is_named_by_flag_variable_or_git(void **state)
{
	struct project_options options = { .environment = "staging" };

	(void)state;
	put(&box, OVERLAY, "version: 1\n");
	put(&box, ".orch/config.b.yaml", "version: 1\n");
	sh(&box, "git -C repo config orch.env b");
	ok(load(NULL));
	same(project.config.environment, "b");
	setenv("ORCH_ENV", "staging", 1);
	ok(load(NULL));
	same(project.config.environment, "staging");
	setenv("ORCH_ENV", "b", 1);
	ok(load(&options));
	same(project.config.environment, "staging");
	setenv("ORCH_ENV", "prod", 1);
	fails(ERROR_NOT_FOUND,
	      "environment 'prod' has no .orch/config.prod.yaml on main",
	      load(NULL));
	setenv("ORCH_ENV", "../x", 1);
	fails(ERROR_USAGE, "'../x'", load(NULL));
	unsetenv("ORCH_ENV");
}

static void what_is_wrong_names_who_said_it(void **state)
{
	struct strings set = STRINGS_INIT;
	struct project_options options = { .set = &set };

	(void)state;
	setenv("ORCH_DELIVERY_LEASE", "soon", 1);
	fails(ERROR_INVALID, "ORCH_DELIVERY_LEASE: 'delivery.lease' must be",
	      load(NULL));
	unsetenv("ORCH_DELIVERY_LEASE");
	sh(&box, "git -C repo config orch.policy.sandbox never");
	fails(ERROR_INVALID,
	      "git config orch.policy.sandbox (local): ", load(NULL));
	sh(&box, "git -C repo config --unset orch.policy.sandbox");
	strings_add(&set, "delivery.leese=3");
	fails(ERROR_USAGE, "no setting 'delivery.leese'", load(&options));
	strings_release(&set);
	put(&box, CONFIG, "version: 1\npolicy: {attempts: none}\n");
	fails(ERROR_INVALID, CONFIG ":2:20: 'policy.attempts' must be",
	      load(NULL));
	put(&box, CONFIG, "version: 1\n");
	put_own("version: 1\nagent: []\n");
	fails(ERROR_INVALID, ".config/git-orch/config.yaml:2:1: ", load(NULL));
}

static void the_error_says_how_to_see_the_rest(void **state)
{
	struct error *err;

	(void)state;
	put(&box, CONFIG, "version: 2\n");
	err = load(NULL);
	assert_non_null(err);
	assert_non_null(strstr(err->hint, "git orch validate"));
	error_free(err);
}

static void a_wrong_configuration_can_be_opened_to_be_validated(void **state)
{
	struct project_options options = { .any_config = 1 };

	(void)state;
	put(&box, CONFIG,
	    "version: 9\nchecks: [{name: a, run: x}, {run: 3}, 7]\n"
	    "policy: []\ndelivery: {lease: [1]}\nagents: {a: b}\n");
	ok(load(&options));
	assert_int_equal(project.config.checks.len, 1);
	same(project.config.delivery.forge, "local");
}

static void the_sandbox_is_required_in_ci(void **state)
{
	(void)state;
	setenv("CI", "true", 1);
	ok(load(NULL));
	assert_int_equal(project.config.policy.sandbox, SANDBOX_REQUIRED);
	has("policy.sandbox", "required", "default (CI is set)");
	put(&box, CONFIG, "version: 1\npolicy: {sandbox: auto}\n");
	ok(load(NULL));
	assert_int_equal(project.config.policy.sandbox, SANDBOX_AUTO);
	unsetenv("CI");
}

static void agents_that_nobody_configured_are_there(void **state)
{
	const struct config *config = &project.config;

	(void)state;
	ok(load(NULL));
	same(config_agent(config, "scaffold")->worker, "scaffold");
	same(config_agent(config, "scaffold")->role, "developer");
	same(config_agent(config, "developer")->role, "developer");
	same(config_agent(config, "manager")->worker, "tools");
	put(&box, CONFIG,
	    "version: 1\nagents: [{name: ann, role: developer, model: m}]\n");
	ok(load(NULL));
	same(config_agent(config, "ann")->model, "m");
	assert_null(config_agent(config, "developer"));
	assert_non_null(config_agent(config, "scaffold"));
	assert_non_null(config_agent(config, "validator"));
}

static void an_agents_provider_has_to_exist(void **state)
{
	(void)state;
	put(&box, CONFIG,
	    "version: 1\n"
	    "providers: [{name: claude, driver: anthropic}]\n"
	    "agents:\n"
	    "  - {name: a, role: developer, provider: claud}\n");
	fails(ERROR_INVALID, CONFIG ":4:42: there is no 'claud' in providers",
	      load(NULL));
	put(&box, CONFIG,
	    "version: 1\n"
	    "agents: [{name: a, role: developer, fallback: [b]}]\n");
	fails(ERROR_INVALID, "there is no 'b' in agents", load(NULL));
}

static void origins_tell_what_the_repository_said(void **state)
{
	const struct config *config = &project.config;

	(void)state;
	put(&box, CONFIG,
	    "version: 1\nproviders: [{name: a, driver: openai, "
	    "base_url: \"https://a\"}, {name: b, driver: openai}]\n");
	put_own("version: 1\nproviders: [{name: b, driver: openai, "
		"base_url: \"https://b\"}]\n");
	ok(load(NULL));
	same(config_origin(config, "providers.a.base_url"), CONFIG ":2");
	assert_null(strstr(config_origin(config, "providers.b.base_url"),
			   ".orch/"));
}

static void settings_are_listed_with_their_names(void **state)
{
	struct settings settings = ARRAY_INIT;
	int seen = 0;

	(void)state;
	put(&box, CONFIG, "version: 1\nchecks: [{name: a, run: x}]\n");
	ok(load(NULL));
	ok(config_settings(&settings, &project.config));
	FOR_EACH (const struct setting, it, &settings) {
		assert_non_null(it->origin);
		assert_string_not_equal(it->key, "version");
		assert_string_not_equal(it->key, "checks.a.name");
		seen += !strcmp(it->key, "checks.a.run");
	}
	assert_int_equal(seen, 1);
	settings_release(&settings);
	struct setting none;
	struct error *err =
		config_get(&none, &project.config, "delivery.leese");
	assert_true(error_is(err, ERROR_NOT_FOUND));
	same(err->hint, "did you mean 'delivery.lease'?");
	error_free(err);
}

static void keys_nothing_reads_are_noted(void **state)
{
	struct findings findings = FINDINGS_INIT;

	(void)state;
	sh(&box, "cd repo && git config orch.base main && "
		 "git config orch.delivery.lease 9 && "
		 "git config orch.delivery.leas 9 && "
		 "git config other.x 1");
	ok(load(NULL));
	ok(config_lint(&findings, project.repo));
	assert_int_equal(findings.len, 1);
	same(findings.items[0].rule, "unknown-setting");
	same(findings.items[0].path, "git config (local)");
	same(findings.items[0].hint, "did you mean 'orch.delivery.lease'?");
	assert_true(findings.items[0].note);
	findings_release(&findings);
}

static void a_folder_on_disk_is_read_like_a_tree(void **state)
{
	struct config config;
	char *folder = xasprintf("%s/repo/.orch", box.dir);

	(void)state;
	put(&box, CONFIG, "version: 1\npolicy: {attempts: 7}\n");
	ok(config_load_folder(&config, NULL, folder, NULL, NULL));
	assert_int_equal(config.policy.attempts, 7);
	config_release(&config);
	free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_document_the_defaults_hold),
		TEST(every_layer_beats_the_one_below),
		TEST(underscores_fall_away_in_gits_keys),
		TEST(rows_are_merged_by_name_and_lists_replaced),
		TEST(the_environment_is_named_by_flag_variable_or_git),
		TEST(what_is_wrong_names_who_said_it),
		TEST(the_error_says_how_to_see_the_rest),
		TEST(a_wrong_configuration_can_be_opened_to_be_validated),
		TEST(the_sandbox_is_required_in_ci),
		TEST(agents_that_nobody_configured_are_there),
		TEST(an_agents_provider_has_to_exist),
		TEST(origins_tell_what_the_repository_said),
		TEST(settings_are_listed_with_their_names),
		TEST(keys_nothing_reads_are_noted),
		TEST(a_folder_on_disk_is_read_like_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
