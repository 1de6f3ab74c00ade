/*
 * Loading libcurl.  Debian's two builds differ in nothing we use; git brings
 * the second one with it.
 */
#define CURL_BY_ITS_OWN_NAMES
#include "core/curl.h"

#include <dlfcn.h>
#include <string.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

/*
 * Its own libraries before the program's symbols: a libcurl that speaks TLS
 * by mbedTLS must not find the function that gitops/git2.c exports to make
 * libgit2 read no certificates.  The address sanitizer allows no such thing.
 */
#if defined(RTLD_DEEPBIND) && !defined(__SANITIZE_ADDRESS__)
#define HOW (RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND)
#else
#define HOW (RTLD_LAZY | RTLD_LOCAL)
#endif

struct curl curl_table;

static const char *const files[] = {
#ifdef __APPLE__
	"libcurl.4.dylib",
#else
	"libcurl.so.4",
	"libcurl-gnutls.so.4",
#endif
};

static const struct row {
	const char *name;
	size_t offset;
} rows[] = {
#define ROW(fn) { #fn, offsetof(struct curl, fn) },
	CURL_FUNCTIONS(ROW)
#undef ROW
};

static struct error *explain(struct error *err)
{
	return error_hint(err, "install libcurl 7.87 or newer (Debian: "
			       "libcurl4)");
}

struct error *curl_load(void)
{
	struct curl table;
	void *handle = NULL;

	if (curl_table.curl_easy_init)
		return NULL;
	for (size_t i = 0; !handle && i < sizeof files / sizeof *files; i++)
		handle = dlopen(files[i], HOW);
	if (!handle)
		return explain(error_new(ERROR_FAILURE,
					 "cannot load libcurl: "
					 "%s",
					 dlerror()));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		void *symbol = dlsym(handle, rows[i].name);

		if (!symbol) {
			dlclose(handle);
			return explain(error_new(ERROR_FAILURE,
						 "libcurl has no %s",
						 rows[i].name));
		}
		memcpy((char *)&table + rows[i].offset, &symbol, sizeof symbol);
	}
	const curl_version_info_data *info =
		table.curl_version_info(CURLVERSION_NOW);
	if (info->version_num < CURL_OLDEST)
		return explain(error_new(ERROR_FAILURE, "libcurl %s is too old",
					 info->version));
	curl_table = table;
	return NULL;
}
