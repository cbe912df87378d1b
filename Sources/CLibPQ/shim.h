#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

// What Swift cannot call itself: epoll's flags are C enumerators, eventfd's an anonymous enum, and its event a packed union.

// The codes of an error's fields are character constants, which Swift imports as other types than the functions take.
static const int CLIBPQ_SQLSTATE = PG_DIAG_SQLSTATE;
static const int CLIBPQ_MESSAGE = PG_DIAG_MESSAGE_PRIMARY;
static const int CLIBPQ_DETAIL = PG_DIAG_MESSAGE_DETAIL;
static const int CLIBPQ_HINT = PG_DIAG_MESSAGE_HINT;
static const int CLIBPQ_CONSTRAINT = PG_DIAG_CONSTRAINT_NAME;
static const int CLIBPQ_TABLE = PG_DIAG_TABLE_NAME;
static const int CLIBPQ_COLUMN = PG_DIAG_COLUMN_NAME;
static const int CLIBPQ_POSITION = PG_DIAG_STATEMENT_POSITION;
static const int CLIBPQ_ROUTINE = PG_DIAG_SOURCE_FUNCTION;

static inline int clibpq_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int clibpq_eventfd_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// Level-triggered: what is left unread or unwritten is reported again, once it has been asked for again: a socket that a
// process forked at the wrong moment has inherited stays in the set after it was closed here, where nobody can take it out,
// and would report its end for ever. Changing falls back to adding, since the kernel forgets a descriptor that was closed,
// and libpq may have opened another socket under the same number.
static inline int clibpq_epoll_watch(int epoll, int fd, bool write, bool once) {
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLRDHUP | (write ? EPOLLOUT : 0) | (once ? EPOLLONESHOT : 0), .data.fd = fd};
    int result = epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
    return result == 0 ? 0 : epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static inline int clibpq_epoll_forget(int epoll, int fd) { return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL); }

// Waits at most `milliseconds` (-1: for ever) and fills in the descriptors that are ready, at most 64: how many there are, or -1.
// Which way they are ready does not matter, since libpq is always asked to read before it writes.
static inline int clibpq_epoll_wait(int epoll, int descriptors[64], int milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, 64, milliseconds);
    for (int i = 0; i < count; i++) {
        descriptors[i] = events[i].data.fd;
    }
    return count;
}

// Waits for one descriptor: more than 0 if it is ready.
static inline int clibpq_poll(int fd, bool write, int milliseconds) {
    struct pollfd poll_fd = {.fd = fd, .events = write ? POLLOUT : POLLIN};
    return poll(&poll_fd, 1, milliseconds);
}

// libpq may leave half a TLS record inside OpenSSL, where epoll does not see it. Weak, as libpq may be built without OpenSSL.
extern int SSL_pending(const void *ssl) __attribute__((weak));

static inline bool clibpq_tls_pending(PGconn *connection) {
    void *ssl = PQsslStruct(connection, "OpenSSL");
    return ssl != NULL && SSL_pending != NULL && SSL_pending(ssl) > 0;
}
