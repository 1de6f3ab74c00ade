/* Files and directories: whole-file reads, atomic writes, locks, walks. */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include "core/array.h"

#include <stdint.h>
#include <sys/stat.h>

/*
 * Appends the file; absent is ERROR_NOT_FOUND, over max is ERROR_INVALID.  A
 * pipe or a device is refused and never waited for.
 */
struct error *file_read(struct buf *out, const char *path, size_t max) MUST_USE;

enum file_write {
	FILE_PLAIN = 0,
	FILE_DURABLE = 1, /* fsync the file and its directory */
	FILE_EXEC = 2, /* mode 0777 & ~umask */
	FILE_PRIVATE = 4, /* mode 0600 */
};

/*
 * Writes through a temporary file beside path and rename(2): readers see the
 * old or the new content; on failure path is untouched and the temporary
 * gone (a killed process leaves ".tmp-<pid>-<random>" beside path).  Missing
 * parent directories are made.  A full disk has a hint.
 */
struct error *file_write(const char *path, const void *data, size_t len,
			 unsigned flags) MUST_USE;

/* What is read to its end although it is no file: a pipe, a terminal. */
struct stream {
	int fd;
	size_t max; /* bytes */
	int64_t idle_ms; /* how long nothing may come */
	void (*waiting)(void *data); /* nothing came for 1 s; may be NULL */
	void *data;
};
/*
 * Appends it.  ERROR_INVALID: it is longer; ERROR_FAILURE: nothing came;
 * ERROR_INTERRUPT.  After an error out is as it was.
 */
struct error *file_read_stream(struct buf *out, const struct stream *stream)
	MUST_USE;

/* fsync(2) on a directory: what was made or renamed in it stays. */
struct error *file_sync_dir(const char *path) MUST_USE;

struct error *file_mkdirs(const char *path) MUST_USE; /* mkdir -p */
struct error *file_remove(const char *path) MUST_USE; /* absent is fine */
/* rm -r without following symbolic links; absent is fine. */
struct error *file_remove_tree(const char *path) MUST_USE;

int file_exists(const char *path); /* lstat */
int file_is_dir(const char *path);

/*
 * Moves a file or a folder: rename(2), or a copy and removal when to lies on
 * another file system.  Missing parent directories of to are made; to itself
 * is replaced as rename(2) does.
 */
struct error *file_move(const char *from, const char *to) MUST_USE;
/*
 * Copies files, folders and symbolic links with their modes; to appears when
 * all of it is there.  Anything else in it is ERROR_INVALID.
 */
struct error *file_copy_tree(const char *from, const char *to) MUST_USE;

/* Names in a directory but . and .., sorted; absent gives none. */
struct error *file_list(struct strings *out, const char *path) MUST_USE;

/* realpath(3), owned by the caller. */
struct error *file_real(char **out, const char *path) MUST_USE;
/* a/b from a and b; owned by the caller. */
char *path_join(const char *dir, const char *name) MUST_USE;
/* What lies before the last part, "." for a bare name; owned by the caller. */
char *path_parent(const char *path) MUST_USE;

/*
 * A flock(2) on a file that is made when absent.  The kernel drops it when
 * the holder dies, which is what claims and worktrees rely on.  fd is -1 when
 * not held.  The lock file itself is left in place, except by
 * file_unlock_remove(), which removes it while it is held; file_lock() copes
 * with that race by comparing inodes.
 */
struct file_lock {
	int fd;
	char *path;
};
#define FILE_LOCK_INIT                                                         \
	{                                                                      \
		-1, NULL                                                       \
	}

/*
 * wait 0: a held lock is ERROR_CLAIMED at once; else waits for it, or for
 * SIGINT or SIGTERM (ERROR_INTERRUPT).  Missing parent directories are made.
 */
struct error *file_lock(struct file_lock *lock, const char *path, int wait)
	MUST_USE;
void file_unlock(struct file_lock *lock); /* also for CLEANUP */
void file_unlock_remove(struct file_lock *lock);
/* Tells whether somebody holds it now; absent is no. */
int file_locked(const char *path);
/* Writes one line about the holder into the file; it outlives the lock. */
struct error *file_lock_note(const struct file_lock *lock, const char *text)
	MUST_USE;
/* That line, owned; "" where there is none. */
char *file_lock_noted(const char *path) MUST_USE;

/*
 * $XDG_CONFIG_HOME/git-orch, $XDG_CACHE_HOME/git-orch, $XDG_STATE_HOME/
 * git-orch; ERROR when no HOME.
 */
struct error *file_config_dir(char **out) MUST_USE;
struct error *file_cache_dir(char **out) MUST_USE;
struct error *file_state_dir(char **out) MUST_USE;

#endif
