/* The index as a tree: read, and never changed. */
#include "tests/unit/project.h"

#include "plans/staged.h"

static const struct project_options unborn = { .no_base = 1, .any_config = 1 };

static void the_index_is_read_and_not_changed(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct oid tree;
	char hex[OID_HEX];

	project_sandbox(&box);
	put(&box, ".orch/config.yaml", "version: 1\n");
	put(&box, "other", "x\n");
	sh(&box, "git -C repo add . && cp repo/.git/index before");
	put(&box, ".orch/config.yaml", "not staged\n");
	ok(open_at(&project, &box, &unborn));
	ok(staged_tree(&tree, project.repo));
	char *text = sh_out(&box, "git -C repo ls-tree -r --name-only %s",
			    oid_hex(hex, &tree));
	same(text, ".orch/config.yaml");
	free(text);
	text = sh_out(&box, "git -C repo show %s:.orch/config.yaml", hex);
	same(text, "version: 1");
	free(text);
	sh(&box, "cmp before repo/.git/index");
	project_release(&project);
	sandbox_close(&box);
}

static void an_unmerged_document_is_a_conflict(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct oid tree;

	project_sandbox(&box);
	sh(&box, "cd repo && git commit -q --allow-empty -m x && "
		 "git branch side");
	put(&box, ".orch/config.yaml", "version: 1\n");
	commit_all(&box);
	sh(&box, "git -C repo checkout -q side");
	put(&box, ".orch/config.yaml", "version: 2\n");
	commit_all(&box);
	sh(&box, "git -C repo merge -q main >/dev/null 2>&1 || true");
	ok(open_at(&project, &box, &unborn));
	fails(ERROR_CONFLICT, "'.orch/config.yaml' is not merged",
	      staged_tree(&tree, project.repo));
	project_release(&project);
	sandbox_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_index_is_read_and_not_changed),
		cmocka_unit_test(an_unmerged_document_is_a_conflict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
