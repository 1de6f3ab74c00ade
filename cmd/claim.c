/* `git orch claim`: who holds which phase, and setting one free. */
#include "gitops/claim.h"
#include "cmd/cmd.h"
#include "gitops/layout.h"
#include "gitops/shared.h"
#include "plans/board.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What can be told of one: "alive", "gone", "elsewhere". */
static const char *owner_of(struct session *session, const struct claim *claim)
{
	const struct project *project = &session->project;

	if (claim->version < CLAIM_VERSION)
		return "unreadable";
	if (claim_alive(project->repo, claim->plan, claim->phase))
		return "alive";
	if (claim_gone(project->repo, claim, project->config.delivery.lease))
		return "gone";
	return "elsewhere";
}

static const char *state_of(const struct claim *claim)
{
	return claim->published ? "published" : "working";
}

static void add_row(struct tree *tree, struct value *rows,
		    struct session *session, const struct claim *claim)
{
	const struct repo *repo = session->project.repo;
	struct value *row = value_object(tree, rows, NULL);

	value_add_string(tree, row, "plan", claim->plan);
	value_add_string(tree, row, "phase", claim->phase);
	value_add_string(tree, row, "runner", claim->runner);
	value_add_maybe(tree, row, "run", claim->run);
	value_add_int(tree, row, "generation", claim->generation);
	value_add_string(tree, row, "state", state_of(claim));
	value_add_string(tree, row, "owner", owner_of(session, claim));
	value_add_int(tree, row, "reserved_micros", claim->reserved);
	value_add_int(tree, row, "spent_micros", claim->spent);
	if (repo_remote(repo))
		value_add_int(tree, row, "unchanged_seconds",
			      claim_unchanged(session->project.repo, claim) /
				      1000);
	else
		value_add_null(tree, row, "unchanged_seconds");
}

static void print_json(struct session *session, const struct claims *claims)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *rows;

	value_add_int(&tree, root, "version", 1);
	rows = value_list(&tree, root, "claims");
	FOR_EACH (struct claim, claim, claims)
		add_row(&tree, rows, session, claim);
	out_json(&session->out, root);
}

static void print_text(struct session *session, const struct claims *claims)
{
	CLEANUP(table_release) struct table table = TABLE_INIT(4);

	FOR_EACH (struct claim, claim, claims) {
		const char *owner = owner_of(session, claim);

		table_cell(&table, COLOUR_BOLD, "%s/%s", claim->plan,
			   claim->phase);
		table_cell(&table, COLOUR_NONE, "%s", claim->runner);
		table_cell(&table, COLOUR_DIM, "%s %" PRId64, state_of(claim),
			   claim->generation);
		table_cell(&table,
			   strcmp(owner, "gone") != 0 ? COLOUR_NONE
						      : COLOUR_YELLOW,
			   "%s", owner);
	}
	table_print(&session->out, &table, 0);
}

static struct error *run_list(struct session *session)
{
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };

	TRY(claim_list(&claims, session->project.repo));
	if (session->out.json)
		print_json(session, &claims);
	else
		print_text(session, &claims);
	return NULL;
}

/* "<plan>/<phase>", or "<phase>" of the plan that is meant. */
static struct error *parse(char **plan, char **phase, struct session *session)
{
	const char *name = operand(session, 0);
	const char *slash = strchr(name, '/');

	if (slash) {
		*plan = xstrndup(name, (size_t)(slash - name));
		*phase = xstrdup(slash + 1);
		return NULL;
	}
	*phase = xstrdup(name);
	return board_choose(plan, &session->project,
			    global_text(session, "plan"));
}

static struct error *find(const struct claim **out, const struct claims *claims,
			  struct session *session)
{
	CLEANUP(free_str) char *plan = NULL;
	CLEANUP(free_str) char *phase = NULL;

	TRY(parse(&plan, &phase, session));
	FOR_EACH (struct claim, claim, claims)
		if (!strcmp(claim->plan, plan) &&
		    !strcmp(claim->phase, phase)) {
			*out = claim;
			return NULL;
		}
	return error_hint(error_new(ERROR_NOT_FOUND,
				    "nobody claims phase '%s/%s'", plan, phase),
			  "git orch claim list shows the claims");
}

static struct error *drop(struct session *session, const struct claim *claim)
{
	CLEANUP(claim_release) struct claim ours = { .lock = FILE_LOCK_INIT };
	struct repo *repo = session->project.repo;
	struct error *err =
		claim_take_over(&ours, repo, claim->plan, claim->phase,
				session->project.config.delivery.lease);

	if (error_is(err, ERROR_CLAIMED))
		return error_hint(err,
				  "git orch claim break %s/%s takes it from a "
				  "runner that may still work",
				  claim->plan, claim->phase);
	TRY(err);
	return claim_drop(&ours, repo);
}

static struct error *run_drop(struct session *session)
{
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };
	const struct claim *claim = NULL;

	TRY(claim_list(&claims, session->project.repo));
	TRY(find(&claim, &claims, session));
	TRY(drop(session, claim));
	say(&session->out, "%s/%s is free", claim->plan, claim->phase);
	return NULL;
}

static struct error *run_break(struct session *session)
{
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };
	const struct claim *claim = NULL;

	TRY(claim_list(&claims, session->project.repo));
	TRY(find(&claim, &claims, session));
	if (!confirmed(session, "Take %s/%s from %s, which may still work?",
		       claim->plan, claim->phase, claim->runner))
		return error_hint(
			error_new(ERROR_REFUSED, "the claim stays as it is"),
			"what its runner does from now on is lost; "
			"--yes takes it all the same");
	TRY(claim_break(session->project.repo, claim->plan, claim->phase,
			&claim->oid));
	say(&session->out, "%s/%s is free; %s cannot publish it any more",
	    claim->plan, claim->phase, claim->runner);
	return NULL;
}

static const struct opt list_opts[] = { OPT_JSON, { 0, NULL, NULL, NULL } };
static const struct opt break_opts[] = {
	{ 'y', "yes", NULL, "without a question" },
	{ 0, NULL, NULL, NULL },
};

static const struct cmd list = {
	.name = "list",
	.summary = "List the phases that runners hold",
	.opts = list_opts,
	.needs = NEED_REPO,
	.run = run_list,
};
static const struct cmd drop_claim = {
	.name = "drop",
	.summary = "Set a phase free whose runner is gone",
	.args = "[<plan>/]<phase>",
	.min = 1,
	.max = 1,
	.needs = NEED_REPO | MOVES_REFS,
	.complete = "phases",
	.run = run_drop,
};
static const struct cmd break_claim = {
	.name = "break",
	.summary = "Set a phase free, whoever holds it",
	.args = "[<plan>/]<phase>",
	.min = 1,
	.max = 1,
	.opts = break_opts,
	.needs = NEED_REPO | MOVES_REFS,
	.complete = "phases",
	.run = run_break,
};
static const struct cmd *const subs[] = { &list, &drop_claim, &break_claim,
					  NULL };

const struct cmd cmd_claim = {
	.name = "claim",
	.summary = "Show who holds which phase, and set one free",
	.subs = subs,
};
