/*
 * A repository with the plan 'small': phases a and b are ready, c waits for
 * both; the repository's own template has a file for each.  What a test wants
 * otherwise it writes before small_open().
 */
#ifndef TESTS_UNIT_SMALL_H
#define TESTS_UNIT_SMALL_H

#include "tests/unit/project.h"

#include "core/sandbox.h"
#include "gitops/commit.h"
#include "plans/board.h"
#include "plans/trust.h"

/* Checks are quick without the sandbox, and may leave a mark outside. */
#define OFF "policy: {sandbox: \"off\"}\n"

static inline void PRINTF(3, 4)
	putf(const struct scratch *box, const char *path, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&text, fmt, args);
	va_end(args);
	put(box, path, text.data);
	buf_release(&text);
}

/* A phase's document with further lines. */
static inline void put_phase(const struct scratch *box, const char *plan,
			     const char *id, const char *lines)
{
	char *path = xasprintf(".orch/plans/%s/phases/%s.yaml", plan, id);

	putf(box, path,
	     "version: 1\nid: %s\ntitle: Phase %s\nagent: scaffold\n"
	     "%sstatus: planned\n",
	     id, id, lines);
	free(path);
}

static inline void put_plan(const struct scratch *box, const char *id,
			    const char *lines)
{
	char *path = xasprintf(".orch/plans/%s/plan.yaml", id);

	putf(box, path,
	     "version: 1\nid: %s\ntitle: Plan %s\ngoal: a goal\n"
	     "template: small\n%s",
	     id, id, lines);
	free(path);
}

/* .orch/config.yaml with these lines. */
static inline void put_config(const struct scratch *box, const char *lines)
{
	putf(box, ".orch/config.yaml", "version: 1\n%s", lines);
}

static inline void put_template(const struct scratch *box)
{
	static const char *const ids[] = { "a", "b", "c" };

	put(box, ".orch/templates/small/template.yaml",
	    "title: Small\nsummary: A file each\n");
	for (size_t i = 0; i < 3; i++) {
		char *path = xasprintf(".orch/templates/small/files/%s/%s.txt",
				       ids[i], ids[i]);

		putf(box, path, "this is %s\n", ids[i]);
		free(path);
	}
}

/* All of it, on the base, with a first file README. */
static inline void put_small(const struct scratch *box, const char *config)
{
	put(box, "README", "hello\n");
	put_config(box, config);
	put_template(box);
	put_plan(box, "small", "");
	put_phase(box, "small", "a", "files: {create: [a.txt]}\n");
	put_phase(box, "small", "b", "files: {create: [b.txt]}\n");
	put_phase(box, "small", "c",
		  "depends_on: [a, b]\nfiles: {create: [c.txt]}\n");
}

/* Pins what the base holds. */
static inline void trust_base(struct project *project)
{
	struct trust trust = TRUST_INIT;

	ok(trust_read(&trust, project, &project->base.tree));
	ok(trust_pin(&trust, project));
	trust_release(&trust);
}

/* Commits what was put, opens the project and trusts it. */
static inline void small_open(struct project *project,
			      const struct scratch *box)
{
	commit_all(box);
	project_release(project);
	ok(open_at(project, box, NULL));
	trust_base(project);
}

static inline struct oid resolve(const struct project *project,
				 const char *revision)
{
	struct oid oid = { { 0 } };

	ok(commit_resolve(&oid, project->repo, revision));
	return oid;
}

/* The tree of a revision. */
static inline struct oid tree_of(const struct project *project,
				 const char *revision)
{
	struct oid commit = resolve(project, revision), tree = { { 0 } };

	ok(commit_tree(&tree, project->repo, &commit));
	return tree;
}

/* The status of a phase of plan 'small', derived anew. */
static inline enum status small_status(struct project *project,
				       const char *phase)
{
	struct board board = BOARD_INIT;

	ok(project_reload(project));
	ok(board_load(&board, project, "small"));
	enum status status = board_card(&board, "small", phase)->status;
	board_release(&board);
	return status;
}

/* The whole of `sh_out()` is this text. */
#define prints(text, ...)                                                      \
	do {                                                                   \
		char *printed = sh_out(__VA_ARGS__);                           \
		assert_string_equal(printed, text);                            \
		free(printed);                                                 \
	} while (0)

/* Nothing is claimed, the working tree is as it was, every object is there. */
static inline void small_tidy(const struct scratch *box)
{
	prints("", box, "git -C repo for-each-ref refs/orch/claim");
	prints("", box, "git -C repo status --porcelain");
	sh(box, "git -C repo fsck --strict 2>&1");
}

/* Landlock and bwrap start this very program again: main() begins with it. */
#define SANDBOX_MAIN(argc, argv)                                               \
	do {                                                                   \
		if ((argc) > 1 && !strcmp((argv)[1], "sandbox-exec")) {        \
			error_free(sandbox_exec((argv) + 2));                  \
			return 126;                                            \
		}                                                              \
	} while (0)

#endif
