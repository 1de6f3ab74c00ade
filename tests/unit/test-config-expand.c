/* Configuration: ${NAME} in the values that are meant for it. */
#include "tests/unit/config.h"

#define AGENT "version: 1\nagents: [{name: a, role: developer, model: %s}]\n"

static struct error *load_model(const char *model)
{
	char *text = xasprintf(AGENT, model);
	struct error *err;

	put(&box, CONFIG, text);
	free(text);
	err = load(NULL);
	return err;
}

static void names_are_expanded_from_the_environment(void **state)
{
	static const char *const rows[][2] = {
		{ "a", "a" },
		{ "'m-${ORCH_TEST}-1'", "m-host-1" },
		{ "'${ORCH_TEST}${ORCH_TEST}'", "hosthost" },
		{ "$$ and $HOME", "$ and $HOME" },
		{ "'$${ORCH_TEST}'", "${ORCH_TEST}" },
		{ "'${ORCH_TEST:-x}'", "host" },
		{ "'${ORCH_NONE:-x}'", "x" },
		{ "'${ORCH_EMPTY:-x}'", "x" },
		{ "'a${ORCH_EMPTY}b${ORCH_NONE:-}'", "ab" },
	};

	(void)state;
	setenv("ORCH_TEST", "host", 1);
	setenv("ORCH_EMPTY", "", 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ok(load_model(rows[i][0]));
		same(config_agent(&project.config, "a")->model, rows[i][1]);
	}
	unsetenv("ORCH_TEST");
	unsetenv("ORCH_EMPTY");
}

static void only_who_needs_an_unset_variable_fails(void **state)
{
	CLEANUP(findings_release) struct findings found = FINDINGS_INIT;
	CLEANUP(config_release) struct config config = { 0 };

	(void)state;
	ok(load_model("'x${ORCH_NONE}'"));
	same(config_agent(&project.config, "a")->model, "x${ORCH_NONE}");
	fails(ERROR_INVALID,
	      CONFIG ":2: agents.a.model needs ORCH_NONE, which is not set",
	      config_require(&project.config, "agents.a"));
	ok(config_require(&project.config, "agents.aa"));
	ok(config_require(&project.config, "providers.a"));
	project_release(&project);
	sh(&box, "mv repo/.orch .");
	char *folder = path_join(box.dir, ".orch");
	ok(config_load_folder(&config, NULL, folder, NULL, &found));
	assert_int_equal(found.len, 1);
	same(found.items[0].rule, "variable");
	assert_true(found.items[0].note);
	same(found.items[0].hint,
	     "export ORCH_NONE, or write ${ORCH_NONE:-default}");
	free(folder);
}

static void what_is_no_variable_is_a_finding(void **state)
{
	(void)state;
	fails(ERROR_INVALID, "agents.a.model has '${' without a name",
	      load_model("'${}'"));
	fails(ERROR_INVALID, "agents.a.model has '${' without a name",
	      load_model("'${A'"));
	fails(ERROR_INVALID, "agents.a.model has '${' without a name",
	      load_model("'${A-b}'"));
	fails(ERROR_INVALID, "agents.a.model has '${' without a name",
	      load_model("'${1A}'"));
}

static const char *const providers =
	"version: 1\n"
	"providers:\n"
	"  - name: p\n"
	"    driver: openai\n"
	"    base_url: https://${ORCH_TEST}/v1\n"
	"    key_command: echo ${ORCH_TEST}\n"
	"    headers:\n"
	"      - {name: X-Plain, value: open}\n"
	"      - {name: X-Key, value: '${ORCH_TEST}'}\n"
	"checks: [{name: a, run: \"echo ${ORCH_TEST}\"}]\n";

static void commands_are_kept_as_written(void **state)
{
	const struct provider *provider;

	(void)state;
	setenv("ORCH_TEST", "host", 1);
	put(&box, CONFIG, providers);
	ok(load(NULL));
	same(project.config.checks.items[0].run, "echo ${ORCH_TEST}");
	provider = config_provider(&project.config, "p");
	same(provider->key_command, "echo ${ORCH_TEST}");
	same(provider->base_url, "https://host/v1");
	same(provider->headers.items[1].value, "host");
	unsetenv("ORCH_TEST");
}

static void a_headers_value_is_not_shown_once_it_is_expanded(void **state)
{
	(void)state;
	setenv("ORCH_TEST", "host", 1);
	put(&box, CONFIG, providers);
	ok(load(NULL));
	has("providers.p.base_url", "https://host/v1",
	    CONFIG ":5, environment ORCH_TEST");
	has("providers.p.headers.X-Plain.value", "open", CONFIG ":8");
	has("providers.p.headers.X-Key.value", "…",
	    CONFIG ":9, environment ORCH_TEST");
	same(config_origin(&project.config, "providers.p.base_url"),
	     CONFIG ":5");
	unsetenv("ORCH_TEST");
}

static void an_address_with_a_key_in_it_is_not_shown(void **state)
{
	(void)state;
	setenv("ORCH_TEST", "pass@host", 1);
	put(&box, CONFIG, providers);
	ok(load(NULL));
	has("providers.p.base_url", "…", CONFIG ":5, environment ORCH_TEST");
	unsetenv("ORCH_TEST");
}

/* A line break would begin a header of its own. */
static void the_form_is_checked_again_once_it_is_expanded(void **state)
{
	struct error *err;

	(void)state;
	put(&box, CONFIG, providers);
	setenv("ORCH_TEST", "secret\r\nX-More: yes", 1);
	err = load(NULL);
	assert_non_null(err);
	assert_non_null(strstr(err->message, "providers.p.base_url has the "
					     "wrong form once"));
	assert_null(strstr(err->message, "secret"));
	error_free(err);
	put(&box, CONFIG,
	    "version: 1\nproviders: [{name: p, driver: openai,\n"
	    "  headers: [{name: X-Key, value: \"${ORCH_TEST}\"}]}]\n");
	fails(ERROR_INVALID,
	      CONFIG ":3:34: providers.p.headers.X-Key.value has the wrong",
	      load(NULL));
	unsetenv("ORCH_TEST");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_expanded_from_the_environment),
		TEST(only_who_needs_an_unset_variable_fails),
		TEST(what_is_no_variable_is_a_finding),
		TEST(commands_are_kept_as_written),
		TEST(a_headers_value_is_not_shown_once_it_is_expanded),
		TEST(an_address_with_a_key_in_it_is_not_shown),
		TEST(the_form_is_checked_again_once_it_is_expanded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
