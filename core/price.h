/*
 * Prices: a table as data (templates/prices.yaml, overridden row by row by
 * .orch/prices.yaml), with effective dates, multipliers for what is read from
 * and written to a service's cache, and tiers by the length of the prompt.
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

/* The built-in table, and above it the override (NULL: none). */
struct error *prices_load(struct prices **out, const char *yaml, size_t len,
			  struct findings *findings) MUST_USE;
void prices_free(struct prices **prices); /* for CLEANUP */

/*
 * What a call costs at a time (seconds since the epoch); UNPRICED when the
 * table does not know the model.  Rounded up, once, at the end.
 */
int64_t price_of(const struct prices *prices, const char *model,
		 const struct usage *usage, int64_t at);
/* The most it can cost: all of the prompt uncached, max_tokens of output. */
int64_t price_most(const struct prices *prices, const char *model,
		   int64_t prompt_tokens, int64_t max_tokens, int64_t at);
/* Which row applied, for the journal: "claude-sonnet-5-5 from 2026-10-07". */
const char *price_row(const struct prices *prices, const char *model,
		      int64_t at);

/* "0.421000" and back; "unpriced" is UNPRICED. */
void money_format(char *out, size_t size, int64_t micros);
struct error *money_parse(int64_t *out, const char *text) MUST_USE;

#endif
