/*
 * The inside of the doctor, for doctor*.c: who is looked at, and how it is
 * said.
 */
#ifndef PLANS_DOCTOR_LOOK_H
#define PLANS_DOCTOR_LOOK_H

#include "plans/doctor.h"

struct patient {
	struct diagnoses *out;
	struct project project;
	int in_repo; /* project.repo is open */
	int opened; /* base and configuration too */
	int homeless; /* nothing of ours outside the repository is found */
	int mend;
	int online;
	int forge;
};

/* Adds a diagnosis; the address holds until the next one. */
struct diagnosis *found(struct patient *patient, const char *name,
			enum diagnosis_level level, const char *fmt, ...)
	PRINTF(4, 5);
/* An error as a diagnosis; takes it. */
void found_error(struct patient *patient, const char *name, struct error *err);

/*
 * doctor-refs.c: branches in the way of ours, and what phases left that the
 * base has no more.
 */
struct error *look_at_branches(struct patient *patient) MUST_USE;
/* doctor-models.c: libcurl, variables, providers, programs, prices. */
struct error *look_at_models(struct patient *patient) MUST_USE;
/* doctor-forge.c: the remote's server, and the forge. */
struct error *look_at_forge(struct patient *patient) MUST_USE;

#endif
