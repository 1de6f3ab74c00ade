/* The nodes of a schema, for schema-lower.c and schema-unlower.c. */
#ifndef CORE_SCHEMA_NODE_H
#define CORE_SCHEMA_NODE_H

#include "core/value.h"

/* What "#/$defs/<name>" names; NULL: nothing, or it is another form. */
const struct value *node_target(const struct value *root, const char *ref);
/* Behind every $ref; NULL when one leads nowhere or in a circle. */
const struct value *node_follow(const struct value *root,
				const struct value *node);
/* Tells whether a type, or a list of them, has this one. */
int node_has_type(const struct value *type, const char *name);
/* Tells whether null is in a list. */
int node_has_null(const struct value *list);
/* Tells whether null passes the node. */
int node_admits_null(const struct value *root, const struct value *node);
/* Tells whether an object's node requires the member. */
int node_requires(const struct value *node, const char *key);
/* The word of JSON Schema for a value's type. */
const char *node_type_of(const struct value *value);

#endif
