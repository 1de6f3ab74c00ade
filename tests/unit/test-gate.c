/* The gates on trees: hostile paths, declared files, sizes. */
#include "tests/unit/small.h"

#include "plans/gate.h"

#include "tests/unit/opened.h"

/* A project with this configuration, where phase a has these lines. */
static void begin(const char *config, const char *lines)
{
	put_small(&box, config);
	put_phase(&box, "small", "a", lines);
	small_open(&project, &box);
}

static struct oid parsed(char *hex)
{
	struct oid oid = { { 0 } };

	ok(oid_parse(&oid, hex));
	free(hex);
	return oid;
}

static char *blob(const char *text)
{
	put(&box, "../blob", text);
	return sh_out(&box, "git -C repo hash-object -w --stdin <blob");
}

/* A tree of one entry, for names that an index would not take. */
static struct oid raw_tree(const char *mode, const char *kind, const char *oid,
			   const char *name)
{
	putf(&box, "../entries", "%s %s %s\t%s\n", mode, kind, oid, name);
	return parsed(sh_out(&box, "git -C repo mktree --missing <entries"));
}

/* A tree of lines as `git update-index --index-info` takes them. */
static struct oid tree_from(const char *entries)
{
	put(&box, "../entries", entries);
	return parsed(sh_out(&box, "rm -f index.tmp && cd repo && "
				   "export GIT_INDEX_FILE=../index.tmp && "
				   "git -c core.protectNTFS=false "
				   "-c core.protectHFS=false update-index "
				   "--index-info <../entries && "
				   "git write-tree --missing-ok"));
}

/* A tree of "path=text path=text ..."; NULL: the empty one. */
static struct oid files(const char *list)
{
	struct buf entries = BUF_INIT;
	char *copy = xstrdup(list), *rest = copy, *word;

	while (list && (word = strsep(&rest, " "))) {
		char *text = strchr(word, '='), *oid;

		*text++ = '\0';
		oid = blob(text);
		buf_addf(&entries, "100644 %s\t%s\n", oid, word);
		free(oid);
	}
	struct oid tree = tree_from(entries.data);
	buf_release(&entries);
	free(copy);
	return tree;
}

struct gates {
	struct plan plan;
	struct candidate candidate;
	struct findings findings;
};

static void look(struct gates *gates, const struct oid *start,
		 const struct oid *tree)
{
	memset(gates, 0, sizeof *gates);
	ok(plan_read(&gates->plan, project.repo, &project.base.tree, "small",
		     NULL));
	ok(candidate_open(&gates->candidate, &project, &gates->plan,
			  plan_phase(&gates->plan, "a"), start, tree));
}

static void gates_release(struct gates *gates)
{
	candidate_release(&gates->candidate);
	findings_release(&gates->findings);
	plan_release(&gates->plan);
}

typedef struct error *gate_fn(const struct candidate *, struct findings *);

/* How many findings a gate has; the first one's rule goes to rule. */
static size_t judge_from(gate_fn *gate, const struct oid *start,
			 const struct oid *tree, char rule[64])
{
	struct gates gates;

	look(&gates, start, tree);
	ok(gate(&gates.candidate, &gates.findings));
	size_t n = gates.findings.len;
	snprintf(rule, 64, "%s", n ? gates.findings.items[0].rule : "");
	if (n && gate != gate_size)
		assert_non_null(gates.findings.items[0].path);
	gates_release(&gates);
	return n;
}

/* The first finding's rule for a change between two lists of files. */
static void expect(gate_fn *gate, const char *from, const char *to,
		   const char *expected)
{
	struct oid start = files(from), tree = files(to);
	char rule[64];

	size_t n = judge_from(gate, &start, &tree, rule);
	if (strcmp(rule, expected) != 0)
		fail_msg("%s -> %s: '%s', expected '%s'", from ? from : "",
			 to ? to : "", rule, expected);
	assert_int_equal(n, *expected ? 1 : 0);
}

/* One new file, whose path may hold anything that an index takes. */
static void expect_path(const char *path, const char *expected)
{
	char rule[64], *oid = blob("x"), *entry;
	struct oid tree;

	entry = xasprintf("100644 %s\t%s\n", oid, path);
	tree = tree_from(entry);
	judge_from(gate_paths, &oid_zero, &tree, rule);
	if (strcmp(rule, expected) != 0)
		fail_msg("'%s': '%s', expected '%s'", path, rule, expected);
	free(oid);
	free(entry);
}

/* What is .git for somebody, as a part of a path. */
static const char *const git_names[] = {
	".git",
	".GIT",
	".Git",
	".git.",
	".git ",
	".git. .",
	".git::$INDEX_ALLOCATION",
	".git:stream",
	"git~1",
	"GIT~1",
	"GiT~1 ",
	".g\xe2\x80\x8cit",
	"\xef\xbb\xbf.git",
	".gi\xe2\x80\x8et",
	".\xe2\x80\xaagit",
	".gi\xe2\x81\xaat",
};

static void every_spelling_of_git_is_refused(void **state)
{
	char rule[64], *oid;

	(void)state;
	begin("", "files: {create: [\"**\"]}\n");
	oid = blob("x\n");
	for (size_t i = 0; i < sizeof git_names / sizeof *git_names; i++) {
		struct oid tree = raw_tree("100644", "blob", oid, git_names[i]);
		char hex[OID_HEX];

		assert_int_not_equal(
			judge_from(gate_paths, &oid_zero, &tree, rule), 0);
		if (strcmp(rule, "path") != 0)
			fail_msg("'%s': '%s'", git_names[i], rule);
		/* And with something below it. */
		tree = raw_tree("040000", "tree", oid_hex(hex, &tree), "src");
		assert_int_not_equal(
			judge_from(gate_paths, &oid_zero, &tree, rule), 0);
		if (strcmp(rule, "path") != 0)
			fail_msg("'src/%s': '%s'", git_names[i], rule);
	}
	free(oid);
}

static void odd_names_are_refused(void **state)
{
	static const char *const names[] = { "a\\b", "..\\x", "a\x01z",
					     "tab\x7f", "C:\\x" };
	char rule[64], *oid;

	(void)state;
	begin("", "files: {create: [\"**\"]}\n");
	oid = blob("x\n");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct oid tree = raw_tree("100644", "blob", oid, names[i]);

		judge_from(gate_paths, &oid_zero, &tree, rule);
		same(rule, "path");
	}
	free(oid);
}

static const char *const guarded[] = {
	".gitmodules",
	".GITMODULES",
	".gitmodules.",
	".gitmodules ",
	".gitmodules:x",
	".git\xe2\x80\x8dmodules",
	"GITMOD~1",
	"sub/.gitmodules",
	".gitattributes",
	".gitAttributes",
	"src/.gitattributes",
	"a/b/c/.gitattributes",
	"a/b/c/.GITATTRIBUTES. ",
	"gitatt~1",
	".orch",
	".orch/config.yaml",
	".ORCH/config.yaml",
	".orch./config.yaml",
	".orch /x",
	"orch~1/config.yaml",
	".orch/plans/small/phases/b.yaml",
	".orch/plans/small/docs/phases/b.md",
	".orch/templates/small/files/b/b.txt",
	".orch/prompts/developer.md",
	".github/workflows/ci.yml",
	".GitHub/Workflows/ci.yml",
	".github/workflows",
	".github/actions/x/action.yml",
	".gitea/workflows/ci.yml",
	".forgejo/workflows/ci.yml",
	".gitlab-ci.yml",
	".circleci/config.yml",
	".husky/pre-commit",
	".husky",
	".githooks/pre-push",
	".pre-commit-config.yaml",
	".pre-commit-hooks.yaml",
	"lefthook.yml",
	"lefthook.yaml",
};

static void expect_guarded(const char *expected)
{
	for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++)
		expect_path(guarded[i], expected);
}

static void protected_paths_are_refused_when_not_declared(void **state)
{
	(void)state;
	begin("policy: {protected: [\"**\"]}\n", "files: {create: [a.txt]}\n");
	expect_guarded("path-protected");
}

static void protected_paths_are_refused_when_not_allowed(void **state)
{
	(void)state;
	begin("policy: {protected: [docs/**]}\n",
	      "files: {create: [\"**\"]}\n");
	expect_guarded("path-protected");
}

static void protected_paths_pass_when_declared_and_allowed(void **state)
{
	(void)state;
	begin("policy: {protected: [\"**\"]}\n", "files: {create: [\"**\"]}\n");
	expect_guarded("");
}

static void a_protected_path_is_declared_per_kind_of_change(void **state)
{
	static const char path[] = ".github/workflows/ci.yml=1";

	(void)state;
	begin("policy: {protected: [.github/workflows/**]}\n",
	      "files: {create: [.github/workflows/*.yml]}\n");
	expect(gate_paths, NULL, path, "");
	expect(gate_paths, path, NULL, "path-protected");
	expect(gate_paths, NULL, ".github/workflows/deep/x=1",
	       "path-protected");
}

static void policy_always_declares_no_protected_path(void **state)
{
	(void)state;
	begin("policy: {protected: [\"**\"], always: [\"**\"]}\n",
	      "files: {create: [a.txt]}\n");
	expect_path(".gitattributes", "path-protected");
	expect_path("src/.gitattributes", "path-protected");
}

static void ordinary_paths_pass(void **state)
{
	static const char *const names[] = {
		".gitignore",
		".gitkeep",
		"sub/.gitignore",
		"a/b/.gitkeep",
		".gitlab",
		"gitmodules",
		"x.git",
		"git",
		"git~12",
		".gitx",
		".github/CODEOWNERS.md",
		"src/.orch/x",
		"orch/config.yaml",
		".orchard",
		"a:b",
		"caf\xc3\xa9.txt",
		"hooks/pre-commit",
		"...",
	};

	(void)state;
	begin("", "files: {create: [a.txt]}\n");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		expect_path(names[i], "");
}

/* mode and kind of an entry, by itself and in a folder. */
static void expect_entry(const char *mode, const char *kind, const char *oid,
			 const char *expected)
{
	struct oid tree = raw_tree(mode, kind, oid, "name"), outer;
	char rule[64], hex[OID_HEX];

	judge_from(gate_paths, &oid_zero, &tree, rule);
	same(rule, expected);
	outer = raw_tree("040000", "tree", oid_hex(hex, &tree), "src");
	judge_from(gate_paths, &oid_zero, &outer, rule);
	same(rule, expected);
}

static void links_and_submodules_are_refused(void **state)
{
	static const char *const targets[] = { "/etc/passwd", "..", "a.txt",
					       ".git/config", "." };
	char rule[64], hex[OID_HEX], *file;

	(void)state;
	begin("policy: {protected: [\"**\"]}\n",
	      "files: {create: [\"**\"], modify: [\"**\"]}\n");
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		char *oid = blob(targets[i]);

		expect_entry("120000", "blob", oid, "path-link");
		free(oid);
	}
	oid_hex(hex, &project.base.commit);
	expect_entry("160000", "commit", hex, "path-submodule");
	/* A file in place of a link is fine, in place of a submodule not. */
	file = blob("x");
	struct oid after = raw_tree("100644", "blob", file, "name");
	struct oid link = raw_tree("120000", "blob", file, "name");
	struct oid module = raw_tree("160000", "commit", hex, "name");
	judge_from(gate_paths, &link, &after, rule);
	same(rule, "");
	judge_from(gate_paths, &module, &after, rule);
	same(rule, "path-submodule");
	judge_from(gate_paths, &module, &oid_zero, rule);
	same(rule, "path-submodule");
	free(file);
}

static void each_kind_of_change_has_its_list(void **state)
{
	(void)state;
	begin("policy: {files: strict}\n",
	      "files: {create: [new/*], modify: [mod/*], delete: [del/*]}\n");
	expect(gate_files, NULL, "new/a=1", "");
	expect(gate_files, NULL, "mod/a=1", "undeclared");
	expect(gate_files, NULL, "del/a=1", "undeclared");
	expect(gate_files, "mod/a=1", "mod/a=2", "");
	expect(gate_files, "del/a=1", "del/a=2", "undeclared");
	expect(gate_files, "del/a=1", NULL, "");
	expect(gate_files, "new/a=1", NULL, "undeclared");
	expect(gate_files, "mod/a=1", NULL, "undeclared");
	expect(gate_files, NULL, "new/deep/a=1", "undeclared");
	/* What was to be made may be there already. */
	expect(gate_files, "new/a=1", "new/a=2", "");
}

static void policy_always_is_for_every_phase(void **state)
{
	(void)state;
	begin("policy: {files: strict, always: [\"*.lock\"]}\n",
	      "files: {create: [a.txt]}\n");
	expect(gate_files, NULL, "x.lock=1", "");
	expect(gate_files, "x.lock=1", "x.lock=2", "");
	expect(gate_files, "x.lock=1", NULL, "");
	expect(gate_files, NULL, "sub/x.lock=1", "undeclared");
}

static void under_extend_policy_paths_may_be_asked_for(void **state)
{
	(void)state;
	begin("policy: {paths: [src/**]}\n", "files: {create: [a.txt]}\n");
	expect(gate_files, NULL, "src/x=1", "");
	expect(gate_files, "src/x=1", NULL, "");
	expect(gate_files, NULL, "doc/x=1", "undeclared");
}

static void under_strict_policy_paths_grant_nothing(void **state)
{
	(void)state;
	begin("policy: {files: strict, paths: [src/**]}\n",
	      "files: {create: [a.txt]}\n");
	expect(gate_files, NULL, "src/x=1", "undeclared");
	expect(gate_files, NULL, "a.txt=1", "");
}

static void what_was_only_granted_is_not_declared(void **state)
{
	static const struct {
		const char *path;
		int declared;
	} rows[] = { { "a.txt", 1 }, { "src/x", 0 }, { "x.lock", 1 } };
	struct oid tree;
	struct gates gates;

	(void)state;
	begin("policy: {always: [\"*.lock\"]}\n", "files: {create: [a.txt]}\n");
	tree = files("a.txt=1 src/x=1 x.lock=1");
	look(&gates, &oid_zero, &tree);
	assert_int_equal(gates.candidate.changes.len, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct change *it = &gates.candidate.changes.items[i];

		same(it->path, rows[i].path);
		assert_int_equal(gate_declared(&gates.candidate, it),
				 rows[i].declared);
	}
	gates_release(&gates);
}

static void a_file_that_is_too_large_is_refused(void **state)
{
	(void)state;
	begin("policy: {max_file_bytes: 5}\n", "files: {create: [a.txt]}\n");
	expect(gate_size, NULL, "a=12345", "");
	expect(gate_size, NULL, "a=123456", "file-size");
	expect(gate_size, "a=1", "a=123456", "file-size");
	expect(gate_size, "a=123456", NULL, "");
	expect(gate_size, "a=123456", "a=123456 b=1", "");
}

static void too_many_files_are_refused(void **state)
{
	(void)state;
	begin("policy: {max_files: 2}\n", "files: {create: [a.txt]}\n");
	expect(gate_size, NULL, "a=1 b=1", "");
	expect(gate_size, NULL, "a=1 b=1 c=1", "file-count");
	expect(gate_size, "a=1 b=1 c=1", NULL, "file-count");
	expect(gate_size, "a=1 b=1 c=1", "a=1 b=1 c=2", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_spelling_of_git_is_refused),
		TEST(odd_names_are_refused),
		TEST(protected_paths_are_refused_when_not_declared),
		TEST(protected_paths_are_refused_when_not_allowed),
		TEST(protected_paths_pass_when_declared_and_allowed),
		TEST(a_protected_path_is_declared_per_kind_of_change),
		TEST(policy_always_declares_no_protected_path),
		TEST(ordinary_paths_pass),
		TEST(links_and_submodules_are_refused),
		TEST(each_kind_of_change_has_its_list),
		TEST(policy_always_is_for_every_phase),
		TEST(under_extend_policy_paths_may_be_asked_for),
		TEST(under_strict_policy_paths_grant_nothing),
		TEST(what_was_only_granted_is_not_declared),
		TEST(a_file_that_is_too_large_is_refused),
		TEST(too_many_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
