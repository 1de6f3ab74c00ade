/* The caller of a run: everything its calls share, opened together. */
#include "core/clock.h"
#include "core/file.h"
#include "gitops/workspace.h"
#include "plans/gate.h"
#include "plans/models.h"

#include <stdlib.h>
#include <string.h>

#define HOUR 3600

struct error *project_prices(struct prices **out, struct project *project)
{
	static const char path[] = ".orch/prices.yaml";
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	enum file_mode mode = MODE_NONE;
	struct oid oid;

	if (!oid_is_zero(&project->base.tree))
		TRY(tree_entry(&mode, &oid, project->repo, &project->base.tree,
			       path));
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return prices_load(out, NULL, 0, NULL);
	TRY(blob_read(&text, project->repo, &oid, 1 << 20));
	TRY(prices_load(out, text.data, text.len, &findings));
	if (!findings.len)
		return NULL;
	prices_free(out);
	return error_hint(error_new(ERROR_INVALID, "%s:%u:%u: %s", path,
				    findings.items[0].line,
				    findings.items[0].column,
				    findings.items[0].message),
			  "git orch validate shows all that is wrong");
}

static struct amount amount_of(const struct spending *limit)
{
	return (struct amount){ .micros = limit->usd,
				.calls = limit->calls,
				.tokens = limit->tokens,
				.seconds = limit->seconds };
}

struct error *project_budget(struct budget **out, struct project *project,
			     const char *plan, const char *phase)
{
	const struct spend_limits *limits = &project->config.budget;
	CLEANUP(free_str) char *days = NULL;
	const char *orch;
	const struct budget_limits budget = {
		.phase = amount_of(&limits->phase),
		.plan = amount_of(&limits->plan),
		.day = amount_of(&limits->day),
	};

	TRY(repo_orch_dir(&orch, project->repo));
	TRY(file_state_dir(&days));
	CLEANUP(free_str) char *folder = path_join(orch, "spend");
	CLEANUP(free_str) char *day_folder = path_join(days, "spend");
	return budget_open(out, folder, day_folder, plan, phase, &budget);
}

static void say(void *data, const char *sentence)
{
	struct project *project = data;

	if (project->progress)
		progress_note(project->progress, "%s", sentence);
}

struct error *caller_open(struct caller *out, struct project *project,
			  struct journal *journal, const char *plan,
			  const char *phase)
{
	const struct cache_policy *cache = &project->config.cache;
	struct prices *prices = NULL;
	const char *orch;

	TRY(repo_orch_dir(&orch, project->repo));
	out->loop = loop_new();
	loop_every(out->loop, project->tick);
	out->journal = journal;
	out->log = project->log;
	out->replies = path_join(orch, "replies");
	out->limits = path_join(orch, "limits");
	out->record = xstrdup(project->options.record);
	out->expiry = (struct reply_expiry){ cache->brainstorm * HOUR,
					     cache->integration * HOUR,
					     cache->other * HOUR };
	out->no_cache = project->options.no_cache;
	out->notice = say;
	out->notice_data = project;
	TRY(project_prices(&prices, project));
	out->prices = prices;
	TRY(gate_rules(&out->secrets, project));
	return project_budget(&out->budget, project, plan, phase);
}

void caller_close(struct caller *caller)
{
	struct prices *prices = (struct prices *)caller->prices;
	struct secrets *secrets = caller->secrets;
	struct budget *budget = caller->budget;
	struct loop *loop = caller->loop;

	if (!loop)
		return;
	caller_release(caller);
	prices_free(&prices);
	secrets_free(&secrets);
	budget_close(&budget);
	loop_free(loop);
}
