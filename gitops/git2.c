/*
 * Loading libgit2.  The soname is the one its headers were made for: another
 * version could have other structs.
 */
#define GIT2_BY_ITS_OWN_NAMES
#include "gitops/git2.h"

#include <dlfcn.h>
#include <string.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#ifdef __APPLE__
#define GIT2_FILE "libgit2." LIBGIT2_SOVERSION ".dylib"
#else
#define GIT2_FILE "libgit2.so." LIBGIT2_SOVERSION
#endif

struct git2 git2_table;

/*
 * git_libgit2_init() of a libgit2 made with mbedTLS (Debian's) parses the
 * system's 140 certificates: 4 ms of every start, for https that is never
 * spoken through libgit2 here.  This is the function it asks, by the rules of
 * ELF before the library's own, because the program's exported symbols come
 * first; the Makefile exports it.  No certificate is trusted then, so any
 * https would be refused.  A libgit2 made with something else never calls
 * it.  Should a library that does speak TLS through mbedTLS ever be loaded
 * into this process, load it with RTLD_DEEPBIND.
 */
int mbedtls_x509_crt_parse_file(void *chain, const char *path);
int mbedtls_x509_crt_parse_file(void *chain, const char *path)
{
	(void)chain;
	(void)path;
	return 0;
}

static const struct row {
	const char *name;
	size_t offset;
} rows[] = {
#define ROW(fn) { #fn, offsetof(struct git2, fn) },
	GIT2_FUNCTIONS(ROW)
#undef ROW
};

struct error *git2_load(void)
{
	const char *package = "install libgit2 " LIBGIT2_SOVERSION
			      " (Debian: libgit2-" LIBGIT2_SOVERSION ")";
	struct git2 table;
	void *handle;

	if (git2_table.git_libgit2_init)
		return NULL;
	handle = dlopen(GIT2_FILE, RTLD_LAZY | RTLD_LOCAL);
	if (!handle)
		return error_hint(error_new(ERROR_FAILURE,
					    "cannot load " GIT2_FILE ": %s",
					    dlerror()),
				  "%s", package);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		void *symbol = dlsym(handle, rows[i].name);

		if (!symbol) {
			dlclose(handle);
			return error_hint(error_new(ERROR_FAILURE,
						    GIT2_FILE " has no %s",
						    rows[i].name),
					  "%s", package);
		}
		memcpy((char *)&table + rows[i].offset, &symbol, sizeof symbol);
	}
	git2_table = table;
	return NULL;
}

static enum error_code error_code_of(int code)
{
	switch (code) {
	case GIT_ENOTFOUND:
		return ERROR_NOT_FOUND;
	case GIT_ELOCKED:
		return ERROR_AGAIN;
	case GIT_EMODIFIED:
		return ERROR_STALE;
	case GIT_EINVALIDSPEC:
	case GIT_EAMBIGUOUS:
		return ERROR_INVALID;
	default:
		return ERROR_FAILURE;
	}
}

struct error *git2_error(int code, const char *fmt, ...)
{
	const git_error *last = git2_table.git_error_last();
	const char *text = last && last->message && *last->message
				   ? last->message
				   : "unknown error of libgit2";
	CLEANUP(buf_release) struct buf context = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&context, fmt, args);
	va_end(args);
	return error_explain(
		error_new(error_code_of(code), "%s: %s", context.data, text));
}

git_oid git2_from_oid(const struct oid *oid)
{
	git_oid out = { { 0 } };

	memcpy(out.id, oid->id, sizeof out.id);
	return out;
}

struct oid git2_to_oid(const git_oid *id)
{
	struct oid out;

	memcpy(out.id, id->id, sizeof out.id);
	return out;
}

void git2_leaks(int on)
{
#ifdef __SANITIZE_ADDRESS__
	if (on)
		__lsan_disable();
	else
		__lsan_enable();
#else
	(void)on;
#endif
}
