/*
 * The secret scan: rules as data (templates/secrets.yaml: id, title, regex,
 * keywords looked for first, least entropy), applied to what is sent, stored,
 * shared and printed.  The text is passed over once; a rule's regex is tried
 * only near its keywords, and what it matches (from its \K on) is the secret.
 */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include "core/schema.h"

struct secrets; /* the compiled rules, and what is allowed */

/* What is known to be none, and why: either pattern may be NULL, not both. */
struct secret_allow {
	char *path; /* glob */
	char *pattern; /* regex on the secret itself */
	char *reason;
};
struct secret_allows {
	struct secret_allow *items;
	size_t len, cap;
};
void secret_allows_release(struct secret_allows *allows);

/*
 * The built-in rules, and what everybody knows to be none.  allows may be
 * NULL; it is not needed any more afterwards.  A pattern or glob in it that is
 * wrong is ERROR_INVALID.
 */
struct error *secrets_load(struct secrets **out,
			   const struct secret_allows *allows) MUST_USE;
void secrets_free(struct secrets **secrets); /* for CLEANUP */

/*
 * A value known to be secret (a key in use): redacted wherever it stands, under
 * the name "known", whatever is allowed.  NULL and what is shorter than eight
 * bytes is passed over: it would stand in any text.
 */
void secrets_know(struct secrets *secrets, const char *value);

struct secret {
	const char *rule; /* its id */
	const char *title;
	size_t start, end; /* bytes of the secret */
	unsigned line, column;
};
struct secret_hits {
	struct secret *items;
	size_t len, cap;
};
/*
 * In the order of the text, none within another.  path: for the allowlist, may
 * be NULL.  Binary content gives none: a NUL in its first 8,000 bytes.
 */
struct error *secrets_scan(struct secret_hits *out,
			   const struct secrets *secrets, const char *path,
			   const char *text, size_t len) MUST_USE;
void secret_hits_release(struct secret_hits *hits);

/*
 * Adds text to out with every secret replaced by "[redacted:<rule>]", binary or
 * not; what is allowed for a path is redacted here.  On an error (a rule that
 * ran away) nothing of the text is added.
 */
struct error *secrets_redact(struct buf *out, const struct secrets *secrets,
			     const char *text, size_t len) MUST_USE;
/*
 * The same of values known to be secret, and of nothing that only looks like
 * one; of a text that was cut, also of one that begins at its end.  secrets
 * NULL: none is known.
 */
void secrets_redact_known(struct buf *out, const struct secrets *secrets,
			  const char *text, size_t len);

#endif
