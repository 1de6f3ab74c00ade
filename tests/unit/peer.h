/*
 * A peer on loopback that talks however a test wants, for what no real server
 * does: a child process, and one more for each connection.  The test says how
 * by a function that gets the connected socket; what it counts is in memory
 * they share.
 */
#ifndef TESTS_UNIT_PEER_H
#define TESTS_UNIT_PEER_H

#include "tests/unit/test.h"

#include "core/buf.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct tally {
	int connections; /* ever */
	int open; /* now */
	int most; /* at a time */
	int requests;
};

struct peer {
	int pid;
	int fd; /* listens */
	int port;
	char url[64];
	struct tally *tally;
};

typedef void (*talk_fn)(int fd, struct tally *tally);

static inline void peer_listen(struct peer *peer, int backlog)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof at;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(peer->fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(peer->fd, backlog), 0);
	getsockname(peer->fd, (struct sockaddr *)&at, &len);
	peer->port = ntohs(at.sin_port);
	snprintf(peer->url, sizeof peer->url, "http://127.0.0.1:%d/",
		 peer->port);
}

static inline void peer_count(struct tally *tally)
{
	int open = __atomic_add_fetch(&tally->open, 1, __ATOMIC_SEQ_CST);
	int most = __atomic_load_n(&tally->most, __ATOMIC_SEQ_CST);

	__atomic_add_fetch(&tally->connections, 1, __ATOMIC_SEQ_CST);
	while (most < open &&
	       !__atomic_compare_exchange_n(&tally->most, &most, open, 0,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		continue;
}

static inline void peer_serve(struct peer *peer, talk_fn talk)
{
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(peer->fd, NULL, NULL);

		if (fd < 0)
			_exit(1);
		peer_count(peer->tally);
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(peer->fd);
			talk(fd, peer->tally);
			__atomic_sub_fetch(&peer->tally->open, 1,
					   __ATOMIC_SEQ_CST);
			close(fd);
			_exit(0);
		}
		close(fd);
	}
}

static inline void peer_start(struct peer *peer, talk_fn talk)
{
	peer_listen(peer, 256);
	peer->tally = mmap(NULL, sizeof *peer->tally, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(peer->tally != MAP_FAILED);
	peer->pid = fork();
	if (!peer->pid)
		peer_serve(peer, talk);
	assert_true(peer->pid > 0);
}

static inline void peer_stop(struct peer *peer)
{
	kill(peer->pid, SIGKILL);
	waitpid(peer->pid, NULL, 0);
	close(peer->fd);
	munmap(peer->tally, sizeof *peer->tally);
}

static inline void say(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			_exit(0);
		text += n;
		len -= (size_t)n;
	}
}

/* The text of one request with its body, or 0 at the end of the connection. */
static inline int hear(int fd, struct buf *request, struct tally *tally)
{
	size_t all = (size_t)-1;
	char bytes[65536];

	buf_clear(request);
	while (request->len < all) {
		ssize_t n = read(fd, bytes, sizeof bytes);
		const char *end, *length;

		if (n <= 0)
			return 0;
		buf_add(request, bytes, (size_t)n);
		end = strstr(request->data, "\r\n\r\n");
		length = strstr(request->data, "Content-Length: ");
		if (end && all == (size_t)-1)
			all = (size_t)(end + 4 - request->data) +
			      (length && length < end
				       ? strtoul(length + 16, NULL, 10)
				       : 0);
	}
	__atomic_add_fetch(&tally->requests, 1, __ATOMIC_SEQ_CST);
	return 1;
}

static inline void nap(int ms)
{
	usleep((useconds_t)ms * 1000);
}

#endif
