/*
 * A peer over a TLS library in C. As a client: what goes into its input leaves through TLS, what comes is its output.
 * As a server: it gives back what comes, one connection after the other. What it has to say goes to stderr.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

static int count;
static char **words;

const char *arg(const char *name) {
    size_t length = strlen(name);
    for (int i = 1; i < count; i++)
        if (strncmp(words[i], name, length) == 0 && words[i][length] == '=') return words[i] + length + 1;
    return NULL;
}

const char *nth(const char *name, int n) {
    const char *at = arg(name);
    for (; at && n > 0; n--) at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL;
    if (!at) return NULL;
    return strndup(at, strcspn(at, ","));
}

size_t hex(const char *name, unsigned char *out, size_t size) {
    const char *digits = arg(name);
    size_t length = 0;
    for (unsigned byte; digits && length < size && sscanf(digits, "%2x", &byte) == 1; digits += 2)
        out[length++] = (unsigned char)byte;
    return length;
}

static void speak(const char *format, va_list list) {
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
}

void say(const char *format, ...) {
    va_list list;
    va_start(list, format);
    speak(format, list);
    va_end(list);
}

void fail(const char *format, ...) {
    va_list list;
    va_start(list, format);
    speak(format, list);
    va_end(list);
    exit(1);
}

static struct sockaddr_in address(void) {
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(arg("port")))};
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return where;
}

static int connected(void) {
    struct sockaddr_in where = address();
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&where, sizeof where) != 0) fail("cannot connect");
    return fd;
}

static unsigned char buffer[16384];

static void write_all(int fd, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, buffer + done, size - done);
        if (n <= 0) fail("nobody reads");
        done += (size_t)n;
    }
}

static void run_client(void) {
    int fd = connected();
    if (arg("resume")) {
        if (tls_handshake(fd) != 0) exit(1);
        tls_keep_session();
        tls_close();
        close(fd);
        fd = connected();
    }
    if (tls_handshake(fd) != 0) exit(1);
    struct pollfd waits[2] = {{.fd = 0, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    for (;;) {
        if (!tls_pending() && poll(waits, 2, -1) < 0) fail("poll");
        if (tls_pending() || waits[1].revents) {
            int n = tls_read(buffer, sizeof buffer);
            if (n < 0) exit(1);
            if (n == 0) break;
            write_all(1, (size_t)n);
        } else if (waits[0].revents) {
            ssize_t n = read(0, buffer, sizeof buffer);
            if (n <= 0) break;
            if (tls_write(buffer, (size_t)n) < 0) exit(1);
        }
    }
    tls_close();
    say("end");
}

static void run_server(void) {
    struct sockaddr_in where = address();
    int on = 1, listening = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listening, (struct sockaddr *)&where, sizeof where) != 0 || listen(listening, 5) != 0)
        fail("cannot listen");
    for (;;) {
        int fd = accept(listening, NULL, NULL);
        if (fd < 0) fail("accept");
        if (tls_handshake(fd) == 0) {
            int n;
            while ((n = tls_read(buffer, sizeof buffer)) > 0)
                if (tls_write(buffer, (size_t)n) < 0) break;
            if (n == 0) say("end");
        }
        tls_close();
        // A close with bytes unread is a reset, and a reset may overtake what was said.
        shutdown(fd, SHUT_WR);
        while (read(fd, buffer, sizeof buffer) > 0) continue;
        close(fd);
    }
}

int main(int argc, char **argv) {
    count = argc;
    words = argv;
    signal(SIGPIPE, SIG_IGN);
    if (!arg("role")) {
        tls_suites();
        return 0;
    }
    int is_server = strcmp(arg("role"), "server") == 0;
    tls_setup(is_server);
    if (is_server) run_server();
    else run_client();
    return 0;
}
