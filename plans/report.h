/*
 * What was said and used while a phase was worked on: what goes into `result`
 * beside the facts the tool establishes itself.
 */
#ifndef PLANS_REPORT_H
#define PLANS_REPORT_H

#include "core/answer.h"

/* Of one role and model. */
struct agent_use {
	char *role;
	char *agent;
	char *model;
	int64_t calls;
	struct usage usage;
	int64_t micros; /* of the priced ones */
	int unpriced; /* how many were not */
};
/* A path beyond the declared ones that the worker asked for, and got. */
struct grant {
	char *path;
	char *reason;
};
/* To a wish of those the work is done again for, by its number, from 1. */
struct worker_answer {
	int64_t remark;
	char *text;
	int changed; /* so it says */
};
struct report {
	char *summary; /* what was built; NULL: nothing said */
	struct strings decisions;
	struct strings notes;
	struct {
		struct grant *items;
		size_t len, cap;
	} grants;
	struct {
		struct worker_answer *items;
		size_t len, cap;
	} answers;
	struct {
		struct agent_use *items;
		size_t len, cap;
	} uses;
	struct strings keys; /* of the replies it rests on */
	struct tree verdict; /* of the validator; root NULL: none */
};
void report_init(struct report *report);
void report_release(struct report *report);
/* What a new attempt says again: all but uses and keys. */
void report_clear_words(struct report *report);

/* Adds what a worker says in `answers`; what has no number or text is none. */
void report_answers(struct report *report, const struct value *list);

void report_use(struct report *report, const char *role,
		const struct call_result *result);
void report_use_answer(struct report *report, const char *role,
		       const struct answer *answer);
/* The sum over all roles. */
void report_total(struct agent_use *out, const struct report *report);

#endif
