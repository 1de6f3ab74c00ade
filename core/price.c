/*
 * What a call costs.  A price is micro-dollars per million tokens and a
 * multiplier is in millionths, so the sum is in units of 10^-18 dollars: it
 * needs more than 64 bits, and is rounded only when it has become micros.
 */
#include "core/price.h"

#include "core/clock.h"
#include "core/embed.h"
#include "core/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLION 1000000
/*
 * With prices below 10^12 and multipliers below 10^9 (the schema's patterns)
 * four such products stay below 2^122.
 */
#define MOST_TOKENS ((int64_t)1 << 50)

__extension__ typedef unsigned __int128 wide;

struct tier {
	int64_t above; /* tokens of the prompt */
	int64_t input; /* micro-dollars per million tokens */
	int64_t output;
};

struct price {
	char *model;
	char *label; /* what price_row() gives */
	int64_t from; /* seconds since the epoch */
	int override;
	int64_t cached; /* of the input's price, in millionths */
	int64_t cache_write;
	ARRAY(struct tier) tiers; /* the first is above 0; ascending */
};

struct prices {
	ARRAY(struct price) rows; /* in the order of their days */
};

void prices_free(struct prices **prices)
{
	if (!*prices)
		return;
	FOR_EACH (struct price, row, &(*prices)->rows) {
		free_str(&row->model);
		free_str(&row->label);
		free(row->tiers.items);
	}
	free((*prices)->rows.items);
	free(*prices);
	*prices = NULL;
}

void money_format(char *out, size_t size, int64_t micros)
{
	if (micros < 0)
		snprintf(out, size, "unpriced");
	else
		snprintf(out, size, "%lld.%06lld",
			 (long long)(micros / MILLION),
			 (long long)(micros % MILLION));
}

int64_t money_sum(int64_t micros, int64_t unpriced)
{
	return unpriced && !micros ? UNPRICED : micros;
}

static struct error *no_money(const char *text)
{
	return error_hint(error_new(ERROR_INVALID, "'%s' is no amount", text),
			  "write dollars with up to six decimals, as 2.50");
}

struct error *money_parse(int64_t *out, const char *text)
{
	const char *p = text;
	size_t whole = strspn(p, "0123456789");
	int64_t micros = 0, unit = MILLION;

	if (!strcmp(text, "unpriced")) {
		*out = UNPRICED;
		return NULL;
	}
	/* Twelve digits and six decimals are below 2^63. */
	if (!whole || whole > 12)
		return no_money(text);
	while (whole--)
		micros = micros * 10 + (*p++ - '0');
	micros *= MILLION;
	if (*p == '.' && p[1])
		while (*++p >= '0' && *p <= '9' && unit > 1)
			micros += (*p - '0') * (unit /= 10);
	if (*p)
		return no_money(text);
	*out = micros;
	return NULL;
}

static struct error *amount(int64_t *out, const struct value *row,
			    const char *key)
{
	return money_parse(out, value_text(value_get(row, key), "1"));
}

/* Behind those that begin at fewer tokens. */
static void sort_last(struct price *price)
{
	struct tier *tiers = price->tiers.items;

	for (size_t i = price->tiers.len - 1;
	     i && tiers[i].above < tiers[i - 1].above; i--) {
		struct tier tier = tiers[i];

		tiers[i] = tiers[i - 1];
		tiers[i - 1] = tier;
	}
}

static struct error *read_tier(struct price *price, const struct value *row)
{
	struct tier *tier = PUSH(&price->tiers);

	tier->above = value_int(value_get(row, "above"), 0);
	TRY(amount(&tier->input, row, "input"));
	TRY(amount(&tier->output, row, "output"));
	sort_last(price);
	return NULL;
}

static struct error *read_row(struct price *price, const struct value *row)
{
	const char *from = value_text(value_get(row, "from"), "");

	price->model = xstrdup(value_text(value_get(row, "model"), ""));
	price->label = xasprintf("%s from %s", price->model, from);
	TRY(clock_parse(&price->from, from));
	TRY(amount(&price->cached, row, "cached"));
	TRY(amount(&price->cache_write, row, "cache_write"));
	TRY(read_tier(price, row));
	VALUE_EACH(it, value_get(row, "tiers"))
	TRY(read_tier(price, it));
	return NULL;
}

/* What the schema cannot say: days that exist, rows that are unlike. */
static void check_rows(struct findings *findings, const struct value *rows)
{
	VALUE_EACH(row, rows)
	{
		const struct value *from = value_get(row, "from");
		const struct value *model = value_get(row, "model");
		int64_t day;
		struct error *err = clock_parse(&day, value_text(from, ""));

		if (err)
			finding_hint(finding_add(findings, "date", from, "%s",
						 err->message),
				     "%s", err->hint);
		error_free(err);
		for (const struct value *it = rows->child; it != row;
		     it = it->next)
			if (value_equal(value_get(it, "model"), model) &&
			    value_equal(value_get(it, "from"), from))
				finding_add(findings, "duplicate", model,
					    "'%s' has two prices from %s",
					    value_text(model, ""),
					    value_text(from, ""));
	}
}

static struct error *check(struct findings *findings, const struct value *root)
{
	CLEANUP(schema_release) struct schema *schema = NULL;
	struct embed file;
	size_t before = findings->len;

	if (!embed_find(&file, "schema/prices.json"))
		BUG("the schema of prices is missing");
	TRY(schema_parse(&schema, file.path, file.data, file.len));
	schema_check(schema, root, findings);
	if (findings->len == before)
		check_rows(findings, value_get(root, "prices"));
	return NULL;
}

/* The document, or findings that say why it is none. */
static struct error *parse(struct tree *tree, const char *yaml, size_t len,
			   struct findings *findings)
{
	CLEANUP(yaml_fault_release) struct yaml_fault fault = YAML_FAULT_INIT;
	struct error *err = yaml_parse(tree, yaml, len, &fault);

	if (!err)
		return check(findings, tree->root);
	if (!error_is(err, ERROR_INVALID) || !fault.message)
		return err;
	error_free(err);
	struct finding *finding =
		finding_add(findings, "yaml", NULL, "%s", fault.message);
	finding->line = fault.line;
	finding->column = fault.column;
	if (fault.hint)
		finding_hint(finding, "%s", fault.hint);
	return NULL;
}

static struct error *first_of(const struct findings *findings)
{
	const struct finding *first = findings->items;

	return error_hint(error_new(ERROR_INVALID,
				    "the prices are not valid: line %u, column "
				    "%u: %s",
				    first->line, first->column, first->message),
			  "%s", first->hint ? first->hint : "mend the file");
}

static struct error *load(struct prices *prices, const char *yaml, size_t len,
			  struct findings *findings, int override)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	size_t before = findings->len;

	TRY(parse(&tree, yaml, len, findings));
	if (findings->len > before)
		return NULL;
	VALUE_EACH(row, value_get(tree.root, "prices"))
	{
		struct price *price = PUSH(&prices->rows);

		price->override = override;
		TRY(read_row(price, row));
	}
	return NULL;
}

struct error *prices_load(struct prices **out, const char *yaml, size_t len,
			  struct findings *findings)
{
	CLEANUP(prices_free) struct prices *prices = xcalloc(1, sizeof *prices);
	CLEANUP(findings_release) struct findings own = FINDINGS_INIT;
	struct embed file;

	if (!embed_find(&file, "prices.yaml"))
		BUG("the table of prices is missing");
	TRY(load(prices, file.data, file.len, &own, 0));
	if (yaml)
		TRY(load(prices, yaml, len, findings ? findings : &own, 1));
	if (own.len)
		return first_of(&own);
	*out = prices;
	prices = NULL;
	return NULL;
}

/* Tells whether rest is "-20261007" or "-2026-10-07". */
static int is_date(const char *rest)
{
	size_t i = 0;

	for (const char *form = strlen(rest) == 9 ? "-dddddddd" : "-dddd-dd-dd";
	     form[i]; i++)
		if (form[i] == 'd' ? rest[i] < '0' || rest[i] > '9'
				   : rest[i] != form[i])
			return 0;
	return !rest[i];
}

/* How well a row's name fits the model's; 0: not at all. */
static size_t fit(const char *name, const char *model)
{
	size_t len = strlen(name);
	int any = len && name[len - 1] == '*';

	if (any)
		return strncmp(name, model, len - 1) ? 0 : len;
	if (strncmp(name, model, len) != 0)
		return 0;
	return !model[len] ? 10000 : is_date(model + len) ? 5000 : 0;
}

/*
 * The name that fits best decides, then that the project's table goes before
 * ours, then the day: a model whose day has not come is unpriced.
 */
static const struct price *find(const struct prices *prices, const char *model,
				int64_t at)
{
	const struct price *found = NULL;
	size_t best = 0;

	if (!prices || !model)
		return NULL;
	FOR_EACH (const struct price, row, &prices->rows) {
		size_t fits =
			fit(row->model, model) * 2 + (size_t)row->override;

		if (fits > 1 && fits > best) {
			best = fits;
			found = NULL;
		}
		if (fits == best && best && row->from <= at &&
		    (!found || row->from > found->from))
			found = row;
	}
	return found;
}

const char *price_row(const struct prices *prices, const char *model,
		      int64_t at)
{
	const struct price *row = find(prices, model, at);

	return row ? row->label : NULL;
}

static int64_t tokens_of(int64_t n)
{
	return n < 0 ? 0 : n > MOST_TOKENS ? MOST_TOKENS : n;
}

static const struct tier *tier_of(const struct price *row, int64_t prompt)
{
	const struct tier *found = row->tiers.items;

	FOR_EACH (const struct tier, tier, &row->tiers)
		if (prompt > tier->above)
			found = tier;
	return found;
}

static wide part(int64_t tokens, int64_t price, int64_t times)
{
	return (wide)tokens * (wide)price * (wide)times;
}

static int64_t rounded_up(wide sum)
{
	const wide unit = (wide)MILLION * MILLION;
	wide micros = sum / unit + (sum % unit ? 1 : 0);

	return micros > INT64_MAX ? INT64_MAX : (int64_t)micros;
}

int64_t price_of(const struct prices *prices, const char *model,
		 const struct usage *usage, int64_t at)
{
	const struct price *row = find(prices, model, at);
	int64_t input = tokens_of(usage->input);
	int64_t cached = tokens_of(usage->cached);
	int64_t written = tokens_of(usage->cache_write);

	if (!row)
		return UNPRICED;
	const struct tier *tier = tier_of(row, input + cached + written);
	return rounded_up(
		part(input, tier->input, MILLION) +
		part(cached, tier->input, row->cached) +
		part(written, tier->input, row->cache_write) +
		part(tokens_of(usage->output), tier->output, MILLION));
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t price_most(const struct prices *prices, const char *model,
		   int64_t prompt_tokens, int64_t max_tokens, int64_t at)
{
	const struct price *row = find(prices, model, at);
	int64_t prompt = tokens_of(prompt_tokens);

	if (!row)
		return UNPRICED;
	const struct tier *tier = tier_of(row, prompt);
	int64_t times = larger(MILLION, larger(row->cached, row->cache_write));
	return rounded_up(part(prompt, tier->input, times) +
			  part(tokens_of(max_tokens), tier->output, MILLION));
}
