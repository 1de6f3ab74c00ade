/* Opening the forge: where it is, and to whom a token goes. */
#include "tests/unit/opened.h"

#include "core/file.h"
#include "plans/forge-open.h"
#include "plans/trust.h"

#define CONFIG ".orch/config.yaml"
#define GITHUB "version: 1\ndelivery: {forge: github}\n"

static struct forge_session session;
static struct loop *loop;

static void trust_all(void)
{
	struct trust trust = TRUST_INIT;

	ok(trust_read(&trust, &project, &project.base.tree));
	ok(trust_pin(&trust, &project));
	trust_release(&trust);
}

/* A project whose remote has this address; nothing in it is trusted yet. */
static void begin(const char *url, const char *config)
{
	put(&box, CONFIG, config);
	commit_all(&box);
	sh(&box,
	   "cd repo && git remote add origin '%s' && "
	   "git update-ref refs/remotes/origin/main main",
	   url);
	ok(open_at(&project, &box, NULL));
}

static int with_loop(void **state)
{
	static const char *const names[] = { "GH_TOKEN", "GITHUB_TOKEN",
					     "GITHUB_API_URL", "GH_HOST" };

	char *path;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	loop = loop_new();
	setup(state);
	path = path_join(box.dir, "gitconfig");
	setenv("GIT_CONFIG_GLOBAL", path, 1);
	free(path);
	return 0;
}

static int without_loop(void **state)
{
	forge_session_close(&session);
	loop_free(loop);
	return teardown(state);
}

#undef TEST
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, with_loop, without_loop)

static void opens(const char *api, const char *token, const char *origin)
{
	ok(forge_open(&session, &project, loop));
	assert_ptr_equal(session.forge, &forge_github);
	assert_non_null(session.client);
	same(session.site.api, api);
	if (token) {
		same(session.site.token, token);
		same(session.site.token_origin, origin);
	} else {
		assert_null(session.site.token);
	}
	forge_session_close(&session);
}

/* The user's own helper, that knows a password for one host. */
static void know_password(const char *scope, const char *host)
{
	sh(&box,
	   "printf '#!/bin/sh\\n[ \"$1\" = get ] || exit 0\\n"
	   "grep -qx host=%s && printf \"username=me\\\\npassword=kept\\\\n\""
	   "\\n' >helper && chmod +x helper && "
	   "git -C repo config %s credential.helper \"$PWD/helper\"",
	   host, scope);
}

static void the_forge_local_is_none(void **state)
{
	(void)state;
	begin("https://github.com/o/n", "version: 1\n");
	session.site.owner = NULL;
	ok(forge_open(&session, &project, loop));
	assert_null(session.forge);
	assert_null(session.client);
}

static void the_first_token_of_the_environment_counts(void **state)
{
	(void)state;
	begin("git@github.com:o/n.git", GITHUB);
	trust_all();
	setenv("GITHUB_TOKEN", "three", 1);
	opens("https://api.github.com", "three", "GITHUB_TOKEN");
	setenv("GH_TOKEN", "two", 1);
	opens("https://api.github.com", "two", "GH_TOKEN");
	setenv("ORCH_GITHUB_TOKEN", "one", 1);
	opens("https://api.github.com", "one", "ORCH_GITHUB_TOKEN");
	setenv("ORCH_GITHUB_TOKEN", "", 1);
	opens("https://api.github.com", "two", "GH_TOKEN");
	ok(forge_open(&session, &project, loop));
	same(session.site.owner, "o");
	same(session.site.name, "n");
	same(session.site.web, "https://github.com");
	assert_int_equal(session.site.gap_ms, 1000);
	assert_true(strings_has(&project.keys, "one"));
	assert_int_equal(project.keys.len, 3);
}

static void no_token_is_no_error(void **state)
{
	(void)state;
	begin("https://github.com/o/n", GITHUB);
	trust_all();
	opens("https://api.github.com", NULL, NULL);
}

static void the_users_credential_helper_is_asked_last(void **state)
{
	(void)state;
	begin("https://github.com/o/n", GITHUB);
	trust_all();
	know_password("--global", "github.com");
	opens("https://api.github.com", "kept", "git credential");
	setenv("GH_TOKEN", "two", 1);
	opens("https://api.github.com", "two", "GH_TOKEN");
}

static void the_clones_credential_helper_is_not_asked(void **state)
{
	(void)state;
	begin("https://github.com/o/n", GITHUB);
	trust_all();
	know_password("--local", "github.com");
	opens("https://api.github.com", NULL, NULL);
}

static void a_remotes_address_does_not_get_a_token(void **state)
{
	(void)state;
	begin("https://evil.example/o/n", GITHUB);
	trust_all();
	setenv("GH_TOKEN", "two", 1);
	fails(ERROR_REFUSED,
	      "the token in GH_TOKEN is not sent to "
	      "'evil.example'",
	      forge_open(&session, &project, loop));
	know_password("--global", "github.com");
	fails(ERROR_REFUSED, "is not sent to 'evil.example'",
	      forge_open(&session, &project, loop));
	assert_null(session.forge);
}

static void what_the_user_keeps_for_a_host_goes_there(void **state)
{
	(void)state;
	begin("https://ghe.example/o/n", GITHUB);
	trust_all();
	setenv("GH_TOKEN", "two", 1);
	know_password("--global", "ghe.example");
	opens("https://ghe.example/api/v3", "kept", "git credential");
}

static void a_host_the_environment_names_gets_the_token(void **state)
{
	(void)state;
	begin("https://ghe.example:8443/o/n", GITHUB);
	trust_all();
	setenv("GH_TOKEN", "two", 1);
	setenv("GH_HOST", "ghe.example:8443", 1);
	opens("https://ghe.example:8443/api/v3", "two", "GH_TOKEN");
	unsetenv("GH_HOST");
	setenv("GITHUB_API_URL", "https://ghe.example:8443/api/v3", 1);
	opens("https://ghe.example:8443/api/v3", "two", "GH_TOKEN");
	setenv("GITHUB_API_URL", "https://ghe.example/api/v3", 1);
	fails(ERROR_REFUSED, "is not sent to",
	      forge_open(&session, &project, loop));
}

static void a_tenant_of_github_gets_the_token(void **state)
{
	(void)state;
	begin("https://acme.ghe.com/o/n", GITHUB);
	trust_all();
	know_password("--global", "acme.ghe.com");
	opens("https://api.acme.ghe.com", "kept", "git credential");
	setenv("GH_TOKEN", "two", 1);
	opens("https://api.acme.ghe.com", "two", "GH_TOKEN");
}

static void content_that_is_not_trusted_opens_nothing(void **state)
{
	(void)state;
	begin("https://github.com/o/n",
	      "version: 1\ndelivery:\n  forge: github\n"
	      "  api: https://evil.example\n");
	setenv("GH_TOKEN", "two", 1);
	fails(ERROR_REFUSED, "not trusted",
	      forge_open(&session, &project, loop));
	trust_all();
	opens("https://evil.example", "two", "GH_TOKEN");
}

static void the_clones_own_configuration_does_not_get_a_token(void **state)
{
	(void)state;
	begin("https://github.com/o/n", GITHUB);
	trust_all();
	setenv("GH_TOKEN", "two", 1);
	sh(&box, "git -C repo config orch.delivery.api https://evil.example");
	ok(project_reload(&project));
	fails(ERROR_REFUSED,
	      "git config orch.delivery.api (local) may not choose where a "
	      "token goes",
	      forge_open(&session, &project, loop));
	sh(&box, "git -C repo config --unset orch.delivery.api && "
		 "git config --global orch.delivery.api http://127.0.0.1:9/x/");
	ok(project_reload(&project));
	opens("http://127.0.0.1:9/x", "two", "GH_TOKEN");
}

static void a_token_with_a_lines_end_is_named_and_not_shown(void **state)
{
	struct error *err;

	(void)state;
	begin("https://github.com/o/n", GITHUB);
	trust_all();
	setenv("GH_TOKEN", "two\nthree", 1);
	err = forge_open(&session, &project, loop);
	assert_int_equal(err->code, ERROR_INVALID);
	assert_non_null(strstr(err->message, "GH_TOKEN"));
	assert_null(strstr(err->message, "two"));
	error_free(err);
}

static void a_forge_needs_a_remote_with_an_address_of_one(void **state)
{
	(void)state;
	begin("https://github.com/o/n", GITHUB);
	trust_all();
	sh(&box, "git -C repo remote set-url origin /srv/n.git");
	fails(ERROR_INVALID, "names no owner",
	      forge_open(&session, &project, loop));
	sh(&box, "git config --global url.https://github.com/.insteadOf gh: && "
		 "git -C repo remote set-url origin gh:o/n");
	opens("https://api.github.com", NULL, NULL);
	sh(&box, "git -C repo remote remove origin");
	ok(project_reload(&project));
	fails(ERROR_NOT_FOUND, "there is no remote",
	      forge_open(&session, &project, loop));
}

static void one_that_was_typed_needs_no_remote_and_no_commit(void **state)
{
	const struct project_options options = { .no_base = 1 };

	(void)state;
	ok(open_at(&project, &box, &options));
	setenv("GH_TOKEN", "two", 1);
	ok(forge_open_at(&session, &project, loop, "github",
			 "https://github.com/acme/new"));
	same(session.site.owner, "acme");
	same(session.site.token, "two");
	fails(ERROR_INVALID, "no forge is called 'sourcehut'",
	      forge_open_at(&session, &project, loop, "sourcehut",
			    "https://github.com/acme/new"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_forge_local_is_none),
		TEST(the_first_token_of_the_environment_counts),
		TEST(no_token_is_no_error),
		TEST(the_users_credential_helper_is_asked_last),
		TEST(the_clones_credential_helper_is_not_asked),
		TEST(a_remotes_address_does_not_get_a_token),
		TEST(what_the_user_keeps_for_a_host_goes_there),
		TEST(a_host_the_environment_names_gets_the_token),
		TEST(a_tenant_of_github_gets_the_token),
		TEST(content_that_is_not_trusted_opens_nothing),
		TEST(the_clones_own_configuration_does_not_get_a_token),
		TEST(a_token_with_a_lines_end_is_named_and_not_shown),
		TEST(a_forge_needs_a_remote_with_an_address_of_one),
		TEST(one_that_was_typed_needs_no_remote_and_no_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
