/*
 * Reserving looks at both ledgers with both locks held, always the plan's
 * before the day's, so that what is free cannot be given away twice and
 * nobody waits in a ring.
 */
#include "core/budget.h"

#include "core/budget-ledger.h"
#include "core/clock.h"
#include "core/hash.h"
#include "core/price.h"

#include <stdlib.h>
#include <string.h>

/* What other machines spent of a plan's money, or hold. */
struct elsewhere {
	char *phase; /* NULL: of none that this machine works at */
	int64_t micros;
};

struct budget {
	char *plan;
	char *phase; /* NULL: planning */
	char *day_folder; /* NULL: no day */
	char *word; /* before the ids of this handle */
	struct budget_limits limits;
	int64_t (*clock)(void);
	struct ledger ledger; /* the plan's */
	ARRAY(struct elsewhere) elsewhere;
	ARRAY(struct ledger) days; /* the last is today's */
};

/* What is limited, in the order it is looked at. */
static const struct dimension {
	const char *key; /* in the configuration */
	const char *unit;
	size_t offset;
	int64_t least; /* asked for, even by a call that does not know */
} dimensions[] = {
	{ "usd", " USD", offsetof(struct amount, micros), 0 },
	{ "calls", " calls", offsetof(struct amount, calls), 0 },
	{ "tokens", " tokens", offsetof(struct amount, tokens), 0 },
	{ "seconds", " s", offsetof(struct amount, seconds), 1 },
};
#define DIMENSIONS (sizeof dimensions / sizeof *dimensions)

struct scope {
	const char *name; /* in the configuration */
	const struct amount *limit;
	const struct amount *used;
};

static void new_word(char **out)
{
	uint64_t random;

	random_bytes(&random, sizeof random);
	*out = xasprintf("%016llx", (unsigned long long)random);
}

struct error *budget_open(struct budget **out, const char *folder,
			  const char *day_folder, const char *plan,
			  const char *phase, const struct budget_limits *limits)
{
	struct budget *budget = xcalloc(1, sizeof *budget);

	if (!*plan || strchr(plan, '/'))
		BUG("'%s' is no id of a plan", plan);
	budget->plan = xstrdup(plan);
	budget->phase = xstrdup(phase);
	budget->day_folder = xstrdup(day_folder);
	budget->limits = *limits;
	budget->clock = clock_now;
	new_word(&budget->word);
	ledger_init(&budget->ledger, xasprintf("%s/%s.jsonl", folder, plan),
		    phase);
	*out = budget;
	return NULL;
}

void budget_close(struct budget **budget)
{
	if (!*budget)
		return;
	FOR_EACH (struct ledger, day, &(*budget)->days)
		ledger_release(day);
	free((*budget)->days.items);
	FOR_EACH (struct elsewhere, row, &(*budget)->elsewhere)
		free(row->phase);
	free((*budget)->elsewhere.items);
	ledger_release(&(*budget)->ledger);
	free((*budget)->plan);
	free((*budget)->phase);
	free((*budget)->day_folder);
	free((*budget)->word);
	free(*budget);
	*budget = NULL;
}

void budget_set_clock(struct budget *budget, int64_t (*clock)(void))
{
	budget->clock = clock ? clock : clock_now;
}

/* The ledger of today; NULL when no day is kept. */
static struct ledger *today(struct budget *budget)
{
	char date[CLOCK_TEXT];

	if (!budget->day_folder)
		return NULL;
	clock_format(date, budget->clock());
	char *path = xasprintf("%s/%.10s.jsonl", budget->day_folder, date);
	FOR_EACH (struct ledger, day, &budget->days)
		if (!strcmp(day->path, path)) {
			free(path);
			return day;
		}
	struct ledger *day = PUSH(&budget->days);
	ledger_init(day, path, NULL);
	return day;
}

static int64_t in(const struct amount *amount, const struct dimension *of)
{
	return *(const int64_t *)(const void *)((const char *)amount +
						of->offset);
}

static void add_number(struct buf *out, const struct dimension *of, int64_t n)
{
	char money[MONEY_TEXT];

	if (of->offset == offsetof(struct amount, micros)) {
		money_format(money, sizeof money, n);
		buf_str(out, money);
	} else {
		buf_addf(out, "%lld", (long long)n);
	}
}

static void add_owner(struct buf *out, const struct budget *budget,
		      const struct scope *scope)
{
	buf_str(out, scope->name);
	if (scope->limit == &budget->limits.plan)
		buf_addf(out, " '%s'", budget->plan);
	else if (scope->limit == &budget->limits.phase)
		buf_addf(out, " '%s'", budget->phase);
}

static int is_held(const struct budget *budget)
{
	FOR_EACH (struct elsewhere, row, &budget->elsewhere)
		if (!row->phase && row->micros)
			return 1;
	return 0;
}

static struct error *refuse(const struct budget *budget,
			    const struct scope *scope,
			    const struct dimension *of, int64_t asked)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	buf_str(&text, "the budget of the ");
	add_owner(&text, budget, scope);
	buf_str(&text, " would be passed: ");
	add_number(&text, of, in(scope->used, of));
	buf_str(&text, " of ");
	add_number(&text, of, in(scope->limit, of));
	buf_addf(&text, "%s used, ", of->unit);
	add_number(&text, of, asked);
	buf_str(&text, " asked");
	struct error *err = error_new(ERROR_REFUSED, "%s", text.data);
	if (scope->limit == &budget->limits.plan && is_held(budget))
		return error_hint(err,
				  "other runners hold a part of it: wait for "
				  "them, or raise budget.plan.%s",
				  of->key);
	return error_hint(err, "raise budget.%s.%s", scope->name, of->key);
}

static struct error *refuse_unpriced(const struct budget *budget,
				     const struct scope *scope)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	buf_str(&text, "the call has no price, and money is limited for the ");
	add_owner(&text, budget, scope);
	return error_hint(error_new(ERROR_REFUSED, "%s", text.data),
			  "name the model's price in .orch/prices.yaml, or "
			  "remove budget.%s.usd",
			  scope->name);
}

static struct error *check_scope(const struct budget *budget,
				 const struct scope *scope,
				 const struct amount *most, int allow_unpriced)
{
	if (most->micros < 0 && scope->limit->micros >= 0 && !allow_unpriced)
		return refuse_unpriced(budget, scope);
	for (size_t i = 0; i < DIMENSIONS; i++) {
		const struct dimension *of = &dimensions[i];
		int64_t limit = in(scope->limit, of);
		int64_t asked = ledger_clamp(in(most, of));

		if (asked < of->least)
			asked = of->least;
		if (limit >= 0 && in(scope->used, of) > limit - asked)
			return refuse(budget, scope, of, asked);
	}
	return NULL;
}

void budget_add_elsewhere(struct budget *budget, const char *phase,
			  int64_t micros)
{
	*PUSH(&budget->elsewhere) =
		(struct elsewhere){ xstrdup(phase), ledger_clamp(micros) };
}

/* The plan's sum of all machines; what is in our ledger counts once. */
static struct amount plan_used(const struct budget *budget)
{
	struct amount used = budget->ledger.all;

	FOR_EACH (struct elsewhere, row, &budget->elsewhere) {
		const int64_t *own =
			row->phase ? map_get(&budget->ledger.phases, row->phase)
				   : NULL;

		if (!own || *own < row->micros)
			used.micros += row->micros - (own ? *own : 0);
	}
	return used;
}

static struct error *check(const struct budget *budget,
			   const struct ledger *day, const struct amount *most,
			   int allow_unpriced)
{
	const struct amount plan = plan_used(budget);
	const struct scope scopes[] = {
		{ "phase", &budget->limits.phase, &budget->ledger.of_phase },
		{ "plan", &budget->limits.plan, &plan },
		{ "day", &budget->limits.day, day ? &day->all : NULL },
	};

	for (size_t i = budget->phase ? 0 : 1; i < 3; i++)
		if (scopes[i].used)
			TRY(check_scope(budget, &scopes[i], most,
					allow_unpriced));
	return NULL;
}

int budget_limits_money(const struct budget *budget)
{
	const struct budget_limits *limits = &budget->limits;

	return (budget->phase && limits->phase.micros >= 0) ||
	       limits->plan.micros >= 0 ||
	       (budget->day_folder && limits->day.micros >= 0);
}

/* Both or none: a plan's line without the day's is settled to nothing. */
static struct error *reserve_both(struct budget *budget, struct ledger *day,
				  const struct file_lock locks[2],
				  const char *id, const struct amount *most)
{
	static const struct amount nothing = { 0 };
	struct error *err;

	TRY(ledger_reserve(&budget->ledger, &locks[0], id, budget->plan, most));
	if (!day)
		return NULL;
	err = ledger_reserve(day, &locks[1], id, budget->plan, most);
	/* Where that fails, too, it stays charged: the safe side. */
	if (err)
		error_free(ledger_settle(&budget->ledger, &locks[0], id,
					 &nothing));
	return err;
}

struct error *budget_reserve(struct budget *budget, const char *id,
			     const struct amount *most, int allow_unpriced)
{
	CLEANUP(free_str) char *full = xasprintf("%s:%s", budget->word, id);
	CLEANUP(file_unlock) struct file_lock first = FILE_LOCK_INIT;
	CLEANUP(file_unlock) struct file_lock second = FILE_LOCK_INIT;
	struct ledger *day = today(budget);

	TRY(ledger_look(&budget->ledger, &first));
	if (day)
		TRY(ledger_look(day, &second));
	TRY(check(budget, day, most, allow_unpriced));
	const struct file_lock locks[2] = { first, second };
	return reserve_both(budget, day, locks, full, most);
}

static struct error *settle_in(struct ledger *ledger, const char *id,
			       const struct amount *used)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;

	TRY(ledger_look(ledger, &lock));
	return ledger_has(ledger, id) ? ledger_settle(ledger, &lock, id, used)
				      : NULL;
}

struct error *budget_settle(struct budget *budget, const char *id,
			    const struct amount *used)
{
	CLEANUP(free_str) char *full = xasprintf("%s:%s", budget->word, id);

	TRY(settle_in(&budget->ledger, full, used));
	FOR_EACH (struct ledger, day, &budget->days)
		if (ledger_has(day, full))
			TRY(settle_in(day, full, used));
	return NULL;
}

static struct error *look_once(struct ledger *ledger)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;

	return ledger_look(ledger, &lock);
}

struct error *budget_used(struct budget_limits *out, struct budget *budget)
{
	struct ledger *day = today(budget);

	TRY(look_once(&budget->ledger));
	if (day)
		TRY(look_once(day));
	*out = (struct budget_limits){ .phase = budget->ledger.of_phase,
				       .plan = plan_used(budget) };
	if (day)
		out->day = day->all;
	return NULL;
}
