/*
 * Whom planning is charged to.  A plan has no id before the manager gives it
 * one: until then its goal is charged, under a name that no plan can have, as
 * it has a dot.  The same goal has the same name, so that a run that was
 * stopped, and the one that goes on, are counted together.
 *
 * In the draft's order: the journal says what the goal became, the ledger is
 * moved, the branch is made.  A run that was killed between them is repeated
 * with the same answers, comes to the same id, and finds what is done already.
 */
#include "core/clock.h"
#include "core/file.h"
#include "core/hash.h"
#include "plans/cache.h"
#include "plans/document.h"
#include "plans/planner-step.h"

#include <string.h>

#define GOAL "goal."

/* What is long begins alike: the name has a word of all of it. */
static char *goal_name(const struct planning *p)
{
	CLEANUP(free_str) char *slug = id_from_text(p->goal);
	const struct buf *source = p->request->source;
	struct sha256 hash;
	char hex[SHA256_HEX];

	sha256_init(&hash);
	sha256_add(&hash, p->goal, strlen(p->goal) + 1);
	if (source)
		sha256_add(&hash, source->data, source->len);
	sha256_hex(&hash, hex);
	return xasprintf(GOAL "%s%s%.8s", slug, *slug ? "." : "", hex);
}

void spend_choose(struct planning *p)
{
	const struct plan_request *request = p->request;
	const char *id = request->replan ? request->replan : request->id;

	if (!request->replan)
		p->goal_name = goal_name(p);
	p->id = xstrdup(id ? id : p->goal_name);
}

static struct error *spend_folder(char **out, struct project *project)
{
	const char *orch;

	TRY(repo_orch_dir(&orch, project->repo));
	*out = path_join(orch, "spend");
	return NULL;
}

struct error *spend_move(struct planning *p)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	CLEANUP(free_str) char *folder = NULL;
	struct value *root = value_object(&line, NULL, NULL);

	if (!p->goal_name)
		return NULL;
	value_add_string(&line, root, "plan", p->out->plan);
	value_add_null(&line, root, "phase");
	value_add_string(&line, root, "goal", p->goal_name);
	TRY(journal_append(p->journal, "named", root));
	TRY(spend_folder(&folder, p->project));
	return budget_carry(folder, p->goal_name, p->out->plan);
}

/* What the replies of a goal may still be taken from is over by then. */
struct error *planner_forget_goals(struct project *project)
{
	CLEANUP(free_str) char *folder = NULL;

	TRY(spend_folder(&folder, project));
	return budget_forget(folder, GOAL,
			     clock_now() - cache_longest(&project->config));
}
