#include "tests/unit/test.h"

#include "core/dialect.h"

static const struct capability *find(const char *driver, const char *model)
{
	return capability_find(driver, model);
}

static void every_model_the_sdks_name_has_a_row_of_its_vendor(void **state)
{
	static const struct {
		const char *driver, *model;
		int sampling;
		const char *effort; /* the highest; NULL: none */
		int adaptive, forced, schema;
		int64_t max_output, context;
	} rows[] = {
		{ "anthropic", "claude-sonnet-4-5-20250929", 1, NULL, 0, 1, 1,
		  64000, 200000 },
		{ "anthropic", "claude-haiku-4-5", 1, NULL, 0, 1, 1, 64000,
		  200000 },
		{ "anthropic", "claude-opus-4-5-20251101", 1, "high", 0, 1, 1,
		  64000, 200000 },
		{ "anthropic", "claude-opus-4-6", 1, "max", 1, 1, 1, 128000,
		  200000 },
		{ "anthropic", "claude-opus-4-7", 0, "max", 1, 1, 1, 128000,
		  1000000 },
		{ "anthropic", "claude-opus-5", 0, "max", 1, 0, 1, 128000,
		  1000000 },
		{ "anthropic", "claude-opus-5-5", 0, "max", 1, 0, 1, 128000,
		  1000000 },
		{ "anthropic", "claude-fable-5", 0, "max", 1, 0, 1, 128000,
		  1000000 },
		{ "anthropic", "claude-fable-5-2", 0, "max", 1, 0, 1, 128000,
		  1000000 },
		{ "anthropic", "claude-mythos-5-1", 0, "max", 1, 0, 1, 128000,
		  1000000 },
		{ "anthropic", "claude-sonnet-5-5", 0, "max", 1, 0, 1, 128000,
		  1000000 },
		{ "anthropic", "claude-haiku-5-5", 0, "max", 1, 0, 1, 128000,
		  1000000 },
		{ "anthropic", "claude-3-opus-20240229", 1, NULL, 0, 1, 0, 4096,
		  200000 },
		{ "anthropic", "us.anthropic.claude-opus-4-5-v1:0", 1, "high",
		  0, 1, 1, 64000, 200000 },
		{ "openai", "gpt-4.1-mini", 1, NULL, 0, 1, 1, 32768, 1047576 },
		{ "openai", "gpt-4o-2024-08-06", 1, NULL, 0, 1, 1, 16384,
		  128000 },
		{ "openai", "gpt-4", 1, NULL, 0, 1, 0, 4096, 8192 },
		{ "openai", "gpt-4-turbo", 1, NULL, 0, 1, 0, 4096, 128000 },
		{ "openai", "o3-mini", 0, "high", 0, 1, 1, 100000, 200000 },
		{ "openai", "o1-mini", 0, NULL, 0, 1, 0, 65536, 128000 },
		{ "openai", "gpt-5", 0, "high", 0, 1, 1, 128000, 400000 },
		{ "openai", "gpt-5-chat-latest", 1, NULL, 0, 1, 1, 16384,
		  128000 },
		{ "openai", "gpt-5.2-chat-latest", 1, NULL, 0, 1, 1, 16384,
		  128000 },
		{ "openai", "gpt-5-pro", 0, "high", 0, 1, 1, 272000, 400000 },
		{ "openai", "gpt-5.1-codex-max", 0, "xhigh", 0, 1, 1, 128000,
		  400000 },
		{ "openai", "gpt-5.1-codex", 0, "high", 0, 1, 1, 128000,
		  400000 },
		{ "openai", "gpt-5.4-mini", 0, "xhigh", 0, 1, 1, 128000,
		  400000 },
		{ "openai", "gpt-5.4", 0, "xhigh", 0, 1, 1, 128000, 1050000 },
		{ "openai", "gpt-5.6-sol", 0, "max", 0, 1, 1, 128000, 1050000 },
		{ "openai", "openai/gpt-6.1-terra", 0, "max", 0, 1, 1, 128000,
		  1050000 },
		{ "openai", "gpt-oss:20b", 1, "high", 0, 1, 1, 32768, 131072 },
		{ "openai", "Qwen/Qwen3-32B", 1, NULL, 0, 1, 0, 16384, 128000 },
		{ "command", "claude-opus-5-5", 1, NULL, 0, 1, 0, 16384,
		  128000 },
		{ "openai", "", 1, NULL, 0, 1, 0, 16384, 128000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct capability *can =
			find(rows[i].driver, rows[i].model);
		char effort[16] = "";
		int takes =
			capability_effort(effort, sizeof effort, can, "max");

		if (can->sampling != rows[i].sampling ||
		    takes != !!rows[i].effort ||
		    can->adaptive != rows[i].adaptive ||
		    can->forced != rows[i].forced ||
		    can->output_schema != rows[i].schema ||
		    can->max_output != rows[i].max_output ||
		    can->context != rows[i].context)
			fail_msg("%s: got row %s", rows[i].model, can->model);
		if (takes)
			same(effort, rows[i].effort);
	}
}

static void an_effort_is_lowered_to_one_the_model_takes(void **state)
{
	static const struct {
		const char *driver, *model, *wanted, *becomes;
	} rows[] = {
		{ "anthropic", "claude-opus-4-5", "medium", "medium" },
		{ "anthropic", "claude-opus-4-5", "max", "high" },
		{ "anthropic", "claude-opus-4-6", "xhigh", "high" },
		{ "anthropic", "claude-opus-5-5", "none", "low" },
		{ "anthropic", "claude-opus-5-5", "minimal", "low" },
		{ "openai", "gpt-5-pro", "low", "high" },
		{ "openai", "gpt-5", "minimal", "minimal" },
		{ "openai", "gpt-5", "none", "minimal" },
		{ "openai", "gpt-5.1", "minimal", "none" },
		{ "openai", "gpt-5.6-luna", "max", "max" },
		{ "openai", "gpt-4o", "high", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char effort[16] = "";
		int takes = capability_effort(
			effort, sizeof effort,
			find(rows[i].driver, rows[i].model), rows[i].wanted);

		assert_int_equal(takes, rows[i].becomes != NULL);
		if (takes)
			same(effort, rows[i].becomes);
	}
}

static void a_recording_can_what_its_model_can(void **state)
{
	(void)state;
	assert_ptr_equal(find("replay", "claude-opus-5"),
			 find("anthropic", "claude-opus-5"));
	assert_ptr_equal(find("replay", "gpt-5.1"), find("openai", "gpt-5.1"));
	assert_ptr_equal(find("replay", "llama"), find("openai", "llama"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_model_the_sdks_name_has_a_row_of_its_vendor),
		cmocka_unit_test(an_effort_is_lowered_to_one_the_model_takes),
		cmocka_unit_test(a_recording_can_what_its_model_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
