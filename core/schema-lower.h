/*
 * Reply schemas as providers take them in their strict modes.  A schema of
 * ours may use any keyword of core/schema.h; what a provider refuses is
 * rewritten or left out, and the full schema is applied to the reply in any
 * case.
 */
#ifndef CORE_SCHEMA_LOWER_H
#define CORE_SCHEMA_LOWER_H

#include "core/value.h"

/*
 * What a strict mode allows.  openai: every property required (an optional one
 * becomes nullable), additionalProperties false, no minLength and the like on
 * older models, at most 5,000 properties and 10 levels; anthropic: no
 * recursion, no numeric or length limits.
 */
struct schema_dialect {
	const char *driver;
	const char *const *keywords; /* that are let through, to NULL */
	int all_required;
	int local_refs; /* $ref into $defs may stay */
	int max_depth;
	int max_properties;
};
const struct schema_dialect *schema_dialect(const char *driver);

/* The lowered copy, owned by out. */
struct error *schema_lower(struct tree *out, const struct value *schema,
			   const char *driver) MUST_USE;
/* NULL when it is within what the dialect allows; for the table test. */
struct error *schema_lowered(const struct value *schema, const char *driver)
	MUST_USE;
/*
 * Takes out of a reply the nulls that stand for absent members because of
 * all_required.
 */
void schema_unlower(struct tree *reply, const struct value *schema);

#endif
