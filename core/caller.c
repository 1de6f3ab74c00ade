/* What calls share: models, the caller, results. */
#include "core/call-step.h"

#include <stdlib.h>
#include <string.h>

void model_release(struct model *model)
{
	free(model->agent);
	endpoint_release(&model->endpoint);
	free(model->model);
	free(model->effort);
	model_free(&model->fallback);
	*model = (struct model){ .temperature = -1, .top_p = -1 };
}

void model_free(struct model **model)
{
	if (*model)
		model_release(*model);
	free(*model);
	*model = NULL;
}

void caller_release(struct caller *caller)
{
	caller_cancel(caller);
	free(caller->calls.items);
	free(caller->unsynced.items);
	strings_release(&caller->unsynced_keys);
	FOR_EACH (struct measure, it, &caller->measures) {
		free(it->model);
		free(it->stage);
	}
	free(caller->measures.items);
	if (caller->sync_timer)
		loop_cancel(caller->loop, caller->sync_timer);
	http_free(&caller->http);
	free(caller->replies);
	free(caller->limits);
	free(caller->record);
	map_release(&caller->noticed);
	*caller = (struct caller)CALLER_INIT;
}

void call_result_init(struct call_result *result)
{
	*result = (struct call_result){ .micros = UNPRICED };
	reply_init(&result->reply);
}

void call_result_release(struct call_result *result)
{
	reply_release(&result->reply);
	*result = (struct call_result){ .micros = UNPRICED };
}

void caller_notice(struct caller *caller, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	CLEANUP(free_str) char *sentence = xvasprintf(fmt, args);
	va_end(args);
	CLEANUP(buf_release) struct buf clean = BUF_INIT;
	/* A service says why it refuses, and may quote anything. */
	secrets_redact_known(&clean, caller->secrets, sentence,
			     strlen(sentence));
	if (map_get(&caller->noticed, clean.data))
		return;
	map_set(&caller->noticed, clean.data, caller);
	log_write(caller->log, LOG_INFO, clean.data, NULL);
	if (caller->notice)
		caller->notice(caller->notice_data, clean.data);
}
