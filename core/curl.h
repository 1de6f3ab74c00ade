/*
 * The one way to libcurl: included by core/curl.c and core/http*.c, by no
 * header but core/http-transfer.h, which is theirs.
 *
 * libcurl is loaded at run time, by the first http_new(): it brings thirty
 * libraries with it, and most commands ask nobody.  The form is that of
 * gitops/git2.h: one table of function pointers, a global that is constant
 * once it is filled.  A function used for the first time gets a row in the
 * list and a #define; without the row it does not compile, without the
 * #define it does not link.
 */
#ifndef CORE_CURL_H
#define CORE_CURL_H

#include "core/error.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_share_setopt
#undef curl_multi_setopt

#define CURL_OLDEST 0x075700 /* 7.87: CURLOPT_QUICK_EXIT */
#if LIBCURL_VERSION_NUM < CURL_OLDEST
#error "libcurl 7.87 or newer is needed"
#endif

#define CURL_FUNCTIONS(X)                                                      \
	X(curl_easy_cleanup)                                                   \
	X(curl_easy_getinfo)                                                   \
	X(curl_easy_init)                                                      \
	X(curl_easy_setopt)                                                    \
	X(curl_free)                                                           \
	X(curl_global_cleanup)                                                 \
	X(curl_global_init)                                                    \
	X(curl_multi_add_handle)                                               \
	X(curl_multi_cleanup)                                                  \
	X(curl_multi_info_read)                                                \
	X(curl_multi_init)                                                     \
	X(curl_multi_remove_handle)                                            \
	X(curl_multi_setopt)                                                   \
	X(curl_multi_socket_action)                                            \
	X(curl_slist_append)                                                   \
	X(curl_slist_free_all)                                                 \
	X(curl_url)                                                            \
	X(curl_url_cleanup)                                                    \
	X(curl_url_get)                                                        \
	X(curl_url_set)                                                        \
	X(curl_version_info)

struct curl {
#define MEMBER(fn) __typeof__(&fn) fn;
	CURL_FUNCTIONS(MEMBER)
#undef MEMBER
};

extern struct curl curl_table;

/*
 * Fills the table; once is enough, more is harmless.  ERROR_FAILURE with a
 * hint when there is no libcurl or one that is too old.
 */
struct error *curl_load(void) MUST_USE;

#ifndef CURL_BY_ITS_OWN_NAMES
#define curl_easy_cleanup        curl_table.curl_easy_cleanup
#define curl_easy_getinfo        curl_table.curl_easy_getinfo
#define curl_easy_init           curl_table.curl_easy_init
#define curl_easy_setopt         curl_table.curl_easy_setopt
#define curl_free                curl_table.curl_free
#define curl_global_cleanup      curl_table.curl_global_cleanup
#define curl_global_init         curl_table.curl_global_init
#define curl_multi_add_handle    curl_table.curl_multi_add_handle
#define curl_multi_cleanup       curl_table.curl_multi_cleanup
#define curl_multi_info_read     curl_table.curl_multi_info_read
#define curl_multi_init          curl_table.curl_multi_init
#define curl_multi_remove_handle curl_table.curl_multi_remove_handle
#define curl_multi_setopt        curl_table.curl_multi_setopt
#define curl_multi_socket_action curl_table.curl_multi_socket_action
#define curl_slist_append        curl_table.curl_slist_append
#define curl_slist_free_all      curl_table.curl_slist_free_all
#define curl_url                 curl_table.curl_url
#define curl_url_cleanup         curl_table.curl_url_cleanup
#define curl_url_get             curl_table.curl_url_get
#define curl_url_set             curl_table.curl_url_set
#define curl_version_info        curl_table.curl_version_info
#endif

#endif
