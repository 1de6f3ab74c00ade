/* Tests of the configuration: a project, its layers and its settings. */
#ifndef TESTS_UNIT_CONFIG_H
#define TESTS_UNIT_CONFIG_H

#include "tests/unit/opened.h"

#include "core/file.h"

#define CONFIG ".orch/config.yaml"

static inline struct error *load(const struct project_options *options)
{
	commit_all(&box);
	project_release(&project);
	return open_at(&project, &box, options);
}

/* The user's own configuration. */
static inline void put_own(const char *text)
{
	char *path = xasprintf("%s/.config/git-orch/config.yaml", box.dir);
	FILE *file;

	sh(&box, "mkdir -p .config/git-orch");
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(path);
}

/* A setting has this value and this origin; $HOME in origin is the sandbox. */
static inline void has(const char *key, const char *value, const char *origin)
{
	struct setting setting;

	ok(config_get(&setting, &project.config, key));
	same(setting.value, value);
	if (!strncmp(origin, "~/", 2)) {
		char *full = path_join(box.dir, origin + 2);

		same(setting.origin, full);
		free(full);
	} else {
		same(setting.origin, origin);
	}
	setting_release(&setting);
}

#endif
