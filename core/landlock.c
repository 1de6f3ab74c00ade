/*
 * The three system calls of Landlock, for which the C library has no
 * functions.  The structures are written out here, because the kernel headers
 * of current distributions lack the newer fields; an older kernel accepts them
 * as long as what it does not know is zero.
 */
#include "core/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ruleset {
	uint64_t files;
	uint64_t net; /* ABI 4 */
	uint64_t scoped; /* ABI 6 */
};

#define RIGHT(n)  (1ull << (n))
#define RUN       RIGHT(0)
#define WRITE     RIGHT(1)
#define READ      RIGHT(2)
#define LIST      RIGHT(3)
#define REFER     RIGHT(13) /* ABI 2: rename between directories */
#define TRUNCATE  RIGHT(14) /* ABI 3 */
#define ABI_1     (RIGHT(13) - 1)
#define ON_FILES  (RUN | WRITE | READ | TRUNCATE)
#define TO_READ   (RUN | READ | LIST)
#define TCP       (RIGHT(0) | RIGHT(1))
#define SCOPE_ALL (RIGHT(0) | RIGHT(1))

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static struct error *add_rule(int ruleset, const char *path, uint64_t rights)
{
	struct stat st;
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};

	if (rule.parent_fd < 0)
		return NULL;
	if (!fstat(rule.parent_fd, &st) && !S_ISDIR(st.st_mode))
		rule.allowed_access &= ON_FILES;
	long failed = syscall(SYS_landlock_add_rule, ruleset,
			      LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	struct error *err =
		failed ? error_errno("cannot allow '%s' by landlock", path)
		       : NULL;
	close(rule.parent_fd);
	return err;
}

static struct error *add_rules(int ruleset, const struct strings *paths,
			       uint64_t rights)
{
	for (size_t i = 0; i < paths->len; i++)
		TRY(add_rule(ruleset, paths->items[i], rights));
	return NULL;
}

static struct error *restrict_self(int ruleset, const struct landlock *rules,
				   uint64_t all)
{
	TRY(add_rules(ruleset, &rules->read, TO_READ));
	TRY(add_rules(ruleset, &rules->write, all));
	if (syscall(SYS_landlock_restrict_self, ruleset, 0))
		return error_errno("cannot apply landlock");
	return NULL;
}

struct error *landlock_restrict(const struct landlock *rules)
{
	int abi = landlock_abi();
	struct ruleset set = {
		.files = ABI_1 | (abi >= 2 ? REFER : 0) |
			 (abi >= 3 ? TRUNCATE : 0),
		.net = abi >= 4 && rules->no_tcp ? TCP : 0,
		.scoped = abi >= 6 ? SCOPE_ALL : 0,
	};

	if (!abi)
		return error_new(ERROR_FAILURE, "the kernel has no landlock");
	int ruleset =
		(int)syscall(SYS_landlock_create_ruleset, &set, sizeof set, 0);
	if (ruleset < 0)
		return error_errno("cannot make a landlock ruleset");
	struct error *err = restrict_self(ruleset, rules, set.files);
	close(ruleset);
	return err;
}
