/*
 * Files by path.  Temporaries are made by hand instead of by mkstemp(3),
 * whose mode ignores the umask that a written file must follow.
 */
#include "core/file.h"

#include "core/hash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

char *path_join(const char *dir, const char *name)
{
	size_t len = strlen(dir);

	return xasprintf("%s%s%s", dir, len && dir[len - 1] != '/' ? "/" : "",
			 name);
}

char *path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

struct error *file_read(struct buf *out, const char *path, size_t max)
{
	/* A pipe that nobody writes to would hold open(2) for ever. */
	CLEANUP(close_fd)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t before = out->len;
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return error_new(ERROR_NOT_FOUND, "there is no file '%s'",
				 path);
	if (fd < 0)
		return error_errno("cannot open '%s'", path);
	if (fstat(fd, &st))
		return error_errno("cannot look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return error_new(ERROR_FAILURE, "'%s' is no regular file",
				 path);
	struct error *err = buf_read_fd(out, fd, before + max);
	if (error_is(err, ERROR_INVALID)) {
		error_free(err);
		err = error_new(ERROR_INVALID, "larger than %zu bytes", max);
	}
	if (err)
		buf_setlen(out, before);
	return error_wrap(err, "'%s'", path);
}

static struct error *write_error(const char *path)
{
	return error_errno("cannot write '%s'", path);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* dir/.tmp-<pid>-<random>, a name no other process or call uses. */
static char *temporary_name(const char *dir)
{
	uint32_t random;

	random_bytes(&random, sizeof random);
	return xasprintf("%s/.tmp-%ld-%08x", dir, (long)getpid(), random);
}

static struct error *create(int *fd, const char *name, const char *dir,
			    unsigned flags)
{
	int how = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	mode_t mode = flags & FILE_PRIVATE ? 0600
		      : flags & FILE_EXEC  ? 0777
					   : 0666;

	*fd = open(name, how, mode);
	if (*fd < 0 && errno == ENOENT) {
		TRY(file_mkdirs(dir));
		*fd = open(name, how, mode);
	}
	return *fd < 0 ? write_error(name) : NULL;
}

struct error *file_sync_dir(const char *dir)
{
	CLEANUP(close_fd)
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* Some file systems cannot sync a directory, and say EINVAL. */
	if (fd < 0 || (fsync(fd) && errno != EINVAL))
		return error_errno("cannot sync '%s'", dir);
	return NULL;
}

/* Everything up to the rename; the caller removes the temporary. */
static struct error *fill(int *fd, const char *path, const void *data,
			  size_t len, unsigned flags)
{
	if (write_all(*fd, data, len) || (flags & FILE_DURABLE && fsync(*fd)))
		return write_error(path);
	int closed = close(*fd);
	*fd = -1;
	return closed ? write_error(path) : NULL;
}

struct error *file_write(const char *path, const void *data, size_t len,
			 unsigned flags)
{
	CLEANUP(free_str) char *dir = path_parent(path);
	CLEANUP(free_str) char *name = temporary_name(dir);
	CLEANUP(close_fd) int fd = -1;

	TRY(create(&fd, name, dir, flags));
	struct error *err = fill(&fd, path, data, len, flags);
	if (!err && rename(name, path))
		err = write_error(path);
	if (err) {
		unlink(name);
		return err;
	}
	return flags & FILE_DURABLE ? file_sync_dir(dir) : NULL;
}

static struct error *make_dir(const char *path)
{
	if (!mkdir(path, 0777))
		return NULL;
	int cause = errno;
	if (file_is_dir(path))
		return NULL;
	errno = cause;
	return error_errno("cannot make directory '%s'", path);
}

struct error *file_mkdirs(const char *path)
{
	CLEANUP(free_str) char *part = xstrdup(path);

	for (char *p = part; *p; p++)
		if (*p == '/' && p > part) {
			*p = '\0';
			TRY(make_dir(part));
			*p = '/';
		}
	return make_dir(path);
}

struct error *file_remove(const char *path)
{
	if (unlink(path) && errno != ENOENT && errno != ENOTDIR)
		return error_errno("cannot remove '%s'", path);
	return NULL;
}

static struct error *remove_at(int at, const char *name, const char *path);

static struct error *remove_content(int at, const char *name, const char *path)
{
	int fd = openat(at, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	/* Caches of some build tools are read-only folders. */
	if (fd < 0 && errno == EACCES && !fchmodat(at, name, 0700, 0))
		fd = openat(at, name,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP(close_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return error_errno("cannot open '%s'", path);
	if (faccessat(fd, ".", W_OK | X_OK, 0))
		fchmod(fd, 0700);
	for (struct dirent *entry; (entry = readdir(dir));) {
		const char *child = entry->d_name;

		if (!strcmp(child, ".") || !strcmp(child, ".."))
			continue;
		CLEANUP(free_str) char *full = path_join(path, child);
		TRY(remove_at(dirfd(dir), child, full));
	}
	return NULL;
}

static struct error *remove_at(int at, const char *name, const char *path)
{
	if (!unlinkat(at, name, 0) || errno == ENOENT || errno == ENOTDIR)
		return NULL;
	/* EPERM is what POSIX says of a directory, EISDIR what Linux does. */
	if (errno != EISDIR && errno != EPERM)
		return error_errno("cannot remove '%s'", path);
	TRY(remove_content(at, name, path));
	if (unlinkat(at, name, AT_REMOVEDIR) && errno != ENOENT)
		return error_errno("cannot remove '%s'", path);
	return NULL;
}

struct error *file_remove_tree(const char *path)
{
	return remove_at(AT_FDCWD, path, path);
}

int file_exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

int file_is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

struct error *file_list(struct strings *out, const char *path)
{
	CLEANUP(close_dir) DIR *dir = opendir(path);
	struct strings names = STRINGS_INIT;

	if (!dir && errno == ENOENT)
		return NULL;
	if (!dir)
		return error_errno("cannot list '%s'", path);
	for (struct dirent *entry; (entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			strings_add(&names, entry->d_name);
	strings_sort(&names);
	FOR_EACH (char *, name, &names)
		strings_take(out, *name);
	free(names.items);
	return NULL;
}

struct error *file_real(char **out, const char *path)
{
	char *real = realpath(path, NULL);

	if (!real && (errno == ENOENT || errno == ENOTDIR))
		return error_new(ERROR_NOT_FOUND, "there is no '%s'", path);
	if (!real)
		return error_errno("cannot resolve '%s'", path);
	*out = real;
	return NULL;
}

/* XDG Base Directory Specification: a relative path there is ignored. */
static struct error *xdg_dir(char **out, const char *variable,
			     const char *fallback)
{
	const char *dir = getenv(variable);
	const char *home = getenv("HOME");

	if (dir && *dir == '/') {
		*out = path_join(dir, "git-orch");
		return NULL;
	}
	if (!home || *home != '/')
		return error_hint(
			home && *home
				? error_new(ERROR_FAILURE,
					    "HOME is '%s', which is no "
					    "absolute path",
					    home)
				: error_new(ERROR_FAILURE, "HOME is not set"),
			"set HOME or %s to an absolute path", variable);
	*out = xasprintf("%s/%s/git-orch", home, fallback);
	return NULL;
}

struct error *file_config_dir(char **out)
{
	return xdg_dir(out, "XDG_CONFIG_HOME", ".config");
}

struct error *file_cache_dir(char **out)
{
	return xdg_dir(out, "XDG_CACHE_HOME", ".cache");
}

struct error *file_state_dir(char **out)
{
	return xdg_dir(out, "XDG_STATE_HOME", ".local/state");
}
