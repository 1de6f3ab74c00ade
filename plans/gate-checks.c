/*
 * The gate of the project's own commands.
 *
 * An outcome is looked for in the run's journal first (a resume must not see
 * another one than the run it resumes), then, if green, among those known on
 * this machine for the same source; only then is a worktree made.
 */
#include "core/clock.h"
#include "core/utf8.h"
#include "plans/check.h"
#include "plans/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TAIL 16384

static void outcome_clear(struct check_outcome *outcome)
{
	free(outcome->name);
	free(outcome->tail);
	free(outcome->ended);
}

void check_outcomes_release(struct check_outcomes *outcomes)
{
	FOR_EACH (struct check_outcome, outcome, outcomes)
		outcome_clear(outcome);
	free(outcomes->items);
	*outcomes = (struct check_outcomes){ NULL, 0, 0 };
}

void phase_checks(struct strings *out, const struct project *project,
		  const struct plan *plan, const struct phase *phase)
{
	if (phase->checks_given) {
		FOR_EACH (char *, name, &phase->checks)
			strings_add(out, *name);
		return;
	}
	FOR_EACH (struct check, check, &project->config.checks)
		strings_add(out, check->name);
	FOR_EACH (struct check, check, &plan->checks)
		if (!strings_has(out, check->name))
			strings_add(out, check->name);
}

/* All that one round of checks shares. */
struct round {
	struct project *project;
	const struct plan *plan;
	const struct oid *source;
	struct journal *journal;
	int attempt;
	struct findings *findings;
	int landing; /* red is looked at twice */
	int64_t deadline; /* clock_ms(); 0: none */
	enum sandbox_level level;
	struct worktree worktree;
	int ready; /* the worktree holds the source, setup is provided */
	struct strings binds;
};

static void round_release(struct round *round)
{
	if (round->worktree.path)
		worktree_release(&round->worktree);
	strings_release(&round->binds);
}

static int from_journal(struct check_outcome *out, const struct round *round,
			const char *name)
{
	char attempt[32], source[OID_HEX];

	if (!round->journal)
		return 0;
	snprintf(attempt, sizeof attempt, "attempt=%d", round->attempt);
	oid_hex(source, round->source);
	CLEANUP(free_str) char *by_name = xasprintf("name=%s", name);
	CLEANUP(free_str) char *by_source = xasprintf("source=%s", source);
	const struct value *line = journal_last(
		round->journal, "check", attempt, by_name, by_source, NULL);
	if (!line)
		return 0;
	check_outcome_read(out, line);
	return 1;
}

static struct error *to_journal(const struct round *round,
				const struct check_outcome *outcome)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	struct value *root = value_object(&line, NULL, NULL);
	char source[OID_HEX];

	if (!round->journal)
		return NULL;
	oid_hex(source, round->source);
	value_add_string(&line, root, "plan", round->plan->id);
	value_add_int(&line, root, "attempt", round->attempt);
	value_add_string(&line, root, "source", source);
	check_outcome_write(&line, root, outcome);
	return journal_append(round->journal, "check", line.root);
}

/* A worktree with the source in it; made when the first command must run. */
static struct error *prepare(struct round *round)
{
	struct project *project = round->project;

	if (round->ready)
		return NULL;
	TRY(trust_require(project));
	TRY(setup_provide(&round->binds, project, round->plan, round->source,
			  round->level, round->findings));
	if (round->findings->len)
		return NULL;
	TRY(worktree_acquire(&round->worktree, project->repo));
	round->ready = 1;
	return NULL;
}

static int exit_of(const struct proc_result *result)
{
	switch (result->end) {
	case PROC_EXITED:
		return result->exit;
	case PROC_SIGNALED:
		return 128 + result->signal;
	case PROC_TIMEOUT:
	case PROC_IDLE:
		return 124;
	default:
		return 137;
	}
}

char *printable_text(const char *text, const char *end)
{
	struct buf out = BUF_INIT;

	while (text < end) {
		uint32_t c = 0;
		size_t n = utf8_next(&c, text, (size_t)(end - text));

		if (!n || (c < 0x20 && c != '\n' && c != '\t') ||
		    (c >= 0x7f && c < 0xa0))
			buf_ch(&out, '?');
		else
			buf_add(&out, text, n);
		text += n ? n : 1;
	}
	return buf_steal(&out);
}

/*
 * The last 20 lines of what a red check printed, and no more than a document
 * can hold: a line may be as long as the output.
 */
static char *tail_of(const struct buf *output)
{
	const char *end = output->data + output->len;
	const char *from = end;
	int lines = 0;

	while (from > output->data && end - from < MAX_TAIL) {
		if (from[-1] == '\n' && from != end && ++lines == 20)
			break;
		from--;
	}
	/* Not from the middle of a character. */
	while (from < end && ((unsigned char)*from & 0xc0) == 0x80)
		from++;
	return printable_text(from, end);
}

/* The seconds a check has; 0: none are left. */
static int64_t time_for(const struct round *round, const struct check *check)
{
	int64_t left;

	if (!round->deadline)
		return check->timeout;
	left = (round->deadline - clock_ms() + 999) / 1000;
	if (left <= 0)
		return 0;
	return left < check->timeout ? left : check->timeout;
}

static void not_begun(struct check_outcome *out)
{
	out->exit = 124;
	out->late = 1;
	out->ended = xstrdup("not begun");
}

static void take_result(struct check_outcome *out,
			const struct proc_result *result, int shortened)
{
	CLEANUP(buf_release) struct buf ended = BUF_INIT;

	out->exit = exit_of(result);
	out->millis = (int64_t)(result->seconds * 1000);
	out->late = shortened && result->end == PROC_TIMEOUT;
	proc_describe(&ended, result);
	if (out->exit)
		out->ended = buf_steal(&ended);
}

static struct error *execute(struct check_outcome *out, struct round *round,
			     const struct check *check)
{
	CLEANUP(buf_release) struct buf output = BUF_INIT;
	struct proc_result result;
	struct command command = {
		.name = check->name,
		.run = check->run,
		.timeout = time_for(round, check),
		.network = check->network,
		.level = round->level,
		.binds = round->binds,
	};
	struct error *err = NULL;
	char hex[SHA256_HEX];

	TRY(worktree_checkout(&round->worktree, round->project->repo,
			      round->source));
	proc_result_init(&result);
	if (command.timeout)
		err = check_run(&result, &output, round->project,
				&round->worktree, &command);
	if (!err && command.timeout)
		take_result(out, &result, command.timeout < check->timeout);
	if (!command.timeout)
		not_begun(out);
	proc_result_release(&result);
	TRY(err);
	sha256_of(output.data, output.len, hex);
	snprintf(out->output, sizeof out->output, "sha256:%s", hex);
	if (out->exit)
		out->tail = tail_of(&output);
	out->sandbox = round->level;
	return coverage_read(&out->coverage,
			     &round->project->config.policy.coverage,
			     round->worktree.path);
}

/*
 * What is red on a merged source alone would put somebody's work out, so it
 * has to be red twice.
 */
static struct error *execute_again(struct check_outcome *out,
				   struct round *round,
				   const struct check *check)
{
	char source[OID_HEX];

	free_str(&out->tail);
	free_str(&out->ended);
	out->coverage = COVERAGE_NONE;
	TRY(execute(out, round, check));
	if (out->exit)
		return NULL;
	out->flaky = 1;
	log_write(round->project->log, LOG_WARN,
		  "a check was red once and then green", "check", check->name,
		  "source", oid_hex(source, round->source), NULL);
	return NULL;
}

static struct error *one(struct check_outcome *out, struct round *round,
			 const struct check *check)
{
	int known = from_journal(out, round, check->name);

	if (known)
		return NULL;
	TRY(check_cache_get(&known, out, round->project, check, round->source,
			    round->level));
	out->cached = known;
	if (!known) {
		TRY(prepare(round));
		if (round->findings->len)
			return NULL;
		TRY(execute(out, round, check));
		if (out->exit && !out->late && round->landing)
			TRY(execute_again(out, round, check));
		if (!out->exit && !out->flaky)
			TRY(check_cache_put(round->project, check,
					    round->source, out));
	}
	return to_journal(round, out);
}

static void report_late(const struct check_outcome *outcome,
			struct findings *findings)
{
	struct finding *finding = finding_add(
		findings, "late", NULL,
		"check '%s' has not ended by the deadline", outcome->name);

	finding_hint(finding, "make the checks quicker, or delivery.deadline "
			      "longer");
}

static void report_red(const struct check_outcome *outcome,
		       struct findings *findings)
{
	struct finding *finding = finding_add(
		findings, "check", NULL, "check '%s' failed: %s", outcome->name,
		outcome->ended ? outcome->ended : "red");

	if (outcome->tail && *outcome->tail)
		finding_hint(finding, "%s", outcome->tail);
}

static struct error *run_named(struct check_outcomes *out, struct round *round,
			       const char *name)
{
	const struct check *check =
		check_find(round->project, round->plan, name);

	if (!check)
		return error_hint(error_new(ERROR_INVALID,
					    "there is no check '%s'", name),
				  "add it to checks: in .orch/config.yaml");
	struct check_outcome outcome = { .name = xstrdup(name),
					 .coverage = COVERAGE_NONE };
	struct error *err = one(&outcome, round, check);
	if (err || round->findings->len) {
		outcome_clear(&outcome);
		return err;
	}
	if (outcome.late)
		report_late(&outcome, round->findings);
	else if (outcome.exit)
		report_red(&outcome, round->findings);
	*PUSH(out) = outcome;
	return NULL;
}

static struct error *run_round(struct check_outcomes *out, struct round *round,
			       const struct strings *names)
{
	if (!names->len)
		return NULL;
	TRY(check_level(&round->level, round->project));
	FOR_EACH (char *, name, names) {
		TRY(run_named(out, round, *name));
		if (round->findings->len)
			break;
	}
	return NULL;
}

struct error *gate_checks(struct check_outcomes *out, struct project *project,
			  const struct plan *plan, const struct strings *names,
			  const struct oid *source, struct journal *journal,
			  int attempt, struct findings *findings)
{
	CLEANUP(round_release)
	struct round round = {
		.project = project,
		.plan = plan,
		.source = source,
		.journal = journal,
		.attempt = attempt,
		.findings = findings,
		.worktree = WORKTREE_INIT,
	};

	return run_round(out, &round, names);
}

struct error *gate_landing_checks(struct check_outcomes *out,
				  struct project *project,
				  const struct plan *plan,
				  const struct strings *names,
				  const struct oid *source, int64_t deadline,
				  struct findings *findings)
{
	CLEANUP(round_release)
	struct round round = {
		.project = project,
		.plan = plan,
		.source = source,
		.attempt = 1,
		.findings = findings,
		.landing = 1,
		.deadline = deadline,
		.worktree = WORKTREE_INIT,
	};

	return run_round(out, &round, names);
}
