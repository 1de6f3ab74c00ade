/*
 * Conversations on a pull request of GitHub, and whose words in them count.
 * For forge-github-thread.c, -voice.c and -review.c.
 *
 * Our own words are known by a mark at their end and not by who we are: another
 * runner answers with another token, an App's token cannot ask for its user,
 * and a person's token is the person's, who may have something to say as well.
 * The mark alone is not believed: a stranger could end a thread with it.
 */
#ifndef GITOPS_FORGE_GITHUB_THREAD_H
#define GITOPS_FORGE_GITHUB_THREAD_H

#include "gitops/forge-github-step.h"

/* At the end of an answer; GitHub shows neither. */
#define OUR_MARK        "<!-- git-orch -->"
#define OUR_REVIEW_MARK "<!-- git-orch review %lld -->" /* its id */

enum voice {
	VOICE_NONE, /* a stranger or a program */
	VOICE_PERSON, /* may write */
	VOICE_OURS,
};

struct word {
	char *login; /* "": the account is gone */
	char *text; /* clean, cut, without the mark */
	char *url; /* or NULL */
	int member; /* so it looks */
	int program; /* an App's account */
	int mine; /* of the token that asks; 0 where the forge does not say */
	int marked;
	enum voice voice; /* set by words_judge() */
};
struct words {
	struct word *items;
	size_t len, cap;
};
void words_release(struct words *words);
/*
 * Adds a word of REST's form: user, author_association, body, html_url; mark:
 * what it ends with if it is ours.
 */
struct error *words_add(struct words *words, const struct value *item,
			const char *mark) MUST_USE;

struct thread {
	int64_t id; /* of its first comment */
	char *node; /* NULL: REST has none */
	char *path;
	int line; /* 0: gone, or none */
	struct words words; /* oldest first */
};
struct threads {
	struct thread *items;
	size_t len, cap;
};
void threads_release(struct threads *threads);
/* Those that are not resolved, as far as the forge tells. */
struct error *github_read_threads(struct threads *out,
				  struct forge_client *client, int64_t number)
	MUST_USE;

/* forge-github-voice.c: who was asked about already. */
struct person {
	char *login;
	int counts;
};
struct people {
	struct person *items;
	size_t len, cap;
};
void people_release(struct people *people);
/* Sets every voice. */
struct error *words_judge(struct words *words, struct people *people,
			  struct forge_client *client) MUST_USE;

#endif
