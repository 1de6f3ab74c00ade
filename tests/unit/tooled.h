/*
 * A phase whose files are declared, on a repository with some code, and what a
 * worker is given for it.
 */
#ifndef TESTS_UNIT_TOOLED_H
#define TESTS_UNIT_TOOLED_H

#include "tests/unit/small.h"

#include "tests/unit/opened.h"

#include "core/json.h"
#include "plans/tools.h"

static struct plan plan;
static struct report report;
static struct task task;

/* config: lines of it; phase: lines of phase a's document. */
static inline void begin(const char *config, const char *phase)
{
	put_small(&box, config);
	put_phase(&box, "small", "a", phase);
	put(&box, "src/main.c",
	    "#include <stdio.h>\n\nint main(void)\n{\n\tputs(\"one\");\n"
	    "\tputs(\"two\");\n\tputs(\"one\");\n\treturn 0;\n}\n");
	put(&box, "src/deep/other.c", "int other;\n");
	put(&box, "docs/notes.md", "notes on main\n");
	small_open(&project, &box);
	ok(plan_read(&plan, project.repo, &project.base.tree, "small", NULL));
	report_init(&report);
	task = (struct task){
		.project = &project,
		.plan = &plan,
		.phase = plan_phase(&plan, "a"),
		.attempt = 1,
		.report = &report,
		.start = project.base.tree,
	};
}

static inline void end(void)
{
	report_release(&report);
	plan_release(&plan);
	memset(&plan, 0, sizeof plan);
}

#define FILES                                                                  \
	"files: {create: [\"src/*.h\", a.txt], modify: [src/main.c], "         \
	"delete: [docs/]}\n"

#endif
