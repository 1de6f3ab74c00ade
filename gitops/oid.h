/* Object ids: SHA-1, twenty bytes.  Repositories with others are refused. */
#ifndef GITOPS_OID_H
#define GITOPS_OID_H

#include "core/error.h"

#define OID_HEX 41

struct oid {
	unsigned char id[20];
};

extern const struct oid oid_zero; /* "none", as git writes it */

/* Writes lower-case hex and a NUL; returns out. */
char *oid_hex(char out[OID_HEX], const struct oid *oid);
int oid_equal(const struct oid *a, const struct oid *b);
int oid_is_zero(const struct oid *oid);
/* Forty hex digits exactly. */
struct error *oid_parse(struct oid *out, const char *hex) MUST_USE;

#endif
