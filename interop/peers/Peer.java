import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A peer over Java's JSSE. Commands and events: see interop/support/driver.ts. */
public final class Peer {
    private static final char[] PASSWORD = "interop".toCharArray();
    private static final Map<String, List<Socket>> SOCKETS = new ConcurrentHashMap<>();

    private static final Map<String, String> VERSIONS =
            Map.of("1.3", "TLSv1.3", "1.2", "TLSv1.2", "1.1", "TLSv1.1", "1.0", "TLSv1");

    private interface Work {
        void run() throws Exception;
    }

    private static synchronized void say(String id, String event, String... fields) {
        StringBuilder line = new StringBuilder("id=" + id + "\tevent=" + event);
        for (int i = 0; i + 1 < fields.length; i += 2) {
            line.append('\t').append(fields[i]).append('=').append(fields[i + 1].replaceAll("[\t\n]", " "));
        }
        System.out.println(line);
        System.out.flush();
    }

    private static void remember(String id, Socket raw) {
        SOCKETS.computeIfAbsent(id, key -> new ArrayList<>()).add(raw);
    }

    private static Certificate certificate(String path) throws Exception {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static Certificate[] chain(String path) throws Exception {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).toArray(new Certificate[0]);
        }
    }

    private static PrivateKey privateKey(String path) throws Exception {
        String base64 = Files.readString(Path.of(path)).replaceAll("-----[^-]*-----|\\s", "");
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64));
        for (String algorithm : List.of("EC", "RSA", "RSASSA-PSS", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException notThisOne) {
                // The next.
            }
        }
        throw new IOException("no algorithm for the key of " + path);
    }

    private static SSLContext context(Map<String, String> cmd) throws Exception {
        KeyManagerFactory keys = null;
        if (cmd.containsKey("cert")) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            String[] keyPaths = cmd.get("key").split(",");
            String[] paths = cmd.get("cert").split(",");
            for (int i = 0; i < paths.length; i++) {
                Certificate[] chain = chain(paths[i]);
                store.setKeyEntry("own" + i, privateKey(keyPaths[i]), PASSWORD, chain);
            }
            keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, PASSWORD);
        }
        TrustManagerFactory trust = null;
        if (cmd.containsKey("ca")) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("ca", certificate(cmd.get("ca")));
            trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(store);
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                keys == null ? null : keys.getKeyManagers(),
                trust == null ? null : trust.getTrustManagers(),
                new SecureRandom());
        return context;
    }

    private static void configure(SSLSocket socket, Map<String, String> cmd) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(new String[] {VERSIONS.get(cmd.get("version"))});
        parameters.setCipherSuites(socket.getSupportedCipherSuites());
        if (cmd.containsKey("alpn")) {
            parameters.setApplicationProtocols(cmd.get("alpn").split(","));
        }
        socket.setSSLParameters(parameters);
    }

    private static void saySecure(String id, SSLSocket socket, boolean resumed) {
        ExtendedSSLSession session = (ExtendedSSLSession) socket.getSession();
        say(id, "secure", "suite", session.getCipherSuite(), "alpn", String.valueOf(socket.getApplicationProtocol()),
                "resumed", String.valueOf(resumed));
    }

    private static void listen(String id, Map<String, String> cmd) throws Exception {
        SSLContext context = context(cmd);
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            say(id, "listening", "port", String.valueOf(server.getLocalPort()));
            for (;;) {
                Socket raw = server.accept();
                remember(id, raw);
                start(id, () -> serve(id, cmd, context, raw));
            }
        }
    }

    private static void serve(String id, Map<String, String> cmd, SSLContext context, Socket raw) throws Exception {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, null, raw.getPort(), true);
        socket.setUseClientMode(false);
        configure(socket, cmd);
        if (cmd.containsKey("ca")) {
            if (cmd.containsKey("ask")) {
                socket.setWantClientAuth(true);
            } else {
                socket.setNeedClientAuth(true);
            }
        }
        socket.startHandshake();
        saySecure(id, socket, false);
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream();
        byte[] buffer = new byte[16384];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
            out.flush();
        }
        say(id, "end");
        socket.close();
    }

    private static void connect(String id, Map<String, String> cmd) throws Exception {
        SSLContext context = context(cmd);
        for (int i = 0; i < Integer.parseInt(cmd.get("connections")); i++) {
            connectOnce(id, cmd, context);
        }
    }

    private static void connectOnce(String id, Map<String, String> cmd, SSLContext context) throws Exception {
        int port = Integer.parseInt(cmd.get("port"));
        Socket raw = new Socket(InetAddress.getLoopbackAddress(), port);
        remember(id, raw);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, cmd.getOrDefault("name", "localhost"), port, true);
        configure(socket, cmd);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        long before = System.currentTimeMillis();
        socket.startHandshake();
        saySecure(id, socket, socket.getSession().getCreationTime() < before);
        boolean same = true;
        for (int i = 0; i < Integer.parseInt(cmd.get("rounds")); i++) {
            byte[] sent = new byte[Integer.parseInt(cmd.get("size"))];
            new SecureRandom().nextBytes(sent);
            Thread writing = start(id, () -> {
                socket.getOutputStream().write(sent);
                socket.getOutputStream().flush();
            });
            same &= Arrays.equals(sent, socket.getInputStream().readNBytes(sent.length));
            // All may be back before it is done with its flush.
            writing.join();
        }
        say(id, "exchanged", "same", String.valueOf(same));
        if (cmd.get("hold").equals("1")) {
            while (socket.getInputStream().read() >= 0) {
                // Waits for the end.
            }
            say(id, "end");
        }
        socket.close();
    }

    /** As a stack trace tells it, without its places. */
    private static String story(Throwable error) {
        StringBuilder text = new StringBuilder(String.valueOf(error));
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            text.append(" Caused by: ").append(cause);
        }
        return text.toString();
    }

    private static Thread start(String id, Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (Exception error) {
                say(id, "error", "text", story(error));
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void obey(Map<String, String> cmd) throws Exception {
        String id = cmd.get("id");
        switch (cmd.get("cmd")) {
            case "hello" -> say(id, "hello", "library", System.getProperty("java.version"));
            case "cut" -> {
                for (Socket raw : SOCKETS.getOrDefault(cmd.get("target"), List.of())) {
                    raw.close();
                }
            }
            case "listen" -> start(id, () -> listen(id, cmd));
            case "connect" -> {
                Thread work = start(id, () -> connect(id, cmd));
                start(id, () -> {
                    work.join();
                    say(id, "done");
                });
            }
            default -> say(id, "error", "text", "unknown command");
        }
    }

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            System.out.println(String.join("\n", SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites()));
            return;
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, String> cmd = new HashMap<>();
            for (String field : line.split("\t")) {
                String[] pair = field.split("=", 2);
                cmd.put(pair[0], pair[1]);
            }
            obey(cmd);
        }
    }
}
