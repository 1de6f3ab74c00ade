/*
 * Own code, because libgit2 keeps its checks to itself and lets them depend on
 * core.protectHFS and core.protectNTFS: what an agent writes must be harmless
 * on the machine of everybody who clones, not only here.
 */
#include "gitops/path.h"

#include "core/utf8.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define PART_LONGEST 255 /* NAME_MAX of the file systems in use */

/*
 * The code points HFS+ ignores in names: U+200C to U+200F, U+202A to U+202E,
 * U+206A to U+206F, U+FEFF.  All of them are three bytes in UTF-8.
 */
static int is_ignorable(const unsigned char *s, size_t left)
{
	if (left < 3)
		return 0;
	if (s[0] == 0xef)
		return s[1] == 0xbb && s[2] == 0xbf;
	if (s[0] != 0xe2)
		return 0;
	if (s[1] == 0x80)
		return (s[2] >= 0x8c && s[2] <= 0x8f) ||
		       (s[2] >= 0xaa && s[2] <= 0xae);
	return s[1] == 0x81 && s[2] >= 0xaa && s[2] <= 0xaf;
}

/* Writes at most size - 1 bytes of part without what HFS+ ignores. */
static void strip_ignorable(char *out, size_t size, const char *part,
			    size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < size;) {
		if (is_ignorable((const unsigned char *)part + i, len - i))
			i += 3;
		else
			out[n++] = part[i++];
	}
	out[n] = '\0';
}

/* NTFS drops dots and blanks at the end, and ':' begins a stream's name. */
static int ends_for_ntfs(const char *s)
{
	s += strspn(s, ". ");
	return !*s || *s == ':';
}

static int is_dot_git(const char *part, size_t len)
{
	char plain[PART_LONGEST + 1];

	strip_ignorable(plain, sizeof plain, part, len);
	if (!strncasecmp(plain, ".git", 4))
		return ends_for_ntfs(plain + 4);
	if (!strncasecmp(plain, "git~1", 5))
		return ends_for_ntfs(plain + 5);
	return 0;
}

/* Why the part is refused, or NULL. */
static const char *bad_part(const char *part, size_t len)
{
	if (!len)
		return "has an empty part";
	if (len > PART_LONGEST)
		return "has a part longer than 255 bytes";
	if (!strncmp(part, ".", len) || (len == 2 && !memcmp(part, "..", 2)))
		return "has a part that is . or ..";
	if (is_dot_git(part, len))
		return "has a part that is .git somewhere";
	return NULL;
}

/* Documents and JSON name paths, and hold UTF-8 only. */
static const char *bad_byte(const char *path)
{
	size_t left = strlen(path), n;

	for (; left; path += n, left -= n) {
		unsigned char c = (unsigned char)*path;

		n = utf8_next(NULL, path, left);
		if (!n)
			return "is not UTF-8";
		if (c < 0x20 || c == 0x7f)
			return "has a control character";
		if (c == '\\')
			return "has a backslash";
	}
	return NULL;
}

static const char *bad_path(const char *path)
{
	const char *why = bad_byte(path);

	if (!why && !*path)
		why = "is empty";
	if (!why && *path == '/')
		why = "is absolute";
	if (!why && strlen(path) > PATH_LONGEST)
		why = "is longer than 4096 bytes";
	while (!why) {
		size_t len = strcspn(path, "/");

		why = bad_part(path, len);
		if (!path[len])
			break;
		path += len + 1;
	}
	return why;
}

/* Cuts path to what fits; what is no character of a line becomes '?'. */
static void printable(char *out, size_t size, const char *path)
{
	size_t at = 0, left = strlen(path), n;

	for (; left; path += n, left -= n) {
		size_t len = utf8_next(NULL, path, left);
		int plain = len && !iscntrl((unsigned char)*path);

		n = len ? len : 1;
		if (at + n >= size)
			break;
		memcpy(out + at, plain ? path : "?", n);
		at += n;
	}
	out[at] = '\0';
}

struct error *path_check(const char *path)
{
	const char *why = bad_path(path);
	char shown[201];

	if (!why)
		return NULL;
	printable(shown, sizeof shown, path);
	return error_hint(error_new(ERROR_REFUSED, "path '%s' %s", shown, why),
			  bad_byte(path)
				  ? "rename it: letters of UTF-8, no control "
				    "characters, no backslashes"
				  : "name files relative to the top of the "
				    "repository");
}
