"""A peer over Python's ssl. Commands and events: see interop/support/driver.ts."""

import os
import socket
import ssl
import sys
import threading
import warnings

# It warns of versions that are old: that is what they are here for.
warnings.simplefilter("ignore", DeprecationWarning)

VERSIONS = {
    "1.3": ssl.TLSVersion.TLSv1_3,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.0": ssl.TLSVersion.TLSv1,
}

lock = threading.Lock()
sockets = {}


def say(number, event, **fields):
    def clean(value):
        return str(value).replace("\t", " ").replace("\n", " ")

    with lock:
        parts = [f"id={number}", f"event={event}"] + [f"{key}={clean(value)}" for key, value in fields.items()]
        print("\t".join(parts), flush=True)


def remember(number, raw):
    # The TLS socket takes the descriptor over; a duplicate can still shut it down.
    sockets.setdefault(number, []).append(raw.dup())


def cut(target):
    for raw in sockets.get(target, []):
        try:
            raw.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def context(cmd, role):
    ctx = ssl.SSLContext(role)
    ctx.minimum_version = ctx.maximum_version = VERSIONS[cmd["version"]]
    ctx.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    # Without this, an end without close_notify is taken for an orderly one.
    if hasattr(ssl, "OP_IGNORE_UNEXPECTED_EOF"):
        ctx.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    if "cert" in cmd:
        for cert, key in zip(cmd["cert"].split(","), cmd["key"].split(",")):
            ctx.load_cert_chain(cert, key)
    if "dh" in cmd:
        ctx.load_dh_params(cmd["dh"])
    if "ca" in cmd:
        ctx.load_verify_locations(cmd["ca"])
    if cmd.get("alpn"):
        ctx.set_alpn_protocols(cmd["alpn"].split(","))
    return ctx


def say_secure(number, conn):
    say(
        number,
        "secure",
        suite=conn.cipher()[0],
        alpn=conn.selected_alpn_protocol(),
        resumed=str(conn.session_reused).lower(),
        client=bool(conn.getpeercert(True)),
    )


def listen(number, cmd):
    ctx = context(cmd, ssl.PROTOCOL_TLS_SERVER)
    if "ca" in cmd:
        ctx.verify_mode = ssl.CERT_OPTIONAL if "ask" in cmd else ssl.CERT_REQUIRED
    server = socket.create_server(("127.0.0.1", 0))
    say(number, "listening", port=server.getsockname()[1])
    while True:
        raw, _ = server.accept()
        remember(number, raw)
        threading.Thread(target=serve, args=(number, raw, ctx), daemon=True).start()


def serve(number, raw, ctx):
    try:
        conn = ctx.wrap_socket(raw, server_side=True, suppress_ragged_eofs=False)
        say_secure(number, conn)
        while data := conn.recv(65536):
            conn.sendall(data)
        say(number, "end")
        close(number, conn)
    except OSError as error:
        say(number, "error", text=repr(error))
        raw.close()


def close(number, conn):
    """Sends close_notify. Waiting for the peer's is more than RFC 9846 section 6.1 asks."""
    conn.settimeout(10)
    conn.unwrap().close()
    for raw in sockets.pop(number, []):
        raw.close()


def connect(number, cmd):
    ctx = context(cmd, ssl.PROTOCOL_TLS_CLIENT)
    session = None
    for _ in range(int(cmd["connections"])):
        session = connect_once(number, cmd, ctx, session)


def connect_once(number, cmd, ctx, session):
    raw = socket.create_connection(("127.0.0.1", int(cmd["port"])))
    remember(number, raw)
    conn = ctx.wrap_socket(raw, server_hostname="localhost", session=session, suppress_ragged_eofs=False)
    say_secure(number, conn)
    same = True
    for _ in range(int(cmd["rounds"])):
        sent = os.urandom(int(cmd["size"]))
        conn.sendall(sent)
        same = same and receive(conn, len(sent)) == sent
    say(number, "exchanged", same=str(same).lower())
    session = conn.session
    if cmd["hold"] == "1":
        while conn.recv(65536):
            pass
        say(number, "end")
    close(number, conn)
    return session


def receive(conn, size):
    got = bytearray()
    while len(got) < size:
        data = conn.recv(65536)
        if not data:
            break
        got += data
    return bytes(got)


def guarded(number, cmd, run):
    try:
        run(number, cmd)
    except (OSError, ValueError) as error:
        say(number, "error", text=repr(error))
    if cmd["cmd"] == "connect":
        say(number, "done")


def main():
    for line in sys.stdin:
        cmd = dict(field.split("=", 1) for field in line.rstrip("\n").split("\t"))
        number = cmd["id"]
        if cmd["cmd"] == "hello":
            say(number, "hello", library=ssl.OPENSSL_VERSION)
        elif cmd["cmd"] == "cut":
            cut(cmd["target"])
        else:
            run = {"listen": listen, "connect": connect}[cmd["cmd"]]
            threading.Thread(target=guarded, args=(number, cmd, run), daemon=True).start()


main()
