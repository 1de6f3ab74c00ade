/*
 * From what was spent to what will be, and to what could be done about it.
 * Everything is integer arithmetic, so that equal journals say equal things.
 */
#include "plans/cost.h"

#include "core/file.h"
#include "plans/board.h"
#include "plans/models.h"

#include <stdlib.h>
#include <string.h>

#define MONEY(text, micros)                                                    \
	char text[MONEY_TEXT];                                                 \
	money_format(text, sizeof text, micros)

/* A prompt cache is worth a word from here on. */
#define MANY_TOKENS 50000
#define MANY_CALLS  5

__extension__ typedef __int128 wide;

/* a * b / c; of nothing there is nothing. */
static int64_t times(int64_t a, int64_t b, int64_t c)
{
	wide n = c ? (wide)a * b / c : 0;

	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

static int64_t percent(int64_t part, int64_t whole)
{
	return whole > 0 ? times(part, 100, whole) : 0;
}

static int is_finished(const struct card *card)
{
	return card->status == STATUS_DONE || card->status == STATUS_IN_REVIEW;
}

/* Skipped ones count as done on the board, blocked ones may never come. */
static int is_to_come(const struct card *card)
{
	return !is_finished(card) && card->status != STATUS_BLOCKED;
}

/* What a phase cost; -1 when no call of it was made here. */
static int64_t spent_on(const struct cost *cost, const char *plan,
			const char *phase)
{
	int64_t sum = -1;

	FOR_EACH (const struct cost_call, call, &cost->calls) {
		if (!call->plan || !call->phase || strcmp(call->plan, plan) ||
		    strcmp(call->phase, phase))
			continue;
		sum = sum < 0 ? 0 : sum;
		if (call->kind == COST_PAID && call->micros != UNPRICED)
			sum += call->micros;
		if (call->kind == COST_CACHED && call->saved != UNPRICED)
			sum += call->saved;
	}
	return sum;
}

/* What a phase without an estimate weighs, in thousandths. */
static int64_t usual_weight(const struct board *board)
{
	int64_t sum = 0, n = 0;

	FOR_EACH (const struct card, card, &board->cards)
		if (card->phase->complexity > 0) {
			sum += card->phase->complexity * 1000;
			n++;
		}
	return n ? sum / n : 1000;
}

static int64_t weight_of(const struct card *card, int64_t usual)
{
	return card->phase->complexity > 0 ? card->phase->complexity * 1000
					   : usual;
}

static void add_finished(struct projection *out, int64_t *weight, int64_t spent,
			 int64_t own)
{
	/* For a thousand thousandths; for the rest it is multiplied below. */
	int64_t unit = times(spent, 1000, own);

	if (!out->finished || unit < out->low)
		out->low = unit;
	if (unit > out->high)
		out->high = unit;
	out->finished++;
	out->micros += spent;
	*weight += own;
}

struct error *cost_project(struct projection *out, const struct cost *cost,
			   struct project *project, const char *plan)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	int64_t done = 0, rest = 0;

	*out = (struct projection){ .finished = 0 };
	TRY(board_load(&board, project, plan));
	int64_t usual = usual_weight(&board);
	FOR_EACH (const struct card, card, &board.cards) {
		int64_t own = weight_of(card, usual);
		int64_t spent = spent_on(cost, plan, card->phase->id);

		if (is_finished(card) && spent >= 0)
			add_finished(out, &done, spent, own);
		if (!is_to_come(card))
			continue;
		out->rest++;
		rest += own;
	}
	if (!out->finished)
		return NULL;
	out->micros = times(out->micros, rest, done);
	out->low = times(out->low, rest, 1000);
	out->high = times(out->high, rest, 1000);
	return NULL;
}

static void add_limits(struct budget_rows *out, const char *scope,
		       const struct spending *limit, const struct amount *used)
{
	const struct budget_row rows[] = {
		{ scope, "usd", used->micros, limit->usd },
		{ scope, "calls", used->calls, limit->calls },
		{ scope, "tokens", used->tokens, limit->tokens },
		{ scope, "seconds", used->seconds, limit->seconds },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].limit != NO_LIMIT)
			*PUSH(out) = rows[i];
}

struct error *cost_budget(struct budget_rows *out, struct project *project,
			  const char *plan)
{
	const struct spend_limits *limits = &project->config.budget;
	CLEANUP(budget_close) struct budget *budget = NULL;
	struct budget_limits used;

	/* Any name will do where only the day is asked for. */
	TRY(project_budget(&budget, project, plan ? plan : "no.plan", NULL));
	TRY(budget_used(&used, budget));
	if (plan)
		add_limits(out, "plan", &limits->plan, &used.plan);
	add_limits(out, "day", &limits->day, &used.day);
	return NULL;
}

static void advise_unpriced(struct strings *out, const struct cost_rows *models)
{
	FOR_EACH (const struct cost_row, row, models)
		if (row->unpriced)
			strings_addf(out,
				     "%lld %s of '%s' %s unpriced: give its "
				     "price in .orch/prices.yaml",
				     (long long)row->unpriced,
				     row->unpriced == 1 ? "call" : "calls",
				     row->name,
				     row->unpriced == 1 ? "is" : "are");
}

static void advise_budget(struct strings *out, const struct budget_rows *budget,
			  const struct projection *rest)
{
	FOR_EACH (const struct budget_row, row, budget) {
		int money = !strcmp(row->unit, "usd");
		int of_plan = !strcmp(row->scope, "plan");

		if (row->used >= row->limit - row->limit / 5)
			strings_addf(out, "budget.%s.%s is used up to %lld %%",
				     row->scope, row->unit,
				     (long long)percent(row->used, row->limit));
		else if (money && of_plan && rest->finished && rest->rest &&
			 rest->micros > row->limit - row->used)
			strings_addf(
				out,
				"the rest is expected to pass "
				"budget.plan.usd: raise it, or cut phases");
	}
}

static void advise_twice(struct strings *out, const struct cost_row *total)
{
	CLEANUP(buf_release) struct buf most = BUF_INIT;
	int64_t unpriced = total->twice_unpriced;
	MONEY(money, total->twice_micros);

	if (!total->twice)
		return;
	if (unpriced == total->twice)
		buf_str(&most, "unpriced");
	else
		buf_addf(&most, "at most for %s USD", money);
	if (unpriced && unpriced < total->twice)
		buf_addf(&most, " and what %lld unpriced %s",
			 (long long)unpriced,
			 unpriced == 1 ? "call costs" : "calls cost");
	strings_addf(out,
		     "%lld %s may have been paid twice, %s: compare with the "
		     "bill of the service",
		     (long long)total->twice,
		     total->twice == 1 ? "call" : "calls", most.data);
}

static void advise_model(struct strings *out, const struct cost_rows *models,
			 const struct cost_row *total)
{
	const struct cost_row *first = models->items;

	if (models->len > 1 && percent(first->micros, total->micros) >= 60)
		strings_addf(out,
			     "model '%s' is %lld %% of the cost: see whether "
			     "every agent that has it needs it",
			     first->name,
			     (long long)percent(first->micros, total->micros));
}

static void advise_prompts(struct strings *out, const struct cost_rows *models)
{
	FOR_EACH (const struct cost_row, row, models) {
		const struct usage *usage = &row->usage;
		int64_t prompt =
			usage->input + usage->cached + usage->cache_write;
		int64_t share = percent(usage->cached, prompt);

		if (row->calls < MANY_CALLS || prompt < MANY_TOKENS ||
		    share >= 20)
			continue;
		strings_addf(out,
			     "only %lld %% of what '%s' read came from the "
			     "service's cache: keep what stays the same at the "
			     "front of its prompts",
			     (long long)share, row->name);
	}
}

/* The calls behind the first attempt of a phase. */
static void advise_phase(struct strings *out, const struct cost *cost,
			 const struct cost_row *row)
{
	int64_t again = 0;
	int attempts = 0;

	FOR_EACH (const struct cost_call, call, &cost->calls) {
		const char *slash = strchr(row->name, '/');

		if (!call->plan || !call->phase || !slash ||
		    strcmp(slash + 1, call->phase) ||
		    strncmp(row->name, call->plan,
			    (size_t)(slash - row->name)) ||
		    call->plan[slash - row->name])
			continue;
		attempts = call->attempt > attempts ? call->attempt : attempts;
		if (call->attempt > 1 && call->kind == COST_PAID &&
		    call->micros != UNPRICED)
			again += call->micros;
	}
	if (attempts > 1 && again)
		strings_addf(out,
			     "phase '%s' took %d attempts: %lld %% of its cost "
			     "came after the first; sharper acceptance "
			     "criteria or a smaller phase would save it",
			     row->name, attempts,
			     (long long)percent(again, row->micros));
}

void cost_advice(struct strings *out, const struct cost *cost,
		 const struct budget_rows *budget,
		 const struct projection *rest)
{
	CLEANUP(cost_rows_release) struct cost_rows models = { NULL, 0, 0 };
	CLEANUP(cost_rows_release) struct cost_rows phases = { NULL, 0, 0 };
	struct cost_row total;

	cost_total(&total, cost);
	cost_group(&models, cost, BY_MODEL);
	cost_group(&phases, cost, BY_PHASE);
	advise_unpriced(out, &models);
	advise_budget(out, budget, rest);
	advise_twice(out, &total);
	advise_model(out, &models, &total);
	for (size_t i = 0; i < phases.len && i < 3; i++)
		advise_phase(out, cost, &phases.items[i]);
	advise_prompts(out, &models);
}
