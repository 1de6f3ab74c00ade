/* Object ids are forty hex digits, and nothing else is one. */
#include "tests/unit/test.h"

#include "gitops/oid.h"

static const char hex[] = "0123456789abcdef0123456789abcdef01234567";

static void an_id_survives_hex_and_back(void **state)
{
	struct oid oid;
	char out[OID_HEX];

	(void)state;
	ok(oid_parse(&oid, hex));
	same(oid_hex(out, &oid), hex);
	assert_int_equal(oid.id[0], 0x01);
	assert_int_equal(oid.id[19], 0x67);
}

static void upper_case_is_read_and_lower_case_written(void **state)
{
	struct oid oid;
	char out[OID_HEX];

	(void)state;
	ok(oid_parse(&oid, "0123456789ABCDEF0123456789ABCDEF01234567"));
	same(oid_hex(out, &oid), hex);
}

static void what_is_not_forty_hex_digits_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"0",
		"0123456789abcdef0123456789abcdef0123456",
		"0123456789abcdef0123456789abcdef012345678",
		"0123456789abcdef0123456789abcdef0123456g",
		"g123456789abcdef0123456789abcdef01234567",
		" 123456789abcdef0123456789abcdef01234567",
		"-123456789abcdef0123456789abcdef01234567",
		"refs/heads/main",
	};
	struct oid oid;

	(void)state;
	memset(&oid, 7, sizeof oid);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		fails(ERROR_INVALID, "is not an object id",
		      oid_parse(&oid, bad[i]));
	assert_int_equal(oid.id[0], 7);
	assert_int_equal(oid.id[19], 7);
}

static void only_the_zero_id_is_zero(void **state)
{
	struct oid oid = { { 0 } };

	(void)state;
	assert_true(oid_is_zero(&oid));
	assert_true(oid_equal(&oid, &oid_zero));
	for (size_t i = 0; i < sizeof oid.id; i++) {
		oid.id[i] = 1;
		assert_false(oid_is_zero(&oid));
		assert_false(oid_equal(&oid, &oid_zero));
		oid.id[i] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_survives_hex_and_back),
		cmocka_unit_test(upper_case_is_read_and_lower_case_written),
		cmocka_unit_test(what_is_not_forty_hex_digits_is_refused),
		cmocka_unit_test(only_the_zero_id_is_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
