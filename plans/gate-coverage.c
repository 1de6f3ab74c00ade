/*
 * The gate on coverage: how many lines the project's tests run, as the report
 * of one of its checks says it.
 *
 * Reports are read while the worktree is still there, and only the share is
 * kept, in hundredths of a percent and rounded down: an outcome from the
 * journal or the cache then says the same as the run it comes from.
 */
#include "core/file.h"
#include "plans/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES ((size_t)64 << 20)
#define WHOLE      10000

static int share(int64_t hit, int64_t lines)
{
	if (lines <= 0 || hit < 0 || hit > lines || lines > INT32_MAX)
		return COVERAGE_UNREADABLE;
	return (int)(hit * WHOLE / lines);
}

/* A decimal number; what cannot be one is -1. */
static int64_t number_at(const char *text)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	return errno ? -1 : n;
}

/*
 * lcov: DA:<line>,<count> for each line, LF and LH as sums, in sections that
 * begin with SF:<file>.  A file may have several sections, one a test: its
 * lines count once.
 */
struct lcov {
	struct map lines; /* "<file>:<line>" to one of marks */
	char marks[2]; /* not run, run */
	const char *file;
	size_t file_len;
	int64_t found, hit; /* by the sums, where no line is named */
	int named; /* this section names lines */
	int64_t section_found, section_hit;
	int broken;
};

static void lcov_line(struct lcov *lcov, const char *text, size_t len)
{
	const char *comma = memchr(text, ',', len);
	int64_t count = comma ? number_at(comma + 1) : -1;

	/* A count below nothing is gcov's way to say that it overflowed. */
	if (comma && comma[1] == '-')
		count = 1;
	if (!lcov->file || number_at(text) < 0 || count < 0) {
		lcov->broken = 1;
		return;
	}
	CLEANUP(free_str)
	char *key = xasprintf("%.*s:%.*s", (int)lcov->file_len, lcov->file,
			      (int)(comma - text), text);
	const char *known = map_get(&lcov->lines, key);

	lcov->named = 1;
	if (!known || (count && known == &lcov->marks[0]))
		map_set(&lcov->lines, key, &lcov->marks[count > 0]);
	if (!known)
		lcov->found++;
	if (count && known != &lcov->marks[1])
		lcov->hit++;
}

static void lcov_end(struct lcov *lcov)
{
	if (!lcov->named) {
		lcov->found += lcov->section_found;
		lcov->hit += lcov->section_hit;
	}
	lcov->file = NULL;
	lcov->named = 0;
	lcov->section_found = lcov->section_hit = 0;
}

static void lcov_record(struct lcov *lcov, const char *text, size_t len)
{
	if (len > 3 && !strncmp(text, "SF:", 3)) {
		lcov->file = text + 3;
		lcov->file_len = len - 3;
	} else if (len > 3 && !strncmp(text, "DA:", 3)) {
		lcov_line(lcov, text + 3, len - 3);
	} else if (len > 3 && !strncmp(text, "LF:", 3)) {
		lcov->section_found = number_at(text + 3);
		lcov->broken |= lcov->section_found < 0;
	} else if (len > 3 && !strncmp(text, "LH:", 3)) {
		lcov->section_hit = number_at(text + 3);
		lcov->broken |= lcov->section_hit < 0;
	} else if (len >= 13 && !strncmp(text, "end_of_record", 13)) {
		lcov_end(lcov);
	}
}

static int read_lcov(const char *text, size_t len)
{
	struct lcov lcov = { .lines = MAP_INIT };
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		stop = stop ? stop : end;
		lcov_record(&lcov, text, (size_t)(stop - text));
		text = stop + 1;
	}
	/* A report that breaks off within a section says too little. */
	int result = lcov.broken || lcov.file ? COVERAGE_UNREADABLE
					      : share(lcov.hit, lcov.found);
	map_release(&lcov.lines);
	return result;
}

/* Behind a comment, a declaration or an instruction of XML; else at. */
static const char *skip_markup(const char *at)
{
	static const struct {
		const char *open, *close;
	} rows[] = {
		{ "<!--", "-->" },
		{ "<?", "?>" },
		{ "<!", ">" },
	};

	at += strspn(at, " \t\r\n");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strncmp(at, rows[i].open, strlen(rows[i].open)) != 0)
			continue;
		const char *close =
			strstr(at + strlen(rows[i].open), rows[i].close);
		return close ? close + strlen(rows[i].close) : at;
	}
	return at;
}

/* The value of an attribute of the tag that ends at end; NULL: none. */
static const char *attribute(const char *tag, const char *end, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = tag; (at = strstr(at, name)) && at < end; at++) {
		const char *value = at + len;

		if (!strchr(" \t\r\n", at[-1]))
			continue;
		value += strspn(value, " \t\r\n");
		if (*value++ != '=')
			continue;
		value += strspn(value, " \t\r\n");
		return *value == '"' || *value == '\'' ? value + 1 : NULL;
	}
	return NULL;
}

/* "0.8431" as hundredths of a percent, rounded down. */
static int rate(const char *text)
{
	int64_t whole = number_at(text);
	int64_t part = 0;
	int digits = 0;

	if (whole < 0 || whole > 1)
		return COVERAGE_UNREADABLE;
	text += strspn(text, "0123456789");
	if (*text == '.')
		for (text++; digits < 4 && *text >= '0' && *text <= '9';
		     digits++)
			part = part * 10 + (*text++ - '0');
	for (; digits < 4; digits++)
		part *= 10;
	return share(whole * WHOLE + part, WHOLE);
}

/* Cobertura: the sums in the root element, or the rate where there is none. */
static int read_cobertura(const char *text)
{
	const char *tag = text, *next;

	if (!strncmp(tag, "\xef\xbb\xbf", 3))
		tag += 3;
	while ((next = skip_markup(tag)) != tag)
		tag = next;
	const char *end = strchr(tag, '>');
	if (!end || strncmp(tag, "<coverage", 9) != 0)
		return COVERAGE_UNREADABLE;
	const char *valid = attribute(tag, end, "lines-valid");
	const char *covered = attribute(tag, end, "lines-covered");
	const char *quotient = attribute(tag, end, "line-rate");

	if (valid && covered && number_at(valid) > 0)
		return share(number_at(covered), number_at(valid));
	return quotient ? rate(quotient) : COVERAGE_UNREADABLE;
}

int coverage_parse(const struct coverage *asked, const char *text, size_t len)
{
	return !strcmp(asked->format ? asked->format : "lcov", "cobertura")
		       ? read_cobertura(text)
		       : read_lcov(text, len);
}

struct error *coverage_read(int *out, const struct coverage *asked,
			    const char *worktree)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct stat st;

	*out = COVERAGE_NONE;
	if (!asked->file)
		return NULL;
	TRY(error_wrap(path_check(asked->file), "policy.coverage.file"));
	CLEANUP(free_str) char *path = path_join(worktree, asked->file);
	if (lstat(path, &st))
		return NULL;
	*out = COVERAGE_UNREADABLE;
	/* A check wrote it: what is no plain file is not opened. */
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)MOST_BYTES)
		return NULL;
	TRY(file_read(&text, path, MOST_BYTES));
	*out = coverage_parse(asked, text.data, text.len);
	return NULL;
}

/* What the last check that wrote a report said. */
static int last_of(const struct check_outcomes *checks)
{
	int found = COVERAGE_NONE;

	FOR_EACH (struct check_outcome, outcome, checks)
		if (outcome->coverage != COVERAGE_NONE)
			found = outcome->coverage;
	return found;
}

void gate_coverage(const struct project *project,
		   const struct check_outcomes *checks,
		   struct findings *findings)
{
	const struct coverage *asked = &project->config.policy.coverage;
	int found = last_of(checks);
	struct finding *finding = NULL;

	if (!asked->file || asked->minimum <= 0 || !checks->len)
		return;
	if (found == COVERAGE_NONE)
		finding = finding_add(findings, "coverage", NULL,
				      "no check wrote the coverage report '%s'",
				      asked->file);
	else if (found == COVERAGE_UNREADABLE)
		finding = finding_add(
			findings, "coverage", NULL,
			"the coverage report '%s' cannot be read as %s",
			asked->file, asked->format);
	else if (found < asked->minimum * 100)
		finding = finding_add(findings, "coverage", NULL,
				      "the tests run %d.%02d %% of the lines, "
				      "less than the %g %% asked for",
				      found / 100, found % 100, asked->minimum);
	if (finding)
		finding_hint(finding, "policy.coverage asks for it; test what "
				      "is not tested yet");
}
