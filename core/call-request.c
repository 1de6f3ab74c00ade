/*
 * The request as a model gets it: with its parameters, without any secret.
 * The one place through which everything goes that is sent.
 */
#include "core/call-step.h"
#include "core/dialect.h"

/* What a model gets to answer with, unless the configuration says. */
#define ANSWER_TOKENS 16384

int64_t call_answer_tokens(const struct model *model)
{
	const struct capability *able;

	if (model->max_tokens)
		return model->max_tokens;
	able = capability_find(model->endpoint.driver, model->model);
	return able->max_output < ANSWER_TOKENS ? able->max_output
						: ANSWER_TOKENS;
}

/* The request as this model gets it, and its key. */
struct error *call_complete(struct call *call)
{
	const struct model *model = call->model;
	struct request *request = &call->request;

	request_release(request);
	request_copy(request, call->spec.request);
	request_set_string(request, "model", model->model);
	request_set_int(request, "max_tokens", call_answer_tokens(model));
	if (model->temperature >= 0)
		request_set_number(request, "temperature", model->temperature);
	if (model->top_p >= 0)
		request_set_number(request, "top_p", model->top_p);
	if (model->effort)
		request_set_string(request, "effort", model->effort);
	TRY(call_redact_request(call));
	request_key(call->key, request, model->endpoint.driver);
	return NULL;
}
