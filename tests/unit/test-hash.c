/* The digests agree with the examples of their standards. */
#include "tests/unit/test.h"

#include "core/hash.h"

static void sha256_gives_the_digests_of_the_standard(void **state)
{
	/* FIPS 180-4 examples of NIST. */
	static const char *const rows[][2] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb924"
		      "27ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223"
			 "b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039"
		  "a33ce45964ff2167f6ecedd419db06c1" },
	};
	char hex[SHA256_HEX];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		sha256_of(rows[i][0], strlen(rows[i][0]), hex);
		same(hex, rows[i][1]);
	}
}

static void a_million_bytes_hash_in_pieces_of_any_size(void **state)
{
	static const size_t sizes[] = { 1, 55, 63, 64, 65, 1000, 8191 };
	char piece[8191], hex[SHA256_HEX];

	(void)state;
	memset(piece, 'a', sizeof piece);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct sha256 hash;

		sha256_init(&hash);
		for (size_t left = 1000000; left;) {
			size_t n = left < sizes[i] ? left : sizes[i];

			sha256_add(&hash, piece, n);
			left -= n;
		}
		sha256_hex(&hash, hex);
		same(hex, "cdc76e5c9914fb9281a1c7e284d73e67"
			  "f1809a48a497200e046d39ccc7112cd0");
	}
}

static void every_length_around_a_block_is_padded_apart(void **state)
{
	char zeros[130] = { 0 };
	char seen[130][SHA256_HEX];

	(void)state;
	for (size_t i = 0; i < sizeof zeros; i++) {
		sha256_of(zeros, i, seen[i]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
	}
}

static void crc32c_gives_the_check_values_of_the_rfc(void **state)
{
	unsigned char bytes[32];

	(void)state;
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	/* RFC 3720, B.4 */
	memset(bytes, 0, sizeof bytes);
	assert_int_equal(crc32c(0, bytes, sizeof bytes), 0x8a9136aa);
	memset(bytes, 0xff, sizeof bytes);
	assert_int_equal(crc32c(0, bytes, sizeof bytes), 0x62a8ab43);
}

static void crc32c_goes_on_from_an_earlier_result(void **state)
{
	(void)state;
	assert_int_equal(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
	assert_int_equal(crc32c(0, "", 0), 0);
}

static void random_bytes_differ_each_time(void **state)
{
	unsigned char a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	random_bytes(a, sizeof a);
	random_bytes(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_gives_the_digests_of_the_standard),
		cmocka_unit_test(a_million_bytes_hash_in_pieces_of_any_size),
		cmocka_unit_test(every_length_around_a_block_is_padded_apart),
		cmocka_unit_test(crc32c_gives_the_check_values_of_the_rfc),
		cmocka_unit_test(crc32c_goes_on_from_an_earlier_result),
		cmocka_unit_test(random_bytes_differ_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
