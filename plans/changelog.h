/*
 * A changelog as Keep a Changelog has it (https://keepachangelog.com/1.1.0):
 * an entry put into it at its place.  What people wrote stays byte for byte:
 * their order, their line ends, the entries they wrote under "Unreleased",
 * which become part of the version.
 */
#ifndef PLANS_CHANGELOG_H
#define PLANS_CHANGELOG_H

#include "core/array.h"

struct changelog_item {
	const char *group; /* "Added", "Changed", ... */
	const char *text; /* Markdown, one line */
};
struct changelog_entry {
	const char *version; /* "1.2.0" */
	const char *tag; /* "v1.2.0" */
	const char *date; /* "2026-11-21" */
	const char *summary; /* Markdown, one paragraph; NULL: none */
	const struct changelog_item *items;
	size_t n;
};

/*
 * Adds the entry; an empty text becomes a changelog first.  The version must
 * not be in it.  A link of "[Unreleased]" that compares with HEAD goes on
 * from the tag, and the version gets one of its own.
 */
void changelog_add(struct buf *text, const struct changelog_entry *entry);

/* Adds what stands below a version's heading; 0: there is none. */
int changelog_section(struct buf *out, const char *text, const char *version);
/* The version that stands first, "Unreleased" aside; NULL: none. */
char *changelog_newest(const char *text) MUST_USE;

#endif
