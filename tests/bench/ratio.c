/*
 * Times commands in turn, so that a machine that drifts drifts for all of
 * them, and prints medians and their ratio to the first one.
 *
 *   ratio <runs> <label> <command> [<label> <command>]...
 *
 * A command is split at blanks; its output goes nowhere.  Figures are of the
 * whole process and its children: wall ms, cpu ms, peak memory of one process.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_RUNS 200
#define MOST_ARGS 64

struct figure {
	double wall[MOST_RUNS];
	double cpu[MOST_RUNS];
	long peak;
	int status;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double ms(struct timeval tv)
{
	return (double)tv.tv_sec * 1e3 + (double)tv.tv_usec / 1e3;
}

static void start(char *command)
{
	char *argv[MOST_ARGS];
	int n = 0, null = open("/dev/null", O_RDWR);

	for (char *word = strtok(command, " "); word && n < MOST_ARGS - 1;
	     word = strtok(NULL, " "))
		argv[n++] = word;
	argv[n] = NULL;
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	execvp(argv[0], argv);
	_exit(127);
}

static void run(struct figure *figure, int i, const char *command)
{
	struct rusage usage;
	double begin = now();
	char *copy = strdup(command);
	pid_t pid = fork();

	if (!pid)
		start(copy);
	free(copy);
	wait4(pid, &figure->status, 0, &usage);
	figure->wall[i] = now() - begin;
	figure->cpu[i] = ms(usage.ru_utime) + ms(usage.ru_stime);
	if (usage.ru_maxrss > figure->peak)
		figure->peak = usage.ru_maxrss;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof *values, by_value);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

int main(int argc, char **argv)
{
	int runs = argc > 3 ? atoi(argv[1]) : 0, n = (argc - 2) / 2;

	if (runs < 1 || runs > MOST_RUNS || argc % 2) {
		fputs("usage: ratio <runs> <label> <command>...\n", stderr);
		return 129;
	}
	struct figure *figures = calloc((size_t)n, sizeof *figures);
	struct figure warm = { .peak = 0 };
	for (int c = 0; c < n; c++)
		run(&warm, 0, argv[3 + 2 * c]);
	for (int i = 0; i < runs; i++)
		for (int c = 0; c < n; c++)
			run(&figures[c], i, argv[3 + 2 * c]);
	double wall = 0, cpu = 0;
	for (int c = 0; c < n; c++) {
		struct figure *f = &figures[c];
		double w = median(f->wall, runs), u = median(f->cpu, runs);

		if (!c)
			wall = w, cpu = u;
		printf("%-44s wall %8.2f ms %7.2fx   cpu %8.2f ms %7.2fx   "
		       "%6.1f MiB%s\n",
		       argv[2 + 2 * c], w, w / wall, u, u / cpu,
		       (double)f->peak / 1024, f->status ? "  FAILED" : "");
	}
	free(figures);
	return 0;
}
