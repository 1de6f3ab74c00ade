/*
 * How scalars read under a schema: YAML has only their text and the way they
 * are quoted.  Shared by the check and by schema_apply().
 */
#ifndef CORE_SCHEMA_TYPE_H
#define CORE_SCHEMA_TYPE_H

#include "core/schema.h"

/* A scalar of YAML, which has no type of its own yet. */
int type_is_yaml(const struct value *value);
/* Null as text is concerned: nothing at all; the word `null` is text. */
int type_is_empty(const struct value *value);
/* Is it a finite number?  Then *out is set. */
int type_number(double *out, const struct value *value);
/*
 * Which of the types a node allows the value has, "" when it allows any, NULL
 * when it has none of them.  $ref is not followed.
 */
const char *type_fitting(const struct value *node, const struct value *value);
/* Is value what stands in the schema, under enum or const? */
int type_is_constant(const struct value *constant, const struct value *value);

/* schema_check() of a value against one node of the schema. */
void schema_check_node(const struct schema *schema, const struct value *node,
		       const struct value *value, struct findings *out);

#endif
