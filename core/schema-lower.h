/*
 * Reply schemas as providers take them in their strict modes.  A schema of
 * ours may use any keyword of core/schema.h; what a provider refuses is
 * rewritten or left out (and said in the description, where a model reads
 * it), and the full schema is applied to the reply in any case.
 *
 * Sources: OpenAI's guide "Structured Outputs", supported schemas, and
 * lib/transform of the openai SDK 6.49; Anthropic's guide "Structured outputs"
 * with its limits on complexity, and lib/transform-json-schema of
 * @anthropic-ai/sdk 1.11.
 */
#ifndef CORE_SCHEMA_LOWER_H
#define CORE_SCHEMA_LOWER_H

#include "core/value.h"

/* What a strict mode allows; 0 in a limit: none is known. */
struct schema_dialect {
	const char *driver; /* "openai", "anthropic" */
	const char *const *keywords; /* that are let through, to NULL */
	int all_required; /* an optional property becomes nullable instead */
	int recursion; /* $ref may lead back to itself */
	int many_items; /* minItems beyond 1, maxItems */
	int max_depth; /* objects within objects, $ref followed */
	int max_properties;
	int max_optional; /* properties that are not required */
	int max_unions; /* nodes with anyOf or several types */
	int max_enum; /* values of enum in all */
	int max_text; /* bytes of names and enum values in all */
};
/* NULL: a driver without a strict mode. */
const struct schema_dialect *schema_dialect(const char *driver);

/*
 * The lowered copy, owned by out.  ERROR_INVALID names the place of what the
 * strict mode has no way to say: values of any kind, free keys, recursion,
 * more than its limits.  Such a schema has to be asked for in the prompt.
 */
struct error *schema_lower(struct tree *out, const struct value *schema,
			   const char *driver) MUST_USE;
/*
 * NULL when it is within what the dialect allows; for the table test, and
 * written without the code that lowers.
 */
struct error *schema_lowered(const struct value *schema, const char *driver)
	MUST_USE;
/*
 * Takes out of a reply the nulls that stand for absent members because of
 * all_required: those of optional properties that are not nullable in schema,
 * which is the full one.
 */
void schema_unlower(struct tree *reply, const struct value *schema);

#endif
