/*
 * The one way to libgit2: included by the .c files of gitops, by no header.
 *
 * libgit2 is loaded at run time, by the first repo_open(): linking it costs
 * every start some 2 ms for 17 libraries, initialising it 4 ms more, and
 * `git orch version`, completion and the hooks that find nothing to do need
 * no repository.  Hence the one table of function pointers below, a global
 * that is constant once it is filled: code reads as if libgit2 were linked.
 * A function used for the first time gets a row in the list and a #define;
 * without the row it does not compile, without the #define it does not link.
 */
#ifndef GITOPS_GIT2_H
#define GITOPS_GIT2_H

#include "core/array.h"
#include "gitops/oid.h"

#include <git2.h>
#include <git2/sys/commit.h>
#include <git2/sys/repository.h>

#define GIT2_FUNCTIONS(X)                                                      \
	X(git_blob_create_from_buffer)                                         \
	X(git_blob_free)                                                       \
	X(git_blob_lookup)                                                     \
	X(git_blob_rawcontent)                                                 \
	X(git_buf_dispose)                                                     \
	X(git_commit_author)                                                   \
	X(git_commit_create_from_ids)                                          \
	X(git_commit_free)                                                     \
	X(git_commit_lookup)                                                   \
	X(git_commit_message)                                                  \
	X(git_commit_parent_id)                                                \
	X(git_commit_time)                                                     \
	X(git_commit_tree_id)                                                  \
	X(git_config_add_file_ondisk)                                          \
	X(git_config_entry_free)                                               \
	X(git_config_find_global)                                              \
	X(git_config_find_system)                                              \
	X(git_config_find_xdg)                                                 \
	X(git_config_free)                                                     \
	X(git_config_get_bool)                                                 \
	X(git_config_get_entry)                                                \
	X(git_config_iterator_free)                                            \
	X(git_config_iterator_new)                                             \
	X(git_config_new)                                                      \
	X(git_config_next)                                                     \
	X(git_config_open_level)                                               \
	X(git_config_parse_bool)                                               \
	X(git_config_set_string)                                               \
	X(git_error_last)                                                      \
	X(git_graph_descendant_of)                                             \
	X(git_libgit2_init)                                                    \
	X(git_libgit2_opts)                                                    \
	X(git_libgit2_version)                                                 \
	X(git_merge_base)                                                      \
	X(git_message_trailer_array_free)                                      \
	X(git_message_trailers)                                                \
	X(git_object_free)                                                     \
	X(git_object_id)                                                       \
	X(git_object_peel)                                                     \
	X(git_odb_exists)                                                      \
	X(git_odb_free)                                                        \
	X(git_odb_read_header)                                                 \
	X(git_oid_equal)                                                       \
	X(git_oid_is_zero)                                                     \
	X(git_patch_free)                                                      \
	X(git_patch_from_buffers)                                              \
	X(git_patch_to_buf)                                                    \
	X(git_reference_create_matching)                                       \
	X(git_reference_delete)                                                \
	X(git_reference_free)                                                  \
	X(git_reference_iterator_free)                                         \
	X(git_reference_iterator_glob_new)                                     \
	X(git_reference_lookup)                                                \
	X(git_reference_name)                                                  \
	X(git_reference_name_is_valid)                                         \
	X(git_reference_name_to_id)                                            \
	X(git_reference_next)                                                  \
	X(git_reference_resolve)                                               \
	X(git_reference_symbolic_target)                                       \
	X(git_reference_target)                                                \
	X(git_reference_type)                                                  \
	X(git_remote_list)                                                     \
	X(git_repository_discover)                                             \
	X(git_repository_free)                                                 \
	X(git_repository_is_bare)                                              \
	X(git_repository_is_shallow)                                           \
	X(git_repository_odb)                                                  \
	X(git_repository_open_ext)                                             \
	X(git_repository_set_config)                                           \
	X(git_repository_set_workdir)                                          \
	X(git_repository_workdir)                                              \
	X(git_revparse_single)                                                 \
	X(git_signature_free)                                                  \
	X(git_signature_new)                                                   \
	X(git_tree_entry_byindex)                                              \
	X(git_tree_entry_byname)                                               \
	X(git_tree_entry_filemode)                                             \
	X(git_tree_entry_id)                                                   \
	X(git_tree_entry_name)                                                 \
	X(git_tree_entrycount)                                                 \
	X(git_tree_free)                                                       \
	X(git_tree_lookup)                                                     \
	X(git_treebuilder_entrycount)                                          \
	X(git_treebuilder_free)                                                \
	X(git_treebuilder_get)                                                 \
	X(git_treebuilder_insert)                                              \
	X(git_treebuilder_new)                                                 \
	X(git_treebuilder_remove)                                              \
	X(git_treebuilder_write)

struct git2 {
#define MEMBER(fn) __typeof__(&fn) fn;
	GIT2_FUNCTIONS(MEMBER)
#undef MEMBER
};

extern struct git2 git2_table;

/* Fills the table; once is enough, more is harmless. */
struct error *git2_load(void) MUST_USE;

/*
 * The error for a code that libgit2 returned: "text: what libgit2 says".
 * GIT_ENOTFOUND, ELOCKED, EMODIFIED and EINVALIDSPEC become ERROR_NOT_FOUND,
 * AGAIN, STALE and INVALID, all else ERROR_FAILURE.
 */
struct error *git2_error(int code, const char *fmt, ...) PRINTF(2, 3) MUST_USE;

git_oid git2_from_oid(const struct oid *oid);
struct oid git2_to_oid(const git_oid *id);

/*
 * libgit2 1.5 leaks a little where it matches configuration keys against a
 * pattern in vain (git_regexp_match() with PCRE2; it does so while it opens a
 * repository of format 1), and where a walk meets a commit that is not here.
 * Between git2_leaks(1) and git2_leaks(0) the leak sanitizer does not look.
 */
void git2_leaks(int on);

#ifndef GIT2_BY_ITS_OWN_NAMES
#define git_blob_create_from_buffer    git2_table.git_blob_create_from_buffer
#define git_blob_free                  git2_table.git_blob_free
#define git_blob_lookup                git2_table.git_blob_lookup
#define git_blob_rawcontent            git2_table.git_blob_rawcontent
#define git_buf_dispose                git2_table.git_buf_dispose
#define git_commit_author              git2_table.git_commit_author
#define git_commit_create_from_ids     git2_table.git_commit_create_from_ids
#define git_commit_free                git2_table.git_commit_free
#define git_commit_lookup              git2_table.git_commit_lookup
#define git_commit_message             git2_table.git_commit_message
#define git_commit_parent_id           git2_table.git_commit_parent_id
#define git_commit_time                git2_table.git_commit_time
#define git_commit_tree_id             git2_table.git_commit_tree_id
#define git_config_add_file_ondisk     git2_table.git_config_add_file_ondisk
#define git_config_entry_free          git2_table.git_config_entry_free
#define git_config_find_global         git2_table.git_config_find_global
#define git_config_find_system         git2_table.git_config_find_system
#define git_config_find_xdg            git2_table.git_config_find_xdg
#define git_config_free                git2_table.git_config_free
#define git_config_get_bool            git2_table.git_config_get_bool
#define git_config_get_entry           git2_table.git_config_get_entry
#define git_config_iterator_free       git2_table.git_config_iterator_free
#define git_config_iterator_new        git2_table.git_config_iterator_new
#define git_config_new                 git2_table.git_config_new
#define git_config_next                git2_table.git_config_next
#define git_config_open_level          git2_table.git_config_open_level
#define git_config_parse_bool          git2_table.git_config_parse_bool
#define git_config_set_string          git2_table.git_config_set_string
#define git_error_last                 git2_table.git_error_last
#define git_graph_descendant_of        git2_table.git_graph_descendant_of
#define git_libgit2_init               git2_table.git_libgit2_init
#define git_libgit2_opts               git2_table.git_libgit2_opts
#define git_libgit2_version            git2_table.git_libgit2_version
#define git_merge_base                 git2_table.git_merge_base
#define git_message_trailer_array_free git2_table.git_message_trailer_array_free
#define git_message_trailers           git2_table.git_message_trailers
#define git_object_free                git2_table.git_object_free
#define git_object_id                  git2_table.git_object_id
#define git_object_peel                git2_table.git_object_peel
#define git_odb_exists                 git2_table.git_odb_exists
#define git_odb_free                   git2_table.git_odb_free
#define git_odb_read_header            git2_table.git_odb_read_header
#define git_oid_equal                  git2_table.git_oid_equal
#define git_oid_is_zero                git2_table.git_oid_is_zero
#define git_patch_free                 git2_table.git_patch_free
#define git_patch_from_buffers         git2_table.git_patch_from_buffers
#define git_patch_to_buf               git2_table.git_patch_to_buf
#define git_reference_create_matching  git2_table.git_reference_create_matching
#define git_reference_delete           git2_table.git_reference_delete
#define git_reference_free             git2_table.git_reference_free
#define git_reference_iterator_free    git2_table.git_reference_iterator_free
#define git_reference_iterator_glob_new                                        \
	git2_table.git_reference_iterator_glob_new
#define git_reference_lookup          git2_table.git_reference_lookup
#define git_reference_name_is_valid   git2_table.git_reference_name_is_valid
#define git_reference_name            git2_table.git_reference_name
#define git_reference_name_to_id      git2_table.git_reference_name_to_id
#define git_reference_next            git2_table.git_reference_next
#define git_reference_resolve         git2_table.git_reference_resolve
#define git_reference_symbolic_target git2_table.git_reference_symbolic_target
#define git_reference_target          git2_table.git_reference_target
#define git_reference_type            git2_table.git_reference_type
#define git_remote_list               git2_table.git_remote_list
#define git_repository_discover       git2_table.git_repository_discover
#define git_repository_free           git2_table.git_repository_free
#define git_repository_is_bare        git2_table.git_repository_is_bare
#define git_repository_is_shallow     git2_table.git_repository_is_shallow
#define git_repository_odb            git2_table.git_repository_odb
#define git_repository_open_ext       git2_table.git_repository_open_ext
#define git_repository_set_config     git2_table.git_repository_set_config
#define git_repository_set_workdir    git2_table.git_repository_set_workdir
#define git_repository_workdir        git2_table.git_repository_workdir
#define git_revparse_single           git2_table.git_revparse_single
#define git_signature_free            git2_table.git_signature_free
#define git_signature_new             git2_table.git_signature_new
#define git_tree_entry_byindex        git2_table.git_tree_entry_byindex
#define git_tree_entry_byname         git2_table.git_tree_entry_byname
#define git_tree_entry_filemode       git2_table.git_tree_entry_filemode
#define git_tree_entry_id             git2_table.git_tree_entry_id
#define git_tree_entry_name           git2_table.git_tree_entry_name
#define git_tree_entrycount           git2_table.git_tree_entrycount
#define git_tree_free                 git2_table.git_tree_free
#define git_tree_lookup               git2_table.git_tree_lookup
#define git_treebuilder_entrycount    git2_table.git_treebuilder_entrycount
#define git_treebuilder_free          git2_table.git_treebuilder_free
#define git_treebuilder_get           git2_table.git_treebuilder_get
#define git_treebuilder_insert        git2_table.git_treebuilder_insert
#define git_treebuilder_new           git2_table.git_treebuilder_new
#define git_treebuilder_remove        git2_table.git_treebuilder_remove
#define git_treebuilder_write         git2_table.git_treebuilder_write
#endif

#endif
