/* `git orch cache`: its subcommands, and what they print alike. */
#ifndef CMD_CACHE_H
#define CMD_CACHE_H

#include "cmd/cmd.h"
#include "plans/cache.h"

/* cache-show.c */
struct error *cache_run_list(struct session *session) MUST_USE;
struct error *cache_run_show(struct session *session) MUST_USE;
/* cache-stats.c */
struct error *cache_run_stats(struct session *session) MUST_USE;
/* cache-share.c */
struct error *cache_run_push(struct session *session) MUST_USE;
struct error *cache_run_pull(struct session *session) MUST_USE;

/* "12 B", "3 KiB", "1 GiB" */
void size_format(char *out, size_t size, int64_t bytes);

#endif
