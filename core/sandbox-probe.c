/*
 * What this machine can do.  The only honest probe is to try: whether user
 * namespaces work depends on the kernel, on its settings, on AppArmor, and on
 * the container around us.
 */
#include "core/landlock.h"
#include "core/sandbox-bwrap.h"
#include "core/seccomp.h"

#include "core/file.h"

#include <stdlib.h>
#include <string.h>

/* A setting of the kernel that makes bwrap fail, and how to change it. */
static const struct setting {
	const char *path;
	const char *value;
	const char *cause;
	const char *fix;
} settings[] = {
	{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
	  "AppArmor refuses user namespaces to bwrap",
	  "give bwrap an AppArmor profile that has userns, or: sysctl -w "
	  "kernel.apparmor_restrict_unprivileged_userns=0" },
	{ "/proc/sys/kernel/unprivileged_userns_clone", "0",
	  "the kernel refuses user namespaces to users",
	  "sysctl -w kernel.unprivileged_userns_clone=1" },
	{ "/proc/sys/user/max_user_namespaces", "0",
	  "the kernel allows no user namespaces",
	  "sysctl -w user.max_user_namespaces=10000" },
};

static int has_value(const char *path, const char *value)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct error *err = file_read(&text, path, 64);

	error_free(err);
	return !err && !strncmp(text.data, value, strlen(value)) &&
	       text.data[strlen(value)] == '\n';
}

static void explain(struct sandbox_probe *out, const struct proc_result *result)
{
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		if (!has_value(settings[i].path, settings[i].value))
			continue;
		out->cause = xstrdup(settings[i].cause);
		out->fix = xstrdup(settings[i].fix);
		return;
	}
	out->cause = xasprintf("bwrap does not work here: %.*s",
			       (int)strcspn(result->err.data, "\n"),
			       result->err.data);
	out->fix = xstrdup("in a container, allow user namespaces and an "
			   "unmasked /proc (docker: --security-opt "
			   "seccomp=unconfined --security-opt "
			   "systempaths=unconfined)");
}

/* Runs bwrap on true(1), with all that checks will be run with. */
static struct error *try_bwrap(struct proc_result *result)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = { .wall_ms = 10000 };
	const struct sandbox nothing = { 0 };

	TRY(sandbox_bwrap_argv(&spec.argv, &nothing));
	strings_addv(&spec.argv, "--", "true", NULL);
	strings_add(&spec.env, "PATH=/usr/local/bin:/usr/bin:/bin");
	return proc_run(result, &spec);
}

static void probe(struct sandbox_probe *out)
{
	CLEANUP(proc_result_release) struct proc_result result;

	proc_result_init(&result);
	CLEANUP(error_release) struct error *err = try_bwrap(&result);
	if (!err && result.end == PROC_EXITED && !result.exit) {
		out->best = SANDBOX_BWRAP;
		return;
	}
	out->best = landlock_abi() && seccomp_known() ? SANDBOX_LANDLOCK
						      : SANDBOX_OFF;
	if (!err) {
		explain(out, &result);
		return;
	}
	out->cause = xstrdup(err->message);
	out->fix = xstrdup(err->hint ? err->hint
				     : "try: bwrap --ro-bind / / true");
}

/* The answer is kept: it costs a process to find, and does not change. */
void sandbox_probe(struct sandbox_probe *out)
{
	static struct sandbox_probe known;
	static int done;

	if (!done)
		probe(&known);
	done = 1;
	out->best = known.best;
	out->cause = xstrdup(known.cause);
	out->fix = xstrdup(known.fix);
}

void sandbox_probe_release(struct sandbox_probe *out)
{
	free(out->cause);
	free(out->fix);
	*out = (struct sandbox_probe){ 0 };
}
