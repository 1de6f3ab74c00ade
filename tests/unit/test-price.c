/* What calls cost: by model, day, cache and length, to the micro-dollar. */
#include "tests/unit/test.h"

#include "core/clock.h"
#include "core/embed.h"
#include "core/price.h"
#include "core/yaml.h"

#define HEAD "version: 1\nprices:\n"

static int64_t day(const char *text)
{
	int64_t at = 0;

	ok(clock_parse(&at, text));
	return at;
}

static struct prices *built_in(void)
{
	struct prices *prices = NULL;

	ok(prices_load(&prices, NULL, 0, NULL));
	return prices;
}

static struct prices *with(const char *yaml)
{
	struct prices *prices = NULL;

	ok(prices_load(&prices, yaml, strlen(yaml), NULL));
	return prices;
}

static int64_t cost(const struct prices *prices, const char *model,
		    struct usage usage, const char *at)
{
	return price_of(prices, model, &usage, day(at));
}

#define MTOK 1000000

static const struct {
	const char *model;
	const char *at;
	struct usage usage; /* input, cached, written, output */
	int64_t micros;
} published[] = {
	{ "claude-opus-5-5", "2026-11-20", { .input = MTOK }, 4000000 },
	{ "claude-opus-5-5", "2026-11-20", { .output = MTOK }, 20000000 },
	{ "claude-opus-5-5", "2026-11-20", { .cached = MTOK }, 200000 },
	{ "claude-opus-5-5", "2026-11-20", { .cache_write = MTOK }, 5000000 },
	{ "claude-fable-5-1", "2026-11-20", { .cached = MTOK }, 250000 },
	{ "claude-opus-5", "2026-11-20", { .cached = MTOK }, 500000 },
	{ "claude-sonnet-5-5",
	  "2026-10-06T23:59:59Z",
	  { .cached = MTOK },
	  200000 },
	{ "claude-sonnet-5-5", "2026-10-07", { .cached = MTOK }, 100000 },
	{ "claude-haiku-5-5",
	  "2026-11-20",
	  { .input = 100000, .output = 1000 },
	  10500 },
	{ "claude-haiku-5-5",
	  "2026-11-20",
	  { .input = 100001, .output = 1000 },
	  52501 },
	{ "claude-haiku-5-5",
	  "2026-11-20",
	  { .input = 1, .cached = 100000 },
	  5001 },
	{ "gpt-6.1-terra", "2026-11-20", { .cached = MTOK }, 100000 },
	{ "gpt-6.1-terra",
	  "2026-11-20",
	  { .input = 272000, .output = 1000 },
	  277000 },
	{ "gpt-6.1-terra",
	  "2026-11-20",
	  { .input = 272001, .output = 1000 },
	  551502 },
	{ "gpt-6-luna", "2026-11-20", { .cache_write = 8 }, 1 },
	/* Reasoning is part of the output and not paid again. */
	{ "gpt-6.1-sol",
	  "2026-11-20",
	  { .output = 100, .reasoning = 90 },
	  1000 },
};

static void the_published_prices_come_out(void **state)
{
	CLEANUP(prices_free) struct prices *prices = built_in();
	size_t n = sizeof published / sizeof *published;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		int64_t got = cost(prices, published[i].model,
				   published[i].usage, published[i].at);

		if (got != published[i].micros)
			fail_msg("%zu, %s: %lld, not %lld", i,
				 published[i].model, (long long)got,
				 (long long)published[i].micros);
	}
	print_message("prices: %zu/%zu\n", n, n);
}

static void a_model_nobody_knows_is_unpriced_not_free(void **state)
{
	static const char *const models[] = {
		"claude-opus-9",
		"",
		"claude-opus-5-5x",
		"claude-opus-5-5-2026100",
		"claude-opus-5-5-2026-10-7",
		"claude-opus-5-5-20261007-x",
		"claude-opus-5-5-abcdefgh",
		"anthropic/claude-opus-5-5",
		"Claude-Opus-5-5",
	};
	CLEANUP(prices_free) struct prices *prices = built_in();
	const struct usage usage = { .input = 1 };
	int64_t at = day("2026-11-20");

	(void)state;
	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		assert_int_equal(price_of(prices, models[i], &usage, at),
				 UNPRICED);
		assert_int_equal(price_most(prices, models[i], 1, 1, at),
				 UNPRICED);
		assert_null(price_row(prices, models[i], at));
	}
	assert_int_equal(price_of(NULL, "claude-opus-5-5", &usage, at),
			 UNPRICED);
	assert_int_equal(price_of(prices, NULL, &usage, at), UNPRICED);
	assert_null(price_row(NULL, "claude-opus-5-5", at));
}

static void before_its_first_day_a_model_is_unpriced(void **state)
{
	CLEANUP(prices_free) struct prices *prices = built_in();

	(void)state;
	assert_null(price_row(prices, "gpt-6.1-terra",
			      day("2026-10-25T23:59:59Z")));
	same(price_row(prices, "gpt-6.1-terra", day("2026-10-26")),
	     "gpt-6.1-terra from 2026-10-26");
}

static void dated_names_have_the_price_of_their_model(void **state)
{
	CLEANUP(prices_free) struct prices *prices = built_in();
	int64_t at = day("2026-11-20");

	(void)state;
	same(price_row(prices, "claude-sonnet-5-5-20261007", at),
	     "claude-sonnet-5-5 from 2026-10-07");
	same(price_row(prices, "claude-sonnet-5-5-2026-10-07", at),
	     "claude-sonnet-5-5 from 2026-10-07");
	/* The longer name, not the shorter with something behind it. */
	same(price_row(prices, "claude-opus-5-5", at),
	     "claude-opus-5-5 from 2026-10-01");
	same(price_row(prices, "claude-opus-5", at),
	     "claude-opus-5 from 2026-07-24");
}

static void an_override_replaces_a_model_and_no_other(void **state)
{
	CLEANUP(prices_free)
	struct prices *prices = with(HEAD "  - model: claude-sonnet-5-5\n"
					  "    from: 2026-11-01\n"
					  "    input: \"1\"\n"
					  "    output: 5.5\n");
	const struct usage usage = { .input = MTOK, .output = MTOK };

	(void)state;
	assert_int_equal(cost(prices, "claude-sonnet-5-5", usage, "2026-11-20"),
			 6500000);
	/* The built-in rows of the model are gone, the earlier ones too. */
	assert_int_equal(cost(prices, "claude-sonnet-5-5", usage, "2026-10-31"),
			 UNPRICED);
	assert_int_equal(cost(prices, "claude-opus-5-5", usage, "2026-11-20"),
			 24000000);
	/* Where nothing is said the cache costs as much as what is read. */
	const struct usage cached = { .cached = MTOK, .cache_write = MTOK };
	assert_int_equal(
		cost(prices, "claude-sonnet-5-5", cached, "2026-11-20"),
		2000000);
}

static void a_star_prices_what_has_no_name_of_its_own(void **state)
{
	CLEANUP(prices_free)
	struct prices *prices =
		with(HEAD "  - {model: \"*\", from: 2026-01-01, input: \"9\","
			  " output: \"9\"}\n"
			  "  - {model: local-*, from: 2026-01-01, input: \"0\","
			  " output: \"0\"}\n");
	int64_t at = day("2026-11-20");

	(void)state;
	same(price_row(prices, "local-7b", at), "local-* from 2026-01-01");
	same(price_row(prices, "other", at), "* from 2026-01-01");
	same(price_row(prices, "claude-opus-5-5", at),
	     "claude-opus-5-5 from 2026-10-01");
	assert_int_equal(price_most(prices, "local-7b", MTOK, MTOK, at), 0);
}

static void tiers_may_stand_in_any_order(void **state)
{
	CLEANUP(prices_free)
	struct prices *prices = with(
		HEAD "  - model: m\n    from: 2026-01-01\n"
		     "    input: \"1\"\n    output: \"1\"\n    tiers:\n"
		     "      - {above: 300, input: \"3\", output: \"3\"}\n"
		     "      - {above: 100, input: \"2\", output: \"2\"}\n");
	static const int64_t prompts[] = { 100, 101, 300, 301 };
	static const int64_t micros[] = { 100, 202, 600, 903 };

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(price_most(prices, "m", prompts[i], 0,
					    day("2026-11-20")),
				 micros[i]);
}

static void the_most_takes_the_dearest_way_to_read(void **state)
{
	CLEANUP(prices_free) struct prices *prices = built_in();
	int64_t at = day("2026-11-20");

	(void)state;
	assert_int_equal(price_most(prices, "claude-opus-5-5", MTOK, MTOK, at),
			 25000000);
	assert_int_equal(price_most(prices, "gpt-6-astra", MTOK, MTOK, at),
			 60000000);
}

static void sums_are_rounded_up_once(void **state)
{
	CLEANUP(prices_free)
	struct prices *prices =
		with(HEAD "  - {model: m, from: 2026-01-01, input: \"0.1\","
			  " output: \"0.1\", cached: \"0.000001\"}\n");

	(void)state;
	/* 0.1 + 0.1 micro-dollars are 1, not 2. */
	assert_int_equal(cost(prices, "m",
			      (struct usage){ .input = 1, .output = 1 },
			      "2026-11-20"),
			 1);
	assert_int_equal(
		cost(prices, "m", (struct usage){ .cached = 1 }, "2026-11-20"),
		1);
	assert_int_equal(
		cost(prices, "m", (struct usage){ .input = 0 }, "2026-11-20"),
		0);
	assert_int_equal(
		cost(prices, "m", (struct usage){ .input = 10 }, "2026-11-20"),
		1);
	assert_int_equal(
		cost(prices, "m", (struct usage){ .input = 11 }, "2026-11-20"),
		2);
}

static void no_count_overflows_or_earns_money(void **state)
{
	CLEANUP(prices_free)
	struct prices *prices = with(HEAD "  - {model: m, from: 2026-01-01,"
					  " input: \"999999.999999\","
					  " output: \"999999.999999\","
					  " cached: \"999.999999\","
					  " cache_write: \"999.999999\"}\n");
	const struct usage all = { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX,
				   INT64_MAX };
	const struct usage below = { -1, INT64_MIN, -1, -1, -1 };

	(void)state;
	assert_int_equal(cost(prices, "m", all, "2026-11-20"), INT64_MAX);
	assert_int_equal(cost(prices, "m", below, "2026-11-20"), 0);
	assert_int_equal(price_most(prices, "m", INT64_MAX, INT64_MAX,
				    day("2026-11-20")),
			 INT64_MAX);
	/* Close to the end: exact. */
	assert_int_equal(cost(prices, "m", (struct usage){ .input = 1 << 20 },
			      "2026-11-20"),
			 (int64_t)(1 << 20) * 1000000 - 1);
}

static void a_bad_override_is_refused_with_every_place(void **state)
{
	static const struct {
		const char *yaml;
		const char *rule;
		unsigned line, column;
		const char *message;
	} cases[] = {
		{ "version: 1\nprices: {", "yaml", 3, 0, "node" },
		{ HEAD "  - {model: m, from: 2026-01-01, input: \"1\"}\n",
		  "missing-key", 3, 5, "output" },
		{ HEAD "  - model: m\n    from: 2026-01-01\n    input: \"1\"\n"
		       "    output: \"1\"\n    cache: \"1\"\n",
		  "unknown-key", 7, 5, "cache" },
		{ HEAD "  - model: m\n    from: 2026-01-01\n    input: \"-1\"\n"
		       "    output: \"1\"\n",
		  "pattern", 5, 12, "" },
		{ HEAD "  - model: m\n    from: 2026-01-01\n"
		       "    input: \"0.0000001\"\n    output: \"1\"\n",
		  "pattern", 5, 12, "" },
		{ HEAD "  - model: m\n    from: 2026-02-30\n    input: \"1\"\n"
		       "    output: \"1\"\n",
		  "date", 4, 11, "2026-02-30" },
		{ HEAD "  - model: m*x\n    from: 2026-02-03\n"
		       "    input: \"1\"\n    output: \"1\"\n",
		  "pattern", 3, 12, "" },
		{ HEAD "  - &a {model: m}\n", "yaml", 3, 5, "anchor" },
		{ HEAD "  - {model: m, from: 2026-01-01, input: \"1\","
		       " output: \"1\"}\n"
		       "  - {model: m, from: 2026-01-01, input: \"2\","
		       " output: \"1\"}\n",
		  "duplicate", 4, 13, "'m' has two prices" },
		{ "", "type", 0, 0, "" },
	};
	size_t n = sizeof cases / sizeof *cases;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		CLEANUP(findings_release)
		struct findings findings = FINDINGS_INIT;
		struct prices *prices = NULL;

		ok(prices_load(&prices, cases[i].yaml, strlen(cases[i].yaml),
			       &findings));
		assert_null(price_row(prices, "m", INT64_MAX));
		assert_non_null(
			price_row(prices, "claude-opus-5-5", INT64_MAX));
		prices_free(&prices);
		assert_int_equal(findings.len, 1);
		const struct finding *one = findings.items;
		if (strcmp(one->rule, cases[i].rule) != 0 ||
		    one->line != cases[i].line ||
		    (cases[i].column && one->column != cases[i].column) ||
		    !strstr(one->message, cases[i].message))
			fail_msg("%zu: %u:%u: %s: %s", i, one->line,
				 one->column, one->rule, one->message);
		fails(ERROR_INVALID, "line",
		      prices_load(&prices, cases[i].yaml, strlen(cases[i].yaml),
				  NULL));
	}
	print_message("faults: %zu/%zu\n", n, n);
}

static void all_findings_are_given_not_only_the_first(void **state)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	struct prices *prices = NULL;
	const char *yaml = HEAD "  - {model: m, from: x, input: y,"
				" output: z}\n";

	(void)state;
	ok(prices_load(&prices, yaml, strlen(yaml), &findings));
	prices_free(&prices);
	assert_int_equal(findings.len, 3);
}

static void every_built_in_row_names_its_source(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct embed file;
	size_t n = 0;

	(void)state;
	assert_true(embed_find(&file, "prices.yaml"));
	ok(yaml_parse(&tree, file.data, file.len, NULL));
	VALUE_EACH(row, value_get(tree.root, "prices"))
	{
		assert_true(*value_text(value_get(row, "source"), ""));
		n++;
	}
	assert_true(n > 15);
}

static void money_is_printed_and_read_exactly(void **state)
{
	static const struct {
		int64_t micros;
		const char *text;
	} cases[] = {
		{ 0, "0.000000" },
		{ 1, "0.000001" },
		{ 421000, "0.421000" },
		{ 2500000, "2.500000" },
		{ 999999999999999999, "999999999999.999999" },
		{ UNPRICED, "unpriced" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[MONEY_TEXT];
		int64_t micros = 7;

		money_format(text, sizeof text, cases[i].micros);
		same(text, cases[i].text);
		ok(money_parse(&micros, text));
		assert_int_equal(micros, cases[i].micros);
	}
	char most[MONEY_TEXT];
	money_format(most, sizeof most, INT64_MAX);
	same(most, "9223372036854.775807");
}

static void what_is_no_amount_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"-1",
		"+1",
		"1.",
		".5",
		"1.0000000",
		"1,5",
		"1e3",
		" 1",
		"1 ",
		"0x1",
		"1.5.5",
		"free",
		"nan",
		"inf",
		"1.2.",
		"1000000000000000",
		"unpriced ",
	};
	int64_t micros = 7;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		fails(ERROR_INVALID, "is no amount",
		      money_parse(&micros, bad[i]));
	assert_int_equal(micros, 7);
	ok(money_parse(&micros, "20"));
	assert_int_equal(micros, 20000000);
	ok(money_parse(&micros, "0.5"));
	assert_int_equal(micros, 500000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_prices_come_out),
		cmocka_unit_test(a_model_nobody_knows_is_unpriced_not_free),
		cmocka_unit_test(before_its_first_day_a_model_is_unpriced),
		cmocka_unit_test(dated_names_have_the_price_of_their_model),
		cmocka_unit_test(an_override_replaces_a_model_and_no_other),
		cmocka_unit_test(a_star_prices_what_has_no_name_of_its_own),
		cmocka_unit_test(tiers_may_stand_in_any_order),
		cmocka_unit_test(the_most_takes_the_dearest_way_to_read),
		cmocka_unit_test(sums_are_rounded_up_once),
		cmocka_unit_test(no_count_overflows_or_earns_money),
		cmocka_unit_test(a_bad_override_is_refused_with_every_place),
		cmocka_unit_test(all_findings_are_given_not_only_the_first),
		cmocka_unit_test(every_built_in_row_names_its_source),
		cmocka_unit_test(money_is_printed_and_read_exactly),
		cmocka_unit_test(what_is_no_amount_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
