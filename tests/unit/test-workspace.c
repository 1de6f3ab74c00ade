/*
 * A workspace writes the very trees that git's index would, refuses every
 * spelling of a path that could do harm somewhere, and reads what it has.
 */
#include "tests/unit/repo.h"

#include "gitops/workspace.h"

static struct scratch box;
static struct repo *repo;
static struct workspace *work;

static struct oid oid_of(const char *revision)
{
	char *hex = sh_out(&box, "git rev-parse '%s'", revision);
	struct oid oid;

	ok(oid_parse(&oid, hex));
	free(hex);
	return oid;
}

static void start_at(const char *revision)
{
	struct oid tree = oid_of(revision);

	workspace_release(&work);
	ok(workspace_open(&work, repo, &tree));
}

static int setup(void **state)
{
	(void)state;
	sandbox_open(&box);
	sh(&box, "git init -q -b main . && mkdir -p src/lib doc && "
		 "echo a >src/lib/a.c && echo b >src/lib/b.c && "
		 "echo m >src/main.c && echo d >doc/d && echo top >top && "
		 "echo '#!/bin/sh' >run && chmod +x run && ln -s top link && "
		 "git add . && git update-index --add --cacheinfo "
		 "160000,0123456789012345678901234567890123456789,part && "
		 "git commit -q -m one");
	ok(repo_open(&repo, box.dir));
	start_at("HEAD^{tree}");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	workspace_release(&work);
	repo_release(&repo);
	sandbox_close(&box);
	return 0;
}

static struct error *put(const char *path, const char *text)
{
	return workspace_write(work, path, text, strlen(text), MODE_NONE);
}

static void reads_as(const char *path, const char *text)
{
	CLEANUP(buf_release) struct buf got = BUF_INIT;

	ok(workspace_read(&got, work, path));
	same(got.data, text);
}

static void is_absent(const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	enum file_mode mode = MODE_FILE;
	struct oid oid;

	fails(ERROR_NOT_FOUND, path, workspace_read(&text, work, path));
	ok(workspace_stat(&mode, &oid, work, path));
	assert_int_equal(mode, MODE_NONE);
	assert_true(oid_is_zero(&oid));
}

static void lists(const char *folder, const char *expected)
{
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;
	CLEANUP(buf_release) struct buf got = BUF_INIT;

	ok(workspace_list(&paths, work, folder));
	strings_join(&got, &paths, " ");
	same(got.data, expected);
}

/* The tree, in git's own words. */
static void tree_is(const char *expected)
{
	struct oid tree;
	char hex[OID_HEX];
	char *got;

	ok(workspace_write_tree(&tree, work));
	got = sh_out(&box,
		     "git ls-tree -r --format='%%(objectmode) %%(path)' "
		     "%s | tr '\\n' ','",
		     oid_hex(hex, &tree));
	same(got, expected);
	free(got);
}

static void a_tree_is_read_as_it_is(void **state)
{
	(void)state;
	reads_as("src/lib/a.c", "a\n");
	reads_as("link", "top");
	is_absent("none");
	is_absent("src/none");
	is_absent("top/x");
	is_absent("top/");
	is_absent("src//main.c");
	is_absent("./top");
	is_absent("/top");
	lists("", "doc/d link run src/lib/a.c src/lib/b.c src/main.c top");
	lists("src", "src/lib/a.c src/lib/b.c src/main.c");
	lists("src/", "src/lib/a.c src/lib/b.c src/main.c");
}

static void folders_and_submodules_are_no_files(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	enum file_mode mode;
	struct oid oid;

	(void)state;
	fails(ERROR_NOT_FOUND, "src", workspace_read(&text, work, "src"));
	fails(ERROR_NOT_FOUND, "part", workspace_read(&text, work, "part"));
	ok(workspace_stat(&mode, &oid, work, "src"));
	assert_int_equal(mode, MODE_TREE);
	ok(workspace_stat(&mode, &oid, work, "part"));
	assert_int_equal(mode, MODE_GITLINK);
	assert_int_equal(oid.id[0], 0x01);
}

static void an_untouched_workspace_is_its_start(void **state)
{
	struct oid tree;

	(void)state;
	ok(workspace_write_tree(&tree, work));
	assert_true(oid_equal(&tree, workspace_start(work)));
}

static void an_empty_workspace_is_the_empty_tree(void **state)
{
	struct oid tree;
	char hex[OID_HEX];

	(void)state;
	workspace_release(&work);
	ok(workspace_open(&work, repo, &oid_zero));
	ok(workspace_write_tree(&tree, work));
	same(oid_hex(hex, &tree), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
	ok(put("a/b", "x"));
	tree_is("100644 a/b,");
}

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	ok(put("src/lib/a.c", "new\n"));
	ok(put("new/deep/er", ""));
	ok(workspace_delete(work, "top"));
	reads_as("src/lib/a.c", "new\n");
	reads_as("src/lib/b.c", "b\n");
	reads_as("new/deep/er", "");
	is_absent("top");
	lists("", "doc/d link new/deep/er run src/lib/a.c src/lib/b.c "
		  "src/main.c");
	tree_is("100644 doc/d,120000 link,100644 new/deep/er,160000 part,"
		"100755 run,100644 src/lib/a.c,100644 src/lib/b.c,"
		"100644 src/main.c,");
	reads_as("new/deep/er", "");
	is_absent("top");
}

static void bytes_are_kept_as_they_are(void **state)
{
	CLEANUP(buf_release) struct buf got = BUF_INIT;

	(void)state;
	ok(workspace_write(work, "bin", "a\0b\r\n", 5, MODE_FILE));
	ok(workspace_read(&got, work, "bin"));
	assert_int_equal(got.len, 5);
	assert_memory_equal(got.data, "a\0b\r\n", 5);
}

static void a_mode_stays_unless_it_is_given(void **state)
{
	(void)state;
	ok(put("run", "other\n"));
	ok(put("link", "doc/d"));
	ok(workspace_write(work, "top", "x", 1, MODE_EXEC));
	ok(workspace_delete(work, "src"));
	ok(workspace_delete(work, "doc"));
	tree_is("120000 link,160000 part,100755 run,100755 top,");
}

static void what_is_in_the_way_must_be_deleted_first(void **state)
{
	(void)state;
	fails(ERROR_REFUSED, "'top' is a file", put("top/x", "x"));
	fails(ERROR_REFUSED, "'link' is a symbolic link", put("link/x", "x"));
	fails(ERROR_REFUSED, "'part' is a submodule", put("part/x", "x"));
	fails(ERROR_REFUSED, "'src' is a folder", put("src", "x"));
	fails(ERROR_REFUSED, "'src/lib' is a folder", put("src/lib", "x"));
	ok(workspace_delete(work, "top"));
	ok(put("top/x", "x"));
	fails(ERROR_REFUSED, "'top' is a folder", put("top", "x"));
	ok(workspace_delete(work, "src"));
	ok(put("src", "now a file"));
	tree_is("100644 doc/d,120000 link,160000 part,100755 run,100644 src,"
		"100644 top/x,");
}

static void folders_left_empty_vanish(void **state)
{
	(void)state;
	ok(workspace_delete(work, "src/lib/a.c"));
	lists("src/lib", "src/lib/b.c");
	ok(workspace_delete(work, "src/lib/b.c"));
	is_absent("src/lib");
	ok(put("src/lib", "a file in its place"));
	ok(workspace_delete(work, "src/lib"));
	ok(workspace_delete(work, "src/main.c"));
	is_absent("src");
	ok(put("made/x", "x"));
	ok(workspace_delete(work, "made/x"));
	is_absent("made");
	tree_is("100644 doc/d,120000 link,160000 part,100755 run,100644 top,");
}

static void what_is_absent_cannot_be_deleted(void **state)
{
	(void)state;
	fails(ERROR_NOT_FOUND, "none", workspace_delete(work, "none"));
	fails(ERROR_NOT_FOUND, "src/x", workspace_delete(work, "src/x"));
	fails(ERROR_NOT_FOUND, "top/x", workspace_delete(work, "top/x"));
	fails(ERROR_NOT_FOUND, "", workspace_delete(work, ""));
	ok(workspace_delete(work, "top"));
	fails(ERROR_NOT_FOUND, "top", workspace_delete(work, "top"));
}

static void an_object_that_exists_can_be_put(void **state)
{
	struct oid blob = oid_of("HEAD:doc/d");
	struct oid tree = oid_of("HEAD:src");
	struct oid nowhere = { { 9 } };

	(void)state;
	ok(workspace_put(work, "copy", &blob, MODE_EXEC));
	ok(workspace_put(work, "vendor/src", &tree, MODE_TREE));
	ok(workspace_put(work, "sub", &nowhere, MODE_GITLINK));
	fails(ERROR_NOT_FOUND, "no object",
	      workspace_put(work, "x", &nowhere, MODE_FILE));
	reads_as("copy", "d\n");
	reads_as("vendor/src/main.c", "m\n");
	lists("vendor", "vendor/src/lib/a.c vendor/src/lib/b.c "
			"vendor/src/main.c");
	ok(put("vendor/src/main.c", "mine\n"));
	reads_as("vendor/src/lib/a.c", "a\n");
	reads_as("vendor/src/main.c", "mine\n");
}

static void names_are_those_of_one_folder(void **state)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	(void)state;
	ok(put("src/z/deep", "x"));
	ok(workspace_delete(work, "src/main.c"));
	ok(workspace_names(&names, work, "src"));
	strings_join(&text, &names, " ");
	same(text.data, "lib/ z/");
	strings_release(&names);
	buf_clear(&text);
	ok(workspace_names(&names, work, ""));
	strings_join(&text, &names, " ");
	same(text.data, "doc/ link part run src/ top");
	fails(ERROR_NOT_FOUND, "nowhere",
	      workspace_names(&names, work, "nowhere"));
	fails(ERROR_NOT_FOUND, "top", workspace_names(&names, work, "top"));
}

static void hits_is(const struct search_hits *hits, size_t i, const char *path,
		    unsigned line, const char *text)
{
	assert_in_range(i, 0, hits->len - 1);
	same(hits->items[i].path, path);
	assert_int_equal(hits->items[i].line, line);
	same(hits->items[i].text, text);
}

static void a_search_finds_lines_of_text_files(void **state)
{
	struct search_hits hits = { NULL, 0, 0 };
	char *big = xmalloc((1 << 20) + 8);

	(void)state;
	memset(big, 'n', (1 << 20) + 8);
	memcpy(big, "needle\n", 7);
	ok(workspace_write(work, "big", big, (1 << 20) + 1, MODE_NONE));
	ok(workspace_write(work, "bin", "needle\0", 7, MODE_NONE));
	ok(put("doc/n", "hay\nneedle 1\nhay\n  needle 2"));
	ok(workspace_write(work, "to-needle", "needle", 6, MODE_LINK));
	memset(big + 6, '\xc3', 2);
	for (int i = 6; i < 600; i += 2)
		memcpy(big + i, "\xc3\xa4", 2);
	ok(workspace_write(work, "src/long", big, 600, MODE_NONE));
	free(big);
	ok(workspace_search(&hits, work, "", "^\\s*needle", 100));
	assert_int_equal(hits.len, 3);
	hits_is(&hits, 0, "doc/n", 2, "needle 1");
	hits_is(&hits, 1, "doc/n", 4, "  needle 2");
	same(hits.items[2].path, "src/long");
	assert_int_equal(strlen(hits.items[2].text), 400);
	search_hits_release(&hits);
	ok(workspace_search(&hits, work, "doc", "needle", 1));
	assert_int_equal(hits.len, 1);
	search_hits_release(&hits);
	fails(ERROR_INVALID, "", workspace_search(&hits, work, "", "(", 1));
}

static void a_blob_over_the_limit_is_not_read(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct oid blob = oid_of("HEAD:src/lib/a.c");
	struct oid tree = oid_of("HEAD:src");
	size_t size;

	(void)state;
	ok(blob_size(&size, repo, &blob));
	assert_int_equal(size, 2);
	fails(ERROR_INVALID, "larger than 1 bytes",
	      blob_read(&text, repo, &blob, 1));
	assert_int_equal(text.len, 0);
	ok(blob_read(&text, repo, &blob, 2));
	same(text.data, "a\n");
	fails(ERROR_INVALID, "is no blob", blob_size(&size, repo, &tree));
	fails(ERROR_NOT_FOUND, "reading blob",
	      blob_read(&text, repo, &oid_zero, 2));
}

static void an_entry_of_the_top_can_be_taken_out_and_exchanged(void **state)
{
	struct oid head = oid_of("HEAD^{tree}");
	struct oid without, other, back, none;
	enum file_mode mode;
	struct oid oid;

	(void)state;
	ok(tree_without(&without, repo, &head, "src"));
	ok(tree_entry(&mode, &oid, repo, &without, "src/main.c"));
	assert_int_equal(mode, MODE_NONE);
	ok(tree_entry(&mode, &oid, repo, &without, "doc/d"));
	assert_int_equal(mode, MODE_FILE);
	ok(tree_without(&other, repo, &without, "src"));
	assert_true(oid_equal(&other, &without));
	ok(tree_with_from(&back, repo, &without, "src", &head));
	assert_true(oid_equal(&back, &head));
	ok(tree_with_from(&none, repo, &head, "src", &without));
	assert_true(oid_equal(&none, &without));
}

static void a_difference_names_files_links_and_submodules(void **state)
{
	static const struct {
		const char *path;
		enum change_kind kind;
		int old_mode, new_mode;
	} expected[] = {
		{ "doc", CHANGE_CREATE, 0, MODE_FILE },
		{ "doc/d", CHANGE_DELETE, MODE_FILE, 0 },
		{ "link", CHANGE_MODIFY, MODE_LINK, MODE_FILE },
		{ "part", CHANGE_DELETE, MODE_GITLINK, 0 },
		{ "run", CHANGE_MODIFY, MODE_EXEC, MODE_FILE },
		{ "src/lib/a.c", CHANGE_MODIFY, MODE_FILE, MODE_FILE },
		{ "src/main.c", CHANGE_DELETE, MODE_FILE, 0 },
		{ "src/main.c/x", CHANGE_CREATE, 0, MODE_FILE },
	};
	CLEANUP(changes_release) struct changes changes = CHANGES_INIT;
	struct oid tree;

	(void)state;
	ok(workspace_delete(work, "doc"));
	ok(put("doc", "x"));
	ok(workspace_write(work, "link", "x", 1, MODE_FILE));
	ok(workspace_delete(work, "part"));
	ok(workspace_write(work, "run", "#!/bin/sh\n", 10, MODE_FILE));
	ok(put("src/lib/a.c", "x"));
	ok(workspace_delete(work, "src/main.c"));
	ok(put("src/main.c/x", "x"));
	ok(workspace_write_tree(&tree, work));
	ok(tree_diff(&changes, repo, workspace_start(work), &tree));
	assert_int_equal(changes.len, 8);
	for (size_t i = 0; i < 8; i++) {
		same(changes.items[i].path, expected[i].path);
		assert_int_equal(changes.items[i].kind, expected[i].kind);
		assert_int_equal(changes.items[i].old_mode,
				 expected[i].old_mode);
		assert_int_equal(changes.items[i].new_mode,
				 expected[i].new_mode);
	}
	same(change_name(CHANGE_CREATE), "create");
	same(change_name(CHANGE_MODIFY), "modify");
	same(change_name(CHANGE_DELETE), "delete");
}

static void from_nothing_everything_is_created(void **state)
{
	CLEANUP(changes_release) struct changes changes = CHANGES_INIT;

	(void)state;
	ok(tree_diff(&changes, repo, &oid_zero, workspace_start(work)));
	assert_int_equal(changes.len, 8);
	changes_release(&changes);
	ok(tree_diff(&changes, repo, workspace_start(work),
		     workspace_start(work)));
	assert_int_equal(changes.len, 0);
}

static void hostile_paths_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"/",
		"/etc/passwd",
		"//x",
		".",
		"..",
		"./a",
		"../a",
		"a/.",
		"a/..",
		"a/../b",
		"a/./b",
		"a//b",
		"a/",
		"a/b/",
		".git",
		".git/config",
		".git/hooks/post-checkout",
		"a/.git",
		"a/.git/config",
		".GIT",
		".Git/config",
		".giT",
		".git.",
		".git..",
		".git ",
		".git . .",
		".git /config",
		".git./config",
		".git::$INDEX_ALLOCATION",
		".git::$INDEX_ALLOCATION/config",
		".git:stream",
		".git :x",
		".GIT.::$DATA",
		"git~1",
		"GIT~1",
		"git~1/config",
		"git~1.",
		"git~1 ",
		"git~1:x",
		"a/git~1/b",
		".g\u200cit",
		".git\u200c",
		"\u200c.git",
		".\u200dgit",
		".gi\u200et",
		".g\u200fi\u202at",
		".\u202egit",
		".gi\u202bt/config",
		"\ufeff.git",
		".git\ufeff/hooks",
		".G\u206aI\u206bT",
		".git\u206f",
		"\u206d.g\u206ei\u206ct",
		".git\u200c.",
		"git\u200c~1",
		".\u202c\u202dgit",
		".git\\config",
		"a\\b",
		"..\\a",
		"\\\\server\\share",
		"C:\\x",
		"a\nb",
		"a\rb",
		"a\tb",
		"a\x01",
		"\x1b[31m",
		"a\x7f",
		"a/\x02/b",
		"\xff\xfe",
		"caf\xe9",
		"a/\xed\xa0\x80",
		"a\xc0\xaf",
		"\xe2\x82",
	};
	size_t refused = 0;
	size_t n = sizeof bad / sizeof *bad;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct error *err = put(bad[i], "x");

		if (!error_is(err, ERROR_REFUSED))
			print_message("not refused: '%s'\n", bad[i]);
		else
			refused++;
		for (const char *p = err ? err->message : ""; *p; p++)
			assert_true((unsigned char)*p >= 0x20 && *p != 0x7f &&
				    (unsigned char)*p < 0xfe);
		error_free(err);
		fails(ERROR_REFUSED, "path '",
		      workspace_put(work, bad[i], &oid_zero, MODE_GITLINK));
	}
	print_message("%zu/%zu hostile paths refused\n", refused, n);
	assert_int_equal(refused, n);
	assert_in_range(n, 60, 1000);
}

static void ordinary_paths_are_taken(void **state)
{
	static const char *const good[] = {
		"a",
		"a/b/c.txt",
		".gitignore",
		".gitmodules",
		".github/x",
		".gitkeep",
		".gitattributes",
		"git",
		"git~2",
		"git~10",
		".gitx",
		"x.git",
		".git~1",
		"a b",
		"a:b",
		"\u00e4\u00f6",
		"...",
		"..a",
		"a..",
		".orch/config.yaml",
		"-rf",
		".g\u00eft",
		"a\u200cb",
		"~",
		"\u2028",
		"HEAD",
		"CON",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ok(path_check(good[i]));
}

static void paths_too_long_are_refused(void **state)
{
	char *path = xmalloc(6000);

	(void)state;
	memset(path, 'a', 6000);
	path[255] = '\0';
	ok(path_check(path));
	path[255] = 'a';
	path[256] = '\0';
	fails(ERROR_REFUSED, "255", path_check(path));
	path[256] = 'a';
	for (size_t i = 100; i < 6000; i += 100)
		path[i] = '/';
	path[4096] = '\0';
	ok(path_check(path));
	path[4096] = 'a';
	path[4097] = '\0';
	fails(ERROR_REFUSED, "4096", path_check(path));
	free(path);
}

/* Agrees with git about what may not be in a tree. */
static void what_git_refuses_is_refused(void **state)
{
	static const char *const bad[] = {
		".git/x", ".GIT",       "git~1",
		".git ",  ".g\u200cit", ".git::$INDEX_ALLOCATION"
	};

	(void)state;
	sh(&box, "git config core.protectHFS true && "
		 "git config core.protectNTFS true");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_not_equal(
			sh_status(&box,
				  "git update-index --add --cacheinfo "
				  "\"100644,$(git rev-parse HEAD:top),%s\" "
				  "2>/dev/null",
				  bad[i]),
			0);
		fails(ERROR_REFUSED, "path '", path_check(bad[i]));
	}
}

/* xorshift64: the same overlays everywhere, for every seed. */
static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* A path of one to four parts out of few names, so that they collide. */
static void random_path(char out[64], uint64_t *seed)
{
	static const char *const names[] = { "a", "b", "a.c", "a-b", "a0" };
	int parts = 1 + (int)(next(seed) % 4);

	*out = '\0';
	for (int i = 0; i < parts; i++)
		snprintf(out + strlen(out), 64 - strlen(out), "%s%s",
			 i ? "/" : "", names[next(seed) % 5]);
}

/*
 * One random change, to the workspace and as a line for git.  Where something
 * is in the way it is deleted first, in both.
 */
static void random_change(struct buf *script, uint64_t *seed)
{
	static const int modes[] = { MODE_FILE, MODE_EXEC, MODE_LINK,
				     MODE_GITLINK };
	char path[64];
	int mode = modes[next(seed) % 4];
	struct oid oid;
	enum file_mode there;
	char hex[OID_HEX];
	char text[32];

	random_path(path, seed);
	if (next(seed) % 3 == 0) {
		error_free(workspace_delete(work, path));
		buf_addf(script, "del '%s'\n", path);
		return;
	}
	for (char *p = path; *p; p++) {
		char c = *p;

		*p = c == '/' ? '\0' : c;
		if (c == '/') {
			ok(workspace_stat(&there, &oid, work, path));
			if (there != MODE_TREE)
				error_free(workspace_delete(work, path));
		}
		*p = c;
	}
	ok(workspace_stat(&there, &oid, work, path));
	if (there == MODE_TREE)
		ok(workspace_delete(work, path));
	snprintf(text, sizeof text, "%d", (int)(next(seed) % 7));
	if (mode == MODE_GITLINK) {
		memset(&oid, 1 + text[0] % 7, sizeof oid);
		ok(workspace_put(work, path, &oid, MODE_GITLINK));
	} else {
		ok(workspace_write(work, path, text, strlen(text),
				   (enum file_mode)mode));
		ok(workspace_stat(&there, &oid, work, path));
		assert_int_equal(there, mode);
	}
	buf_addf(script, "add %o %s '%s'\n", (unsigned)mode, oid_hex(hex, &oid),
		 path);
}

/* What git makes of the same changes: --replace lets a file become a folder. */
static const char shell[] =
	"export GIT_INDEX_FILE=$PWD/.git/other; rm -f .git/other\n"
	"del() { git ls-files -z -- \":(literal)$1\" | "
	"git update-index -z --force-remove --stdin; }\n"
	"add() { git update-index --add --replace --cacheinfo \"$1,$2,$3\"; "
	"}\n";

static int one_overlay(uint64_t seed)
{
	CLEANUP(buf_release) struct buf script = BUF_INIT;
	struct oid start = oid_zero;
	struct oid tree;
	char hex[OID_HEX];
	char *expected;
	int same_tree = 1;

	next(&seed);
	workspace_release(&work);
	ok(workspace_open(&work, repo, &start));
	buf_str(&script, shell);
	/* Twice: the second time over what was written the first time. */
	for (int round = 0; round < 2 && same_tree; round++) {
		for (int n = 0; n < 14; n++)
			random_change(&script, &seed);
		buf_str(&script, "git write-tree --missing-ok\n");
		ok(workspace_write_tree(&tree, work));
	}
	expected = sh_out(&box, "sh -e <<'END' | tail -1\n%sEND", script.data);
	same_tree = !strcmp(oid_hex(hex, &tree), expected);
	if (!same_tree)
		print_message("%s, but git has %s:\n%s\n", hex, expected,
			      script.data);
	free(expected);
	return same_tree;
}

static void trees_are_those_of_gits_index(void **state)
{
	int n = loops(25);
	int equal = 0;

	(void)state;
	for (int i = 0; i < n; i++)
		equal += one_overlay(0x9e3779b97f4a7c15u * (uint64_t)(i + 1));
	print_message("%d/%d random overlays as git has them\n", equal, n);
	assert_int_equal(equal, n);
	sh(&box, "git fsck --strict --no-dangling 2>&1 | "
		 "{ ! grep -v -e notice -e 'dangling'; }");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_tree_is_read_as_it_is),
		TEST(folders_and_submodules_are_no_files),
		TEST(an_untouched_workspace_is_its_start),
		TEST(an_empty_workspace_is_the_empty_tree),
		TEST(what_is_written_is_read_back),
		TEST(bytes_are_kept_as_they_are),
		TEST(a_mode_stays_unless_it_is_given),
		TEST(what_is_in_the_way_must_be_deleted_first),
		TEST(folders_left_empty_vanish),
		TEST(what_is_absent_cannot_be_deleted),
		TEST(an_object_that_exists_can_be_put),
		TEST(names_are_those_of_one_folder),
		TEST(a_search_finds_lines_of_text_files),
		TEST(a_blob_over_the_limit_is_not_read),
		TEST(an_entry_of_the_top_can_be_taken_out_and_exchanged),
		TEST(a_difference_names_files_links_and_submodules),
		TEST(from_nothing_everything_is_created),
		TEST(hostile_paths_are_refused),
		TEST(ordinary_paths_are_taken),
		TEST(paths_too_long_are_refused),
		TEST(what_git_refuses_is_refused),
		TEST(trees_are_those_of_gits_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
