/*
 * The plan 'small' with judges: a validator and a manager that are shell
 * scripts.  The n-th question to one is kept as <name>-asked-<n>, its answer is
 * <name>-answer-<n>, else <name>-answer.
 */
#ifndef TESTS_UNIT_JUDGED_H
#define TESTS_UNIT_JUDGED_H

#include "tests/unit/transaction.h"

#include "core/file.h"
#include "plans/document.h"

#include <sys/wait.h>
#include <unistd.h>

#define DOCUMENT(id) ".orch/plans/small/phases/" id ".yaml"
#define NOTHING      "\"critical\":[],\"warnings\":[],\"suggestions\":[]"
#define ACCEPTED                                                               \
	"{\"criteria\":[{\"criterion\":1,\"evidence\":\"a.txt says so\","      \
	"\"met\":true},{\"criterion\":2,\"evidence\":\"one line\","            \
	"\"met\":true}]," NOTHING                                              \
	",\"coverage\":null,\"score\":0.93,\"success\":true}"
/* success, score and the second criterion as given */
#define VERDICT(met, success)                                                  \
	"{\"criteria\":[{\"criterion\":1,\"evidence\":\"a.txt says so\","      \
	"\"met\":true},{\"criterion\":2,\"evidence\":\"it has two lines\","    \
	"\"met\":" met "}]," NOTHING ",\"coverage\":null,\"score\":0.5,"       \
	"\"success\":" success "}"

static inline void put_answer(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", box.dir, name);

	ok(file_write(path, text, strlen(text), FILE_PLAIN));
	free(path);
}

/* What a script does before it answers: "" or a line of shell. */
static inline void put_judge(const char *name, const char *first)
{
	char *path = xasprintf("%s/%s", box.dir, name);
	char *text = xasprintf("cd %s\necho >>%s-count\n"
			       "n=$(wc -l <%s-count)\ncat >%s-asked-$n\n%s\n"
			       "cat %s-answer-$n 2>/dev/null || "
			       "cat %s-answer\n",
			       box.dir, name, name, name, first, name, name);

	ok(file_write(path, text, strlen(text), FILE_PLAIN));
	free(path);
	free(text);
}

/* Providers and agents of both, and a check with this command. */
static inline char *judges(const char *check, const char *more)
{
	return xasprintf(
		OFF "checks: [{name: t, run: '%s'}]\nproviders:\n"
		    "- {name: v, driver: command, command: sh %s/validator}\n"
		    "- {name: m, driver: command, command: sh %s/manager}\n%s",
		check, box.dir, box.dir, more);
}

#define VALIDATOR "- {name: val, role: validator, provider: v, model: eye}\n"
#define MANAGER   "- {name: man, role: manager, provider: m, model: chair}\n"
#define CRITERIA                                                               \
	"summary: In short.\nfiles: {create: [a.txt]}\n"                       \
	"acceptance: [It is there, It has one line]\n"

static inline void begin_judged(const char *check, const char *more)
{
	char *config = judges(check, more);

	/* Not every agent reads its input: see core/proc.h. */
	loop_catch_signals();
	put_small(&box, config);
	put_phase(&box, "small", "a", CRITERIA);
	put_judge("validator", "");
	put_judge("manager", "");
	small_open(&project, &box);
	free(config);
}

/* How often a judge was asked. */
static inline size_t times_asked(const char *name)
{
	char *path = xasprintf("%s/%s-count", box.dir, name);
	struct buf text = BUF_INIT;

	error_free(file_read(&text, path, 1 << 16));
	size_t n = text.len;
	buf_release(&text);
	free(path);
	return n;
}

/* The n-th question to one has, or has not, this text. */
static inline int was_told(const char *name, int n, const char *words)
{
	char *path = xasprintf("%s/%s-asked-%d", box.dir, name, n);
	struct buf text = BUF_INIT;

	ok(file_read(&text, path, 1 << 24));
	int found = strstr(text.data, words) != NULL;
	buf_release(&text);
	free(path);
	return found;
}

/* The document of a phase on its branch, parsed and without a finding. */
static inline void read_result(struct document *document, const char *phase)
{
	struct findings findings = FINDINGS_INIT;
	char *path = xasprintf(".orch/plans/small/phases/%s.yaml", phase);
	char *text = sh_out(&box, "git -C repo show orch/small/%s:%s; echo",
			    phase, path);

	ok(document_parse(document, DOCUMENT_PHASE, path, text, strlen(text),
			  &findings));
	if (findings.len)
		fail_msg("%s\n%s", findings.items[0].message, text);
	findings_release(&findings);
	free(path);
	free(text);
}

static inline const char *field(const struct document *document,
				const char *path)
{
	return value_text(value_path(document->tree.root, path), "");
}

/* The n-th item below a list of the document, from 0. */
static inline const struct value *nth(const struct document *document,
				      const char *path, size_t n)
{
	const struct value *item = value_path(document->tree.root, path);

	item = item ? item->child : NULL;
	while (item && n--)
		item = item->next;
	assert_non_null(item);
	return item;
}

static inline const char *cell(const struct document *document,
			       const char *path, size_t n, const char *key)
{
	return value_text(value_get(nth(document, path, n), key), "");
}

/*
 * As killed, and with the power gone, before the branch moved: the claim has
 * no owner, and the commit that the journal names did not reach the disk.
 */
static inline void kill_again(const char *phase)
{
	char hex[OID_HEX];
	pid_t child;
	int status;

	oid_hex(hex, &out.commit);
	sh(&box,
	   "git -C repo update-ref -d refs/heads/orch/small/%s && "
	   "git -C repo update-ref -d refs/orch/base/small/%s && "
	   "rm -f repo/.git/objects/%.2s/%s",
	   phase, phase, hex, hex + 2);
	child = fork();
	if (!child) {
		struct claim claim = { .lock = FILE_LOCK_INIT };

		_exit(claim_take(&claim, project.repo, "small", phase,
				 out.run) != NULL);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	project_release(&project);
	ok(open_at(&project, &box, NULL));
}

#endif
