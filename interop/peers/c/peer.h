/*
 * What a TLS library has to do for peer.c. One file of this directory for each library implements it.
 * Arguments are words key=value: role=server|client port= version=1.2|1.1|1.0 cert= key= (two with a comma between)
 * ca= ask=1 alpn= psk=HEX ems=0 etm=0 dh= exporter=LABEL resume=1
 */
#include <stddef.h>

/* The value of an argument; NULL where it was not given. */
const char *arg(const char *name);
/* The nth of several values, with a comma between, in a buffer of its own; NULL where there are fewer. */
const char *nth(const char *name, int n);
/* Bytes from the hexadecimal digits of an argument. */
size_t hex(const char *name, unsigned char *out, size_t size);
/* Says something on stderr, with a line end. */
void say(const char *format, ...);
/* Says it and ends the process. */
void fail(const char *format, ...);

/* Prints the names of all suites, one a line. */
void tls_suites(void);
void tls_setup(int is_server);
/* 0 where the handshake is done; says why where it is not. */
int tls_handshake(int fd);
/* What came; 0 for an orderly end, less for any other. */
int tls_read(unsigned char *buffer, size_t size);
int tls_write(const unsigned char *bytes, size_t size);
/* Whether bytes are waiting inside the library. */
int tls_pending(void);
/* Keeps the session for the next handshake. */
void tls_keep_session(void);
/* Sends close_notify and forgets the connection. */
void tls_close(void);
