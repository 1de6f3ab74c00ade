/* Trust: what is pinned, and that one byte unpins it. */
#include "tests/unit/opened.h"

#include "core/file.h"
#include "plans/trust.h"

#define CONFIG ".orch/config.yaml"
#define PLAN   ".orch/plans/todo/plan.yaml"

static void load(const char *digest)
{
	struct project_options options = { .trust = digest };

	commit_all(&box);
	project_release(&project);
	ok(open_at(&project, &box, &options));
}

static void read_trust(struct trust *out)
{
	ok(trust_read(out, &project, &project.base.tree));
}

/* Pins what the base holds now. */
static void pin(void)
{
	struct trust trust = TRUST_INIT;

	read_trust(&trust);
	ok(trust_pin(&trust, &project));
	trust_release(&trust);
}

static const struct trust_item *item(const struct trust *trust,
				     const char *path)
{
	FOR_EACH (const struct trust_item, it, trust)
		if (!strcmp(it->path, path))
			return it;
	return NULL;
}

static void put_everything(void)
{
	put(&box, CONFIG,
	    "version: 1\nchecks: [{name: t, run: make test}]\n"
	    "setup: [{name: d, run: npm ci}]\n"
	    "providers: [{name: p, driver: openai, key_command: pass x}, "
	    "{name: q, driver: command, command: ask}]\n"
	    "agents: [{name: c, role: developer, worker: cli, "
	    "command: work}]\n");
	put(&box, ".orch/config.ci.yaml", "version: 1\n");
	put(&box, ".orch/prompts/developer.md", "Be brief.\n");
	put(&box, ".orch/templates/t/files/a/x.c", "int x;\n");
	put(&box, ".orch/templates/t/plan.yaml",
	    "version: 1\nchecks: [{name: t, run: make all}]\n");
	put(&box, PLAN,
	    "version: 1\nid: todo\ntitle: T\ngoal: G\n"
	    "checks: [{name: t, run: make check}]\n");
	put(&box, ".orch/plans/bare/plan.yaml",
	    "version: 1\nid: bare\ntitle: T\ngoal: G\n");
	put(&box, ".orch/prices.yaml", "x\n");
	put(&box, "src/x.c", "int x;\n");
}

static void nothing_to_pin_is_trusted(void **state)
{
	struct trust trust = TRUST_INIT;

	(void)state;
	put(&box, ".orch/plans/bare/plan.yaml",
	    "version: 1\nid: bare\ntitle: T\ngoal: G\nchecks: []\n");
	load(NULL);
	read_trust(&trust);
	assert_int_equal(trust.len, 0);
	ok(trust_require(&project));
	trust_release(&trust);
}

static void what_can_run_something_is_an_item(void **state)
{
	static const char *const paths[] = {
		".orch/config.ci.yaml",
		CONFIG,
		PLAN,
		".orch/prices.yaml",
		".orch/prompts/developer.md",
		".orch/templates/t/files/a/x.c",
		".orch/templates/t/plan.yaml",
	};
	struct trust trust = TRUST_INIT;

	(void)state;
	put_everything();
	load(NULL);
	read_trust(&trust);
	assert_int_equal(trust.len, sizeof paths / sizeof *paths);
	for (size_t i = 0; i < trust.len; i++) {
		same(trust.items[i].path, paths[i]);
		assert_int_equal(strlen(trust.items[i].digest), 64);
		assert_false(trust.items[i].pinned);
	}
	const struct strings *runs = &item(&trust, CONFIG)->runs;
	assert_int_equal(runs->len, 5);
	same(runs->items[0], "make test");
	same(runs->items[1], "npm ci");
	same(runs->items[2], "pass x");
	same(runs->items[3], "ask");
	same(runs->items[4], "work");
	same(item(&trust, PLAN)->runs.items[0], "make check");
	same(item(&trust, ".orch/templates/t/plan.yaml")->runs.items[0],
	     "make all");
	trust_release(&trust);
}

static void what_is_not_pinned_is_refused_with_what_to_do(void **state)
{
	struct error *err;

	(void)state;
	put(&box, CONFIG, "version: 1\n");
	load(NULL);
	err = trust_require(&project);
	assert_true(error_is(err, ERROR_REFUSED));
	same(err->message, ".orch/config.yaml is not trusted as it is");
	assert_non_null(strstr(err->hint, "git orch trust"));
	error_free(err);
	put_everything();
	load(NULL);
	fails(ERROR_REFUSED,
	      ".orch/config.ci.yaml and 6 more are not trusted as they are",
	      trust_require(&project));
}

static void what_is_pinned_is_trusted(void **state)
{
	struct trust trust = TRUST_INIT;

	(void)state;
	put_everything();
	load(NULL);
	pin();
	ok(trust_require(&project));
	read_trust(&trust);
	FOR_EACH (const struct trust_item, it, &trust)
		assert_true(it->pinned);
	trust_release(&trust);
}

/* Pins all, changes one thing, expects it refused; then puts it back. */
static void unpins(const char *change, const char *path)
{
	put_everything();
	load(NULL);
	pin();
	ok(trust_require(&project));
	sh(&box, "cd repo && %s", change);
	load(NULL);
	fails(ERROR_REFUSED, path, trust_require(&project));
	sh(&box, "rm -rf repo/.orch");
	put_everything();
	load(NULL);
	ok(trust_require(&project));
}

static void one_changed_byte_asks_again(void **state)
{
	(void)state;
	unpins("printf '\\n' >>.orch/config.yaml", CONFIG);
	unpins("printf '#' >>.orch/config.ci.yaml", ".orch/config.ci.yaml");
	unpins("printf '#' >>.orch/prices.yaml", ".orch/prices.yaml");
	unpins("sed -i s/brief/Brief/ .orch/prompts/developer.md",
	       ".orch/prompts/developer.md");
	unpins("sed -i s/int/Int/ .orch/templates/t/files/a/x.c",
	       ".orch/templates/t/files/a/x.c");
	unpins("chmod +x .orch/templates/t/files/a/x.c",
	       ".orch/templates/t/files/a/x.c");
	unpins("sed -i 's/make check/make  check/' " PLAN, PLAN);
	unpins("sed -i 's/name: t,/name: t, network: true,/' " PLAN, PLAN);
}

static void trusted_in_one_place_is_not_trusted_in_another(void **state)
{
	(void)state;
	unpins("cp .orch/prompts/developer.md .orch/prompts/validator.md",
	       ".orch/prompts/validator.md");
	unpins("cp -r .orch/plans/todo .orch/plans/other",
	       ".orch/plans/other/plan.yaml");
	unpins("ln -sf /etc/passwd .orch/prompts/developer.md",
	       ".orch/prompts/developer.md");
}

static void rewording_a_plan_asks_nothing(void **state)
{
	(void)state;
	put_everything();
	load(NULL);
	pin();
	sh(&box, "cd repo && sed -i 's/goal: G/goal: Another/' " PLAN);
	put(&box, "src/x.c", "int y;\n");
	load(NULL);
	ok(trust_require(&project));
}

static void the_digest_over_all_is_trust_given(void **state)
{
	struct trust trust = TRUST_INIT;
	char digest[SHA256_HEX];
	struct error *err;

	(void)state;
	put_everything();
	load(NULL);
	read_trust(&trust);
	memcpy(digest, trust.digest, sizeof digest);
	trust_release(&trust);
	load(digest);
	ok(trust_require(&project));
	digest[63] = digest[63] == '0' ? '1' : '0';
	load(digest);
	err = trust_require(&project);
	assert_true(error_is(err, ERROR_REFUSED));
	assert_non_null(strstr(err->hint, "the digest given is "));
	error_free(err);
	digest[8] = '\0';
	load(digest);
	fails(ERROR_REFUSED, "not trusted", trust_require(&project));
}

static void the_environment_gives_trust_too(void **state)
{
	struct trust trust = TRUST_INIT;

	(void)state;
	put_everything();
	load(NULL);
	read_trust(&trust);
	setenv("ORCH_TRUST", trust.digest, 1);
	ok(trust_require(&project));
	put(&box, CONFIG, "version: 1\n");
	load(NULL);
	fails(ERROR_REFUSED, "not trusted", trust_require(&project));
	unsetenv("ORCH_TRUST");
	trust_release(&trust);
}

static void pins_are_private_and_stay_when_more_is_pinned(void **state)
{
	char *mode, *lines;

	(void)state;
	put(&box, CONFIG, "version: 1\n");
	load(NULL);
	pin();
	pin();
	put(&box, CONFIG, "version: 1\nchecks: []\n");
	load(NULL);
	pin();
	mode = sh_out(&box, "stat -c %%a .config/git-orch/trust/%s",
		      repo_id(project.repo));
	same(mode, "600");
	lines = sh_out(&box, "wc -l <.config/git-orch/trust/%s",
		       repo_id(project.repo));
	same(lines, "2");
	put(&box, CONFIG, "version: 1\n");
	load(NULL);
	ok(trust_require(&project));
	free(mode);
	free(lines);
}

static void another_repository_is_not_trusted_with_it(void **state)
{
	(void)state;
	put(&box, CONFIG, "version: 1\n");
	load(NULL);
	pin();
	sh(&box, "git clone -q repo other && "
		 "git -C other remote remove origin");
	char *dir = xasprintf("%s/other", box.dir);
	project_release(&project);
	ok(project_open(&project, dir, NULL));
	fails(ERROR_REFUSED, "not trusted", trust_require(&project));
	free(dir);
}

static void revoking_drops_every_pin(void **state)
{
	(void)state;
	put_everything();
	load(NULL);
	pin();
	ok(trust_require(&project));
	ok(trust_revoke(&project));
	fails(ERROR_REFUSED, "not trusted", trust_require(&project));
	ok(trust_revoke(&project));
}

static void a_torn_file_of_pins_trusts_nothing_by_mistake(void **state)
{
	(void)state;
	put_everything();
	load(NULL);
	pin();
	sh(&box,
	   "cd .config/git-orch/trust && f=%s && "
	   "head -c 40 $f >x && printf '\\n\\nfoo\\n' >>x && mv x $f",
	   repo_id(project.repo));
	fails(ERROR_REFUSED, "not trusted", trust_require(&project));
	pin();
	ok(trust_require(&project));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_to_pin_is_trusted),
		TEST(what_can_run_something_is_an_item),
		TEST(what_is_not_pinned_is_refused_with_what_to_do),
		TEST(what_is_pinned_is_trusted),
		TEST(one_changed_byte_asks_again),
		TEST(trusted_in_one_place_is_not_trusted_in_another),
		TEST(rewording_a_plan_asks_nothing),
		TEST(the_digest_over_all_is_trust_given),
		TEST(the_environment_gives_trust_too),
		TEST(pins_are_private_and_stay_when_more_is_pinned),
		TEST(another_repository_is_not_trusted_with_it),
		TEST(revoking_drops_every_pin),
		TEST(a_torn_file_of_pins_trusts_nothing_by_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
