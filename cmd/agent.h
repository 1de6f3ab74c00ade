/* `git orch agent`: its subcommands, and what they print alike. */
#ifndef CMD_AGENT_H
#define CMD_AGENT_H

#include "cmd/cmd.h"
#include "plans/agents.h"

/* agent-test.c */
struct error *agent_run_test(struct session *session) MUST_USE;
/* Micro-dollars, or null for UNPRICED. */
void agent_money(struct tree *tree, struct value *to, const char *key,
		 int64_t micros);

#endif
