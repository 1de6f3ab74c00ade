/*
 * Lines are looked at, never rewritten.  What stands in a fence is no heading,
 * and the links at the end belong to no version.
 */
#include "plans/changelog.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define UNRELEASED "Unreleased"

static const char preamble[] =
	"# Changelog\n\nThe format follows Keep a Changelog; versions follow "
	"Semantic Versioning.\n\n## [" UNRELEASED "]\n";

struct line {
	size_t at;
	size_t len; /* without its end */
	size_t next;
	int fenced;
};

/* Begins with *line zeroed; 0 at the end. */
static int next_line(struct line *line, const char *text)
{
	const char *at = text + line->next;
	size_t len = strcspn(at, "\n");

	if (!*at)
		return 0;
	line->at = line->next;
	line->next += len + (at[len] == '\n');
	line->len = len && at[len - 1] == '\r' ? len - 1 : len;
	if (!strncmp(at, "```", 3) || !strncmp(at, "~~~", 3))
		line->fenced = !line->fenced;
	return 1;
}

static int starts(const char *text, const struct line *line, const char *with)
{
	size_t len = strlen(with);

	return !line->fenced && line->len >= len &&
	       !strncasecmp(text + line->at, with, len);
}

/* "[1.2.0]: https://…" */
static int is_link(const char *text, const struct line *line)
{
	const char *at = text + line->at;
	const char *end = memchr(at, ']', line->len);

	return !line->fenced && *at == '[' && end && end[1] == ':';
}

/* "1.2.0" of "## [v1.2.0] - 2026-11-21"; owned, NULL: no heading. */
static char *heading(const char *text, const struct line *line)
{
	const char *at = text + line->at + 3;
	const char *end = text + line->at + line->len;

	if (!starts(text, line, "## "))
		return NULL;
	while (at < end && strchr(" [", *at))
		at++;
	if (at + 1 < end && *at == 'v' && at[1] >= '0' && at[1] <= '9')
		at++;
	size_t len = strcspn(at, " ]\t\r\n");
	return xstrndup(at,
			len < (size_t)(end - at) ? len : (size_t)(end - at));
}

struct section {
	size_t head; /* where its heading begins */
	size_t body; /* behind that line */
	size_t end;
};

static int find_section(struct section *out, const char *text,
			const char *version)
{
	struct line line = { 0 };
	int inside = 0;

	while (next_line(&line, text)) {
		CLEANUP(free_str) char *name = heading(text, &line);

		if (inside && (name || is_link(text, &line))) {
			out->end = line.at;
			return 1;
		}
		if (inside || !name || strcasecmp(name, version) != 0)
			continue;
		inside = 1;
		*out = (struct section){ line.at, line.next, 0 };
	}
	out->end = line.next;
	return inside;
}

int changelog_section(struct buf *out, const char *text, const char *version)
{
	struct section section = { 0 };

	if (!find_section(&section, text, version))
		return 0;
	const char *at = text + section.body;
	const char *end = text + section.end;
	while (at < end && strchr("\r\n", *at))
		at++;
	while (end > at && strchr("\r\n", end[-1]))
		end--;
	buf_add(out, at, (size_t)(end - at));
	return 1;
}

char *changelog_newest(const char *text)
{
	struct line line = { 0 };

	while (next_line(&line, text)) {
		CLEANUP(free_str) char *name = heading(text, &line);
		char *found = name;

		if (!name || !strcasecmp(name, UNRELEASED))
			continue;
		name = NULL;
		return found;
	}
	return NULL;
}

/* By its first line. */
static const char *line_end(const char *text)
{
	const char *end = strchr(text, '\n');

	return end && end > text && end[-1] == '\r' ? "\r\n" : "\n";
}

/* Puts lines there, each "\n" of them as the text has it. */
static size_t put(struct buf *text, size_t at, const char *lines)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	const char *eol = line_end(text->data);
	size_t len;

	if (at && text->data[at - 1] != '\n')
		buf_str(&out, eol);
	for (; *lines; lines++) {
		if (*lines == '\n')
			buf_str(&out, eol);
		else
			buf_ch(&out, *lines);
	}
	len = out.len;
	buf_splice(text, at, 0, out.data, out.len);
	return at + len;
}

/* Where the blank lines begin that end a part. */
static size_t before_blank(const char *text, size_t from, size_t end)
{
	while (end > from) {
		size_t at = end - (text[end - 1] == '\n');
		size_t len;

		while (at > from && text[at - 1] != '\n')
			at--;
		len = strspn(text + at, " \t\r\n");
		if (at + len < end)
			break;
		end = at;
	}
	return end;
}

/* Where the version's heading goes when nobody kept a place for it. */
static size_t first_version(const char *text)
{
	struct line line = { 0 };

	while (next_line(&line, text)) {
		if (starts(text, &line, "## ") || is_link(text, &line))
			return line.at;
	}
	return line.next;
}

static void put_heading(struct buf *text, const struct changelog_entry *entry)
{
	struct section section = { 0 };
	CLEANUP(free_str) char *lines = NULL;

	if (find_section(&section, text->data, UNRELEASED)) {
		lines = xasprintf("\n## [%s] - %s\n", entry->version,
				  entry->date);
		put(text, section.body, lines);
		return;
	}
	size_t at = first_version(text->data);
	size_t last = strlen(text->data);
	lines = xasprintf("%s## [%s] - %s\n%s", at == last ? "\n" : "",
			  entry->version, entry->date, at == last ? "" : "\n");
	put(text, at, lines);
}

static int find_group(struct section *out, const char *text,
		      const struct section *within, const char *group)
{
	CLEANUP(free_str) char *title = xasprintf("### %s", group);
	struct line line = { .next = within->body };
	int inside = 0;

	while (line.next < within->end && next_line(&line, text)) {
		if (inside && starts(text, &line, "### ")) {
			out->end = line.at;
			return 1;
		}
		if (inside || !starts(text, &line, title) ||
		    line.len != strlen(title))
			continue;
		inside = 1;
		*out = (struct section){ line.at, line.next, 0 };
	}
	out->end = within->end;
	return inside;
}

static void put_group(struct buf *text, const struct changelog_entry *entry,
		      const char *group)
{
	struct section section = { 0 }, there = { 0 };
	CLEANUP(buf_release) struct buf lines = BUF_INIT;
	size_t at;
	int found;

	find_section(&section, text->data, entry->version);
	found = find_group(&there, text->data, &section, group);
	if (!found)
		buf_addf(&lines, "\n### %s\n\n", group);
	for (size_t i = 0; i < entry->n; i++)
		if (!strcmp(entry->items[i].group, group))
			buf_addf(&lines, "- %s\n", entry->items[i].text);
	if (!found)
		there = section;
	at = before_blank(text->data, there.body, there.end);
	if (!found && at == there.end && at < text->len)
		buf_ch(&lines, '\n');
	put(text, at, lines.data);
}

static int is_first(const struct changelog_entry *entry, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(entry->items[k].group, entry->items[i].group))
			return 0;
	return 1;
}

#define LINK "[" UNRELEASED "]: "

/* "[Unreleased]: https://host/o/n/compare/v1.1.0...HEAD" */
static void put_link(struct buf *text, const struct changelog_entry *entry)
{
	static const char place[] = "/compare/", head[] = "...HEAD";
	struct line line = { 0 };
	size_t skip = strlen(LINK), head_len = strlen(head);

	while (next_line(&line, text->data)) {
		CLEANUP(free_str) char *was = NULL, *row = NULL;
		char *from;

		if (!starts(text->data, &line, LINK) ||
		    line.len < skip + head_len)
			continue;
		was = xstrndup(text->data + line.at, line.len);
		from = strstr(was, place);
		if (!from || strcmp(was + line.len - head_len, head) != 0)
			return;
		was[line.len - head_len] = '\0';
		from += strlen(place);
		row = xasprintf("[%s]: %.*s%s...%s\n", entry->version,
				(int)(from - was - (long)skip), was + skip,
				from, entry->tag);
		put(text, line.next, row);
		buf_splice(text, line.at + (size_t)(from - was), strlen(from),
			   entry->tag, strlen(entry->tag));
		return;
	}
}

void changelog_add(struct buf *text, const struct changelog_entry *entry)
{
	struct section section = { 0 };

	if (!text->data[strspn(text->data, " \t\r\n")]) {
		buf_clear(text);
		buf_str(text, preamble);
	}
	put_heading(text, entry);
	if (entry->summary &&
	    find_section(&section, text->data, entry->version)) {
		CLEANUP(free_str)
		char *lines = xasprintf("\n%s\n", entry->summary);
		put(text, section.body, lines);
	}
	for (size_t i = 0; i < entry->n; i++)
		if (is_first(entry, i))
			put_group(text, entry, entry->items[i].group);
	put_link(text, entry);
}
