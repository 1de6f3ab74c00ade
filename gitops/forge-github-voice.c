/*
 * Whose words count: people who may write, and ourselves.  Each is asked about
 * once, and only so many of them: strangers could send a request for each
 * account they have.
 */
#include "gitops/forge-github-thread.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_ASKED 50

void people_release(struct people *people)
{
	FOR_EACH (struct person, it, people)
		free(it->login);
	free(people->items);
	*people = (struct people){ 0 };
}

static struct error *counts(int *out, struct people *people,
			    struct forge_client *client,
			    const struct word *word)
{
	int may = word->member;
	struct person *person;

	FOR_EACH (struct person, it, people)
		if (!strcasecmp(it->login, word->login)) {
			*out = it->counts;
			return NULL;
		}
	if (people->len < MAX_ASKED)
		TRY(github_may_write(&may, client, word->login, word->member));
	person = PUSH(people);
	person->login = xstrdup(word->login);
	person->counts = may;
	*out = may;
	return NULL;
}

/*
 * A program that ends its words with our mark is us: nobody becomes one in a
 * repository but by its administrators.
 */
static struct error *judge(enum voice *out, struct people *people,
			   struct forge_client *client, const struct word *word)
{
	int may = 0;

	*out = word->marked && (word->mine || word->program) ? VOICE_OURS
							     : VOICE_NONE;
	if (*out == VOICE_OURS || word->program || !*word->login)
		return NULL;
	TRY(counts(&may, people, client, word));
	if (may)
		*out = word->marked ? VOICE_OURS : VOICE_PERSON;
	return NULL;
}

struct error *words_judge(struct words *words, struct people *people,
			  struct forge_client *client)
{
	FOR_EACH (struct word, it, words)
		TRY(judge(&it->voice, people, client, it));
	return NULL;
}
