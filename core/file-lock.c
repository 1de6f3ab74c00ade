/*
 * Locks by flock(2).  Waiting is done in short naps, not inside flock(2):
 * SIGINT and SIGTERM are blocked outside the poll loop, and a wait that the
 * user cannot end would be a hang.
 */
#include "core/file.h"
#include "core/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define NAP_NS 5000000L
/* file_locked() holds a lock for an instant: being held is tried thrice. */
#define TRIES 3

static void nap(void)
{
	struct timespec time = { 0, NAP_NS };

	nanosleep(&time, NULL);
}

static struct error *open_lock(int *fd, const char *path)
{
	int flags = O_RDWR | O_CREAT | O_CLOEXEC;

	*fd = open(path, flags, 0666);
	if (*fd < 0 && errno == ENOENT) {
		CLEANUP(free_str) char *dir = path_parent(path);

		TRY(file_mkdirs(dir));
		*fd = open(path, flags, 0666);
	}
	return *fd < 0 ? error_errno("cannot open lock '%s'", path) : NULL;
}

/* The file may have been removed, and made anew, before the lock was had. */
static int still_there(int fd, const char *path)
{
	struct stat held, named;

	return !fstat(fd, &held) && !stat(path, &named) &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

static struct error *wait_for(int fd, const char *path, int wait)
{
	for (int try = 1; flock(fd, LOCK_EX | LOCK_NB); try++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno("cannot lock '%s'", path);
		if (!wait && try >= TRIES)
			return error_new(ERROR_CLAIMED,
					 "'%s' is held by another process",
					 path);
		if (loop_interrupted())
			return error_new(ERROR_INTERRUPT,
					 "interrupted while waiting for '%s'",
					 path);
		nap();
	}
	return NULL;
}

struct error *file_lock(struct file_lock *lock, const char *path, int wait)
{
	for (;;) {
		int fd;

		TRY(open_lock(&fd, path));
		struct error *err = wait_for(fd, path, wait);
		if (!err && still_there(fd, path)) {
			lock->fd = fd;
			lock->path = xstrdup(path);
			return NULL;
		}
		close(fd);
		if (err)
			return err;
	}
}

void file_unlock(struct file_lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	lock->fd = -1;
	free_str(&lock->path);
}

void file_unlock_remove(struct file_lock *lock)
{
	if (lock->fd >= 0)
		unlink(lock->path);
	file_unlock(lock);
}

int file_locked(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	/* Shared, so that two who ask do not see each other. */
	int held = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
	close(fd);
	return held;
}

struct error *file_lock_note(const struct file_lock *lock, const char *text)
{
	size_t len = strlen(text);

	if (ftruncate(lock->fd, 0) ||
	    pwrite(lock->fd, text, len, 0) != (ssize_t)len)
		return error_errno("cannot write '%s'", lock->path);
	return NULL;
}

char *file_lock_noted(const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	error_free(file_read(&text, path, 4096));
	return text.len ? buf_steal(&text) : xstrdup("");
}
