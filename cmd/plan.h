/* Making a plan, for the commands `plan` and `generate`. */
#ifndef CMD_PLAN_H
#define CMD_PLAN_H

#include "cmd/cmd.h"
#include "plans/planner.h"

/* The rows of both commands that say how a plan is made. */
#define OPTS_PLAN                                                              \
	{ 0, "template", "template", "the project template to begin from" },   \
		{ 0, "var", "name=value", "a variable of the template" },      \
		{ 0, "id", "id", "the id of the plan" },                       \
		{ 0, "workflow", "name", "micro, single or hybrid" },          \
		{ 0, "candidates", "n",                                        \
		  "let the manager choose among <n> architectures" },          \
		{ 0, "from", "file",                                           \
		  "a longer text on the goal; - is stdin" },                   \
		{ 0, "no-cache", NULL, "take no answer of an earlier run" },   \
		{ 0, "record", "dir", "write requests and answers to <dir>" }, \
	{                                                                      \
		0, "replay", "dir", "take the answers from <dir>"              \
	}

/* What a command line asks for; texts are borrowed from it. */
struct plan_order {
	struct plan_request request;
	struct strings vars;
	struct buf source;
};
void plan_order_release(struct plan_order *order);
/* Reads --from; what is no text or no goal is ERROR_USAGE. */
struct error *plan_order_read(struct plan_order *out, struct session *session)
	MUST_USE;

/*
 * plan-source.c: --from, a file, a pipe or "-", into an initialised buffer.
 * What is no text is ERROR_USAGE.
 */
struct error *plan_source(struct buf *out, struct session *session,
			  const char *path) MUST_USE;
/* UTF-8 without a NUL. */
int plan_is_text(const char *text, size_t len);

/* By agents, or by the template alone; prints what is wrong with it. */
struct error *plan_make(struct draft *out, struct session *session,
			const struct plan_request *request) MUST_USE;

void plan_print(struct out *out, const struct draft *draft);
/* As members of object. */
void plan_json(struct tree *tree, struct value *object,
	       const struct draft *draft);

#endif
