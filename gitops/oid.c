/* Object ids as bytes and as hex. */
#include "gitops/oid.h"

#include <string.h>

const struct oid oid_zero;

char *oid_hex(char out[OID_HEX], const struct oid *oid)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof oid->id; i++) {
		out[2 * i] = digits[oid->id[i] >> 4];
		out[2 * i + 1] = digits[oid->id[i] & 15];
	}
	out[OID_HEX - 1] = '\0';
	return out;
}

int oid_equal(const struct oid *a, const struct oid *b)
{
	return !memcmp(a->id, b->id, sizeof a->id);
}

int oid_is_zero(const struct oid *oid)
{
	return oid_equal(oid, &oid_zero);
}

/* The value of a hex digit in either case, or -1. */
static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct error *oid_parse(struct oid *out, const char *hex)
{
	struct oid oid;
	size_t len = strlen(hex);

	for (size_t i = 0; len == OID_HEX - 1 && i < sizeof oid.id; i++) {
		int high = digit(hex[2 * i]);
		int low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			len = 0;
		oid.id[i] = (unsigned char)((high & 15) << 4 | (low & 15));
	}
	if (len != OID_HEX - 1)
		return error_new(ERROR_INVALID, "'%.80s' is not an object id",
				 hex);
	*out = oid;
	return NULL;
}
