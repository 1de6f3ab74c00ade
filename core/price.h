/*
 * Prices: a table as data (templates/prices.yaml, overridden by
 * .orch/prices.yaml, model by model), with effective dates, multipliers for
 * what is read from and written to a service's cache, and tiers by the length
 * of the prompt.  templates/schema/prices.json describes the rows.
 *
 * A model is looked up by its name, then without a date behind it
 * (claude-opus-4-5-20251101, gpt-5.2-2025-12-11), then by the longest row that
 * ends with `*`; of that name's rows the last one applies whose day has come.
 *
 * Amounts are integer micro-dollars.  A model that is not in the table is
 * unpriced, never free.
 */
#ifndef CORE_PRICE_H
#define CORE_PRICE_H

#include "core/message.h"
#include "core/schema.h"

#define UNPRICED (-1)

struct prices;

/*
 * The built-in table, and above it the override (NULL: none).  The faults of
 * an override are added to findings, without a path, which the caller knows;
 * then *out is the built-in table alone, and prices that were meant are
 * missing: look at findings.  With findings NULL a fault is ERROR_INVALID.
 */
struct error *prices_load(struct prices **out, const char *yaml, size_t len,
			  struct findings *findings) MUST_USE;
void prices_free(struct prices **prices); /* for CLEANUP */

/*
 * What a call costs at a time (seconds since the epoch); UNPRICED when the
 * table does not know the model, or is NULL.  Rounded up, once, at the end;
 * what is beyond 64 bits is INT64_MAX.  Counts below 0 are 0.
 */
int64_t price_of(const struct prices *prices, const char *model,
		 const struct usage *usage, int64_t at);
/*
 * The most it can cost: the prompt at the dearest of uncached, read from and
 * written to the cache; max_tokens of output.
 */
int64_t price_most(const struct prices *prices, const char *model,
		   int64_t prompt_tokens, int64_t max_tokens, int64_t at);
/*
 * Which row applied, for the journal: "claude-sonnet-5-5 from 2026-10-07";
 * NULL when it is unpriced.
 */
const char *price_row(const struct prices *prices, const char *model,
		      int64_t at);

/* "0.421000" and back; "unpriced" is UNPRICED. */
#define MONEY_TEXT 24
void money_format(char *out, size_t size, int64_t micros);
/*
 * A sum of calls, so many of which had no price: of none that has one there is
 * no sum, and it is UNPRICED.
 */
int64_t money_sum(int64_t micros, int64_t unpriced);
/*
 * Digits with up to six decimals, exact.  Anything else, a sign too, is
 * ERROR_INVALID.
 */
struct error *money_parse(int64_t *out, const char *text) MUST_USE;

#endif
