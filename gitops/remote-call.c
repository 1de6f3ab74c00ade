/*
 * git has one exit status for most that can go wrong with a network, so its
 * words decide: one table, most exact first, since "could not read from remote
 * repository" follows a wrong key and a dead host alike.
 */
#include "gitops/remote-call.h"

#include "core/retry.h"

#include <string.h>

/* A server that holds a push for this long will not answer. */
#define WALL_MS (10 * 60000)

static const struct {
	const char *words; /* looked for in any case */
	enum remote_fault fault;
} told[] = {
	{ "does not support --atomic", FAULT_NO_ATOMIC },
	{ "authentication failed", FAULT_KEY },
	{ "could not read username", FAULT_KEY },
	{ "could not read password", FAULT_KEY },
	{ "permission denied (", FAULT_KEY },
	{ "too many authentication failures", FAULT_KEY },
	{ "returned error: 401", FAULT_KEY },
	{ "returned error: 403", FAULT_KEY },
	{ "host key verification failed", FAULT_HOST },
	{ "certificate", FAULT_HOST },
	{ "does not appear to be a git repository", FAULT_ABSENT },
	{ "repository not found", FAULT_ABSENT },
	{ "' not found", FAULT_ABSENT },
	{ "returned error: 404", FAULT_ABSENT },
	{ "returned error: 408", FAULT_BROKEN },
	{ "returned error: 429", FAULT_BROKEN },
	{ "returned error: 4", FAULT_OTHER },
	{ "returned error: 5", FAULT_BROKEN },
	{ "rpc failed", FAULT_BROKEN },
	{ "could not resolve host", FAULT_BROKEN },
	{ "name resolution", FAULT_BROKEN },
	{ "failed to connect", FAULT_BROKEN },
	{ "couldn't connect", FAULT_BROKEN },
	{ "connection refused", FAULT_BROKEN },
	{ "connection reset", FAULT_BROKEN },
	{ "connection closed", FAULT_BROKEN },
	{ "connection timed out", FAULT_BROKEN },
	{ "operation timed out", FAULT_BROKEN },
	{ "network is unreachable", FAULT_BROKEN },
	{ "no route to host", FAULT_BROKEN },
	{ "empty reply from server", FAULT_BROKEN },
	{ "ssl_error_syscall", FAULT_BROKEN },
	{ "gnutls_handshake", FAULT_BROKEN },
	{ "recv error", FAULT_BROKEN },
	{ "broken pipe", FAULT_BROKEN },
	{ "unexpected disconnect", FAULT_BROKEN },
	{ "early eof", FAULT_BROKEN },
	{ "hung up", FAULT_BROKEN },
	{ "cannot lock ref", FAULT_BUSY },
	{ ".lock': file exists", FAULT_BUSY },
	{ "shallow file has changed", FAULT_BUSY },
};

int remote_transient(enum remote_fault fault)
{
	return fault == FAULT_BROKEN || fault == FAULT_BUSY;
}

static int is_tag(const char *line, size_t len, const char *tag)
{
	return len >= strlen(tag) && !strncmp(line, tag, strlen(tag));
}

/* Bytes from "://" on that are a user and a password with their '@'. */
static size_t secret_len(const char *at, const char *end)
{
	size_t len = 0;

	for (const char *p = at; p < end && !strchr("/ \t'\"", *p); p++)
		if (*p == '@')
			len = (size_t)(p + 1 - at);
	return len;
}

char *remote_clean(const char *line, size_t len)
{
	static const char *const tags[] = { "remote: ", "fatal: ", "error: " };
	struct buf out = BUF_INIT;
	const char *end = line + len;

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (is_tag(line, (size_t)(end - line), tags[i]))
			line += strlen(tags[i]);
	while (line < end) {
		unsigned char c = (unsigned char)*line++;

		buf_ch(&out, c < ' ' || c == 0x7f ? ' ' : (char)c);
		if (out.len >= 3 && !memcmp(out.data + out.len - 3, "://", 3))
			line += secret_len(line, end);
	}
	while (out.len && strchr(" .", out.data[out.len - 1]))
		buf_setlen(&out, out.len - 1);
	return buf_steal(&out);
}

/*
 * The first line with these words.  What the server's hooks print could have
 * any in it, and a trace's lines are no messages.
 */
static const char *find_line(size_t *len, const char *text, const char *words)
{
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");
		CLEANUP(free_str) char *copy = xstrndup(line, n);

		if (!is_tag(copy, n, "remote: ") &&
		    !strstr(copy, " packet: ") && strcasestr(copy, words)) {
			*len = n;
			return line;
		}
		line += n + (line[n] == '\n');
	}
	return NULL;
}

static enum remote_fault fault_of(char **line, const struct proc_result *result)
{
	const char *found = NULL;
	size_t len;

	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		found = find_line(&len, result->err.data, told[i].words);
		if (found) {
			*line = remote_clean(found, len);
			return told[i].fault;
		}
	}
	return FAULT_OTHER;
}

struct error *remote_once(enum remote_fault *fault, char **line,
			  struct proc_result *result, const struct repo *repo,
			  const struct git_call *call)
{
	CLEANUP(error_release) struct error *err = NULL;

	proc_result_release(result);
	proc_result_init(result);
	free_str(line);
	*line = NULL;
	TRY(git_call(result, repo, call));
	*fault = FAULT_NONE;
	if (result->end == PROC_EXITED && !result->exit)
		return NULL;
	*fault = fault_of(line, result);
	if (*line)
		return NULL;
	if (result->end == PROC_TIMEOUT)
		*fault = FAULT_BROKEN;
	err = git_failure(call, result);
	*line = remote_clean(err->message, strlen(err->message));
	return NULL;
}

static struct error *wake(struct loop *loop, void *data)
{
	(void)data;
	loop_stop(loop);
	return NULL;
}

struct error *remote_wait(int *again, int n, int most)
{
	const struct retry_policy policy = { .tries = most ? most
							   : REMOTE_TRIES };
	const struct failure failure = { .end = HTTP_CUT,
					 .retry_after_ms = -1,
					 .reset_ms = -1,
					 .should_retry = -1 };
	CLEANUP(loop_release) struct loop *loop = NULL;
	struct decision decision;

	retry_decide(&decision, &failure, n, &policy, retry_chance());
	*again = decision.action == RETRY_WAIT;
	if (!*again)
		return NULL;
	loop = loop_new();
	loop_timer(loop, decision.wait_ms, wake, NULL);
	return loop_run(loop);
}

struct error *remote_run(struct proc_result *result, const struct repo *repo,
			 const struct git_call *call, const char *remote,
			 int tries)
{
	CLEANUP(free_str) char *line = NULL;
	enum remote_fault fault;

	for (int n = 1;; n++) {
		int again = 0;

		TRY(remote_once(&fault, &line, result, repo, call));
		if (fault == FAULT_NONE)
			return NULL;
		if (remote_transient(fault))
			TRY(remote_wait(&again, n, tries));
		if (!again)
			return remote_error(fault, line, remote);
	}
}

static struct error *hint_for(struct error *err, enum remote_fault fault,
			      const char *remote)
{
	switch (fault) {
	case FAULT_BROKEN:
		return error_hint(err, "look at the network, then try again");
	case FAULT_BUSY:
		return error_hint(err, "try again when the other is done");
	case FAULT_KEY:
		return error_hint(err,
				  "see that git itself gets in, without being "
				  "asked: git ls-remote %s",
				  remote);
	case FAULT_HOST:
		return error_hint(err, "make git trust it: git ls-remote %s",
				  remote);
	case FAULT_ABSENT:
		return error_hint(err, "look at its address: git remote -v");
	default:
		return err;
	}
}

struct error *remote_error(enum remote_fault fault, const char *line,
			   const char *remote)
{
	enum error_code code =
		remote_transient(fault) ? ERROR_AGAIN : ERROR_FAILURE;

	return hint_for(error_new(code, "remote '%s': %s", remote, line), fault,
			remote);
}

struct error *remote_known(const struct repo *repo, const char *remote)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(buf_release) struct buf list = BUF_INIT;
	struct error *err;

	TRY(repo_remotes(&names, repo));
	if (strings_has(&names, remote))
		return NULL;
	err = error_new(ERROR_FAILURE, "there is no remote '%s'", remote);
	if (!names.len)
		return error_hint(err, "add one: git remote add origin <url>");
	strings_join(&list, &names, ", ");
	return error_hint(err, "name one of these: %s", list.data);
}

/*
 * The program at the other end, which of a remote by path runs here.  Of
 * remote.<name>.uploadpack git takes the first value, not the last, so that no
 * override stands against the repository's own: the option does.
 */
static struct error *add_program(struct git_call *call, const struct repo *repo,
				 const char *remote, int is_push)
{
	const char *name = is_push ? "receivepack" : "uploadpack";
	const char *option = is_push ? "receive-pack" : "upload-pack";
	CLEANUP(strings_release) struct strings rows = STRINGS_INIT;
	CLEANUP(free_str)
	char *key = xasprintf("remote.%s.%s", remote, name);
	CLEANUP(free_str) char *program = xasprintf("git-%s", option);

	TRY(repo_config_list(&rows, repo, key));
	for (size_t i = 0; i + 2 < rows.len; i += 3)
		if (!strcmp(rows.items[i], key) &&
		    (!strcmp(rows.items[i + 2], "global") ||
		     !strcmp(rows.items[i + 2], "system"))) {
			free_str(&program);
			program = xstrdup(rows.items[i + 1]);
		}
	strings_addf(&call->args, "--%s=%s", option, program);
	return NULL;
}

/* How the user's git maps and prunes is not asked: refspecs say it all. */
struct error *remote_begin(struct git_call *call, const struct repo *repo,
			   const char *remote, const char *verb)
{
	static const char *const off[][2] = {
		{ "mirror", "false" },
		{ "prune", "false" },
		{ "pruneTags", "false" },
		{ "followRemoteHEAD", "never" },
	};

	for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
		strings_addf(&call->config, "remote.%s.%s", remote, off[i][0]);
		strings_add(&call->config, off[i][1]);
	}
	strings_addv(&call->config, "protocol.version", "2", NULL);
	/* ssh asks nobody at the terminal: it would wait there for ever. */
	strings_add(&call->env, "SSH_ASKPASS_REQUIRE=force");
	/* From where git takes the path of a remote, as from the user. */
	call->dir = repo_work_dir(repo);
	call->wall_ms = WALL_MS;
	strings_add(&call->args, verb);
	return add_program(call, repo, remote, !strcmp(verb, "push"));
}
