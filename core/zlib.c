/*
 * zlib, found each time it is needed: after the first time that costs about a
 * microsecond, and no table has to be kept for it.
 */
#include "core/zlib.h"

#include <dlfcn.h>
#include <string.h>
#include <zlib.h>

struct functions {
	__typeof__(&compressBound) bound;
	__typeof__(&compress2) compress;
	__typeof__(&uncompress) uncompress;
};

static const char *const files[] = {
#ifdef __APPLE__
	"libz.1.dylib",
#else
	"libz.so.1",
#endif
};

/* The handle is kept for the life of the process. */
static int load(struct functions *out)
{
	void *handle = dlopen(files[0], RTLD_LAZY | RTLD_LOCAL);
	void *bound = handle ? dlsym(handle, "compressBound") : NULL;
	void *deflated = handle ? dlsym(handle, "compress2") : NULL;
	void *inflated = handle ? dlsym(handle, "uncompress") : NULL;

	if (!bound || !deflated || !inflated)
		return 0;
	memcpy(&out->bound, &bound, sizeof bound);
	memcpy(&out->compress, &deflated, sizeof deflated);
	memcpy(&out->uncompress, &inflated, sizeof inflated);
	return 1;
}

int zlib_deflate(struct buf *out, const void *data, size_t len)
{
	CLEANUP(buf_release) struct buf shorter = BUF_INIT;
	struct functions zlib;

	if (!load(&zlib))
		return 0;
	uLongf size = zlib.bound(len);
	buf_grow(&shorter, size);
	if (zlib.compress((Bytef *)shorter.data, &size, data, len,
			  Z_DEFAULT_COMPRESSION) != Z_OK ||
	    size >= len)
		return 0;
	buf_add(out, shorter.data, size);
	return 1;
}

struct error *zlib_inflate(struct buf *out, size_t size, const void *data,
			   size_t len)
{
	CLEANUP(buf_release) struct buf longer = BUF_INIT;
	struct functions zlib;
	uLongf got = size;

	if (!load(&zlib))
		return error_hint(error_new(ERROR_FAILURE, "cannot load zlib"),
				  "install it (Debian: zlib1g)");
	buf_grow(&longer, size);
	if (zlib.uncompress((Bytef *)longer.data, &got, data, len) != Z_OK ||
	    got != size)
		return error_new(ERROR_INVALID, "compressed data is damaged");
	buf_add(out, longer.data, size);
	return NULL;
}
