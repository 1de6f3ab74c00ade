/*
 * Moving what may lie on another file system: copied beside its new place
 * first, so that a kill never leaves half of it there under its own name.
 */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define CHUNK ((size_t)1 << 30)

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static struct error *copy_file(const char *from, const char *to, mode_t mode)
{
	CLEANUP(close_fd) int in = open(from, O_RDONLY | O_CLOEXEC);
	CLEANUP(close_fd) int out = -1;
	ssize_t n;

	if (in < 0)
		return error_errno("cannot open '%s'", from);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return error_errno("cannot write '%s'", to);
	do
		n = sendfile(out, in, NULL, CHUNK);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0 || fchmod(out, mode))
		return error_errno("cannot write '%s'", to);
	int closed = close(out);
	out = -1;
	return closed ? error_errno("cannot write '%s'", to) : NULL;
}

static struct error *copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t len = readlink(from, target, sizeof target - 1);

	if (len < 0)
		return error_errno("cannot read link '%s'", from);
	target[len] = '\0';
	if (symlink(target, to))
		return error_errno("cannot write '%s'", to);
	return NULL;
}

static struct error *copy(const char *from, const char *to);

static struct error *copy_dir(const char *from, const char *to, mode_t mode)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	TRY(file_list(&names, from));
	if (mkdir(to, 0700))
		return error_errno("cannot make directory '%s'", to);
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *source = path_join(from, *name);
		CLEANUP(free_str) char *target = path_join(to, *name);

		TRY(copy(source, target));
	}
	/* Last: it may forbid writing. */
	if (chmod(to, mode))
		return error_errno("cannot set the mode of '%s'", to);
	return NULL;
}

static struct error *copy(const char *from, const char *to)
{
	struct stat st;

	if (lstat(from, &st))
		return error_errno("cannot read '%s'", from);
	if (S_ISDIR(st.st_mode))
		return copy_dir(from, to, st.st_mode & 07777);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to);
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, st.st_mode & 07777);
	return error_new(ERROR_INVALID, "'%s' is no file, folder or link",
			 from);
}

struct error *file_copy_tree(const char *from, const char *to)
{
	CLEANUP(free_str)
	char *part = xasprintf("%s.tmp-%ld", to, (long)getpid());

	TRY(file_remove_tree(part)); /* of a killed process with our number */
	struct error *err = copy(from, part);
	if (!err && rename(part, to))
		err = error_errno("cannot move '%s' to '%s'", from, to);
	if (err)
		error_free(file_remove_tree(part));
	return err;
}

struct error *file_move(const char *from, const char *to)
{
	CLEANUP(free_str) char *dir = path_parent(to);

	TRY(file_mkdirs(dir));
	if (!rename(from, to))
		return NULL;
	if (errno != EXDEV)
		return error_errno("cannot move '%s' to '%s'", from, to);
	TRY(file_copy_tree(from, to));
	return file_remove_tree(from);
}
