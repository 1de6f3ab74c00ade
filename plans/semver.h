/* Versions as Semantic Versioning 2.0.0 has them (https://semver.org). */
#ifndef PLANS_SEMVER_H
#define PLANS_SEMVER_H

#include <stdint.h>

#define SEMVER_PRE  64
#define SEMVER_TEXT 128

struct semver {
	int64_t major, minor, patch;
	char pre[SEMVER_PRE]; /* "rc.1"; "": none */
};

/* 0 when text is none; build metadata ("+…") is not taken. */
int semver_parse(struct semver *out, const char *text);
void semver_text(char out[SEMVER_TEXT], const struct semver *version);
/* Precedence, section 11: below, at or above 0. */
int semver_compare(const struct semver *a, const struct semver *b);

enum bump { BUMP_PATCH, BUMP_MINOR, BUMP_MAJOR };
/*
 * The next one.  Below 1.0.0, where anything may change (section 4), what
 * breaks raises the minor version.
 */
void semver_bump(struct semver *version, enum bump bump);

#endif
