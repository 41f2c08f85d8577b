// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.ovosgateway.testing.PemFiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Callers who use what HTTP/2 allows against the server: frames are written by hand (RFC 9113). */
class HostileHttp2Test {

    private static final Duration SOON = Duration.ofSeconds(30);

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    // RFC 7541, Appendix A
    private static final int GET = 0x82;
    private static final int POST = 0x83;
    private static final int HTTPS = 0x87;
    private static final int AUTHORITY = 0x01;
    private static final int PATH = 0x04;
    private static final int SCHEME = 0x06;

    @TempDir
    private static Path folder;

    private static PemFiles pem;
    private static TestServer server;

    private final List<Socket> sockets = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        pem = PemFiles.in(folder, "one", "EC");
        server = TestServer.start(
                "ovos.http.event-loops=1",
                "ovos.http.read-timeout=3s",
                "ovos.http.write-timeout=3s",
                "ovos.http.idle-timeout=3s",
                "server.ssl.certificate=" + pem.certificate(),
                "server.ssl.certificate-private-key=" + pem.key());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void givesBackAllMemoryWhenTheyAreGone() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        await().atMost(SOON)
                .until(() -> server.metrics().get("ovos.http.unsent").gauge().value() == 0
                        && server.metrics().get("ovos.http.connections").gauge().value() == 0);
        server.router().clear();
    }

    @Test
    void readsNoRequestsWhoseAnswersAreNotTaken() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        server.router().get("/void").handler(ctx -> {
            calls.incrementAndGet();
            ctx.response().setStatusCode(204);
            HttpCall.of(ctx).end();
        });
        SSLSocket socket = connect();
        assertThat(CompletableFuture.runAsync(() -> {
                    for (int stream = 1; ; stream += 2) {
                        try {
                            write(socket, HEADERS, END_STREAM | END_HEADERS, stream, request(GET, "/void"));
                        } catch (IOException e) {
                            // cut off
                            return;
                        }
                    }
                }))
                .succeedsWithin(SOON);
        assertThat(calls).hasValueLessThan(10_000);
    }

    @Test
    void readsNoPingsWhosePongsAreNotTaken() throws Exception {
        SSLSocket socket = connect();
        assertThat(CompletableFuture.runAsync(() -> {
                    try {
                        while (true) {
                            write(socket, PING, 0, 0, new byte[8]);
                        }
                    } catch (IOException e) {
                        // cut off
                    }
                }))
                .succeedsWithin(SOON);
    }

    @Test
    void holdsFewConnectionsThatNeverEndTheirHandshake() throws Exception {
        for (int i = 0; i < 3 * Handshakes.MOST; i++) {
            Socket socket = new Socket("127.0.0.1", server.port());
            socket.setSoTimeout((int) SOON.toMillis());
            sockets.add(socket);
        }
        // the oldest are closed, whether or not they have sent anything
        assertThat(endOf(sockets.get(0))).isEqualTo(-1);
        await().atMost(SOON)
                .until(() ->
                        server.metrics().get("ovos.http.connections").gauge().value() <= Handshakes.MOST);
        SSLSocket honest = connect();
        write(honest, HEADERS, END_STREAM | END_HEADERS, 1, request(GET, "/nothing"));
        assertThat(awaitFrame(honest, HEADERS, 1)).isNotEmpty();
    }

    @Test
    void refusesASchemeThatIsNoneOfHttp() throws Exception {
        server.router().get("/ok").handler(ctx -> ctx.end("served"));
        SSLSocket socket = connect();
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(GET);
        block.writeBytes(new byte[] {SCHEME, 3, 'f', 't', 'p', AUTHORITY, 1, 'a', PATH, 3, '/', 'o', 'k'});
        write(socket, HEADERS, END_STREAM | END_HEADERS, 1, block.toByteArray());
        assertThat(new String(awaitFrame(socket, DATA, 1), StandardCharsets.UTF_8))
                .contains("\"status\":400")
                .doesNotContain("served");
    }

    private static int endOf(Socket socket) {
        try {
            return socket.getInputStream().read();
        } catch (IOException reset) {
            return -1;
        }
    }

    @Test
    void holdsOnePartForEachStreamWhoseWindowIsShut() throws Exception {
        double before = counter("ovos.http.cut.off");
        SSLSocket socket = connect();
        // SETTINGS_INITIAL_WINDOW_SIZE
        write(socket, SETTINGS, 0, 0, ByteBuffer.allocate(6).putShort((short) 4).array());
        for (int stream = 1; stream < 40; stream += 2) {
            write(socket, HEADERS, END_STREAM | END_HEADERS, stream, request(GET, "/redoc/redoc.standalone.js"));
        }
        CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
            try {
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // cut off
            }
        });
        await().atMost(SOON)
                .until(() -> server.metrics().get("ovos.http.unsent").gauge().value() > 0);
        assertThat(server.metrics().get("ovos.http.unsent").gauge().value()).isLessThanOrEqualTo(20 * (24 << 10));
        assertThat(reading).succeedsWithin(SOON);
        assertThat(counter("ovos.http.cut.off")).isGreaterThan(before);
    }

    @Test
    void resetsTheStreamOfABodyThatIsRefused() throws Exception {
        server.router().post("/refused").handler(ctx -> ctx.fail(401));
        SSLSocket socket = connect();
        write(socket, HEADERS, END_HEADERS, 1, request(POST, "/refused"));
        assertThat(awaitFrame(socket, RST_STREAM, 1)).containsExactly(0, 0, 0, 0);
    }

    @Test
    void countsACallAsAnsweredWhoseCallerLeavesAfterTheAnswer() throws Exception {
        server.router().get("/done").handler(ctx -> {
            ctx.put("operation", "done");
            ctx.response().setStatusCode(204);
            HttpCall.of(ctx).end();
        });
        SSLSocket socket = connect();
        write(socket, HEADERS, END_STREAM | END_HEADERS, 1, request(GET, "/done"));
        awaitFrame(socket, HEADERS, 1);
        socket.close();
        await().atMost(SOON)
                .until(() -> server.metrics()
                                .find("ovos.http.requests")
                                .tags("operation", "done")
                                .timer()
                        != null);
        assertThat(server.metrics()
                        .find("ovos.http.requests")
                        .tags("operation", "done")
                        .timer()
                        .getId()
                        .getTag("status"))
                .isEqualTo("204");
    }

    private SSLSocket connect() throws Exception {
        Socket plain = new Socket();
        sockets.add(plain);
        plain.setReceiveBufferSize(4 << 10);
        plain.setSoTimeout((int) SOON.toMillis());
        plain.connect(new InetSocketAddress("127.0.0.1", server.port()));
        SSLSocket socket = (SSLSocket)
                TlsTest.trusting(pem).getSocketFactory().createSocket(plain, "127.0.0.1", server.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        write(socket, SETTINGS, 0, 0, new byte[0]);
        return socket;
    }

    private static byte[] request(int method, String path) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(method);
        block.write(HTTPS);
        block.writeBytes(new byte[] {AUTHORITY, 1, 'a'});
        block.write(PATH);
        block.write(path.length());
        block.write(path.getBytes(StandardCharsets.US_ASCII));
        return block.toByteArray();
    }

    private static void write(SSLSocket socket, int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length)
                .putShort((short) 0)
                .put((byte) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload);
        socket.getOutputStream().write(frame.array());
    }

    private static byte[] awaitFrame(SSLSocket socket, int type, int stream) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        while (true) {
            int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
            int found = in.readUnsignedByte();
            in.readUnsignedByte();
            int id = in.readInt();
            byte[] payload = in.readNBytes(length);
            if (payload.length < length) {
                throw new EOFException();
            }
            if (found == type && id == stream) {
                return payload;
            }
        }
    }

    private static double counter(String name) {
        return server.metrics().get(name).functionCounter().count();
    }
}
