// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import io.micrometer.core.instrument.Gauge;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Peers of a WebSocket, good and bad: their frames are written by hand (RFC 6455). */
class WebSocketConnectionTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int MOST = 2000;

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int FINAL = 0x80;

    private static TestServer server;

    private final List<Socket> sockets = new ArrayList<>();
    private final AtomicBoolean allowed = new AtomicBoolean(true);
    private final List<WebSocketConnection> open = new CopyOnWriteArrayList<>();

    /** What is done with a message; by default it is sent back. */
    private volatile Handling handling = (connection, message) -> {
        connection.send(message instanceof byte[] bytes ? Buffer.buffer(bytes) : message);
        connection.next();
    };

    private interface Handling {
        void handle(WebSocketConnection connection, Object message);
    }

    @BeforeAll
    static void start() {
        server = start("ovos.http.event-loops=1");
    }

    private static TestServer start(String... more) {
        List<String> properties = new ArrayList<>(List.of(more));
        properties.addAll(List.of(
                "ovos.http.max-message=" + MOST,
                "ovos.http.heartbeat=1s",
                "ovos.http.write-timeout=3s",
                "ovos.http.idle-timeout=1s",
                "ovos.http.max-unsent=512KB"));
        return TestServer.start(properties.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void serve() {
        server.router().clear();
        serve(server);
    }

    private void serve(TestServer server) {
        serve(server, MOST);
    }

    private void serve(TestServer server, int most) {
        server.router().get("/socket").handler(ctx -> {
            HttpCall.of(ctx).allowWhile(allowed::get);
            HttpCall.of(ctx)
                    .upgrade(most, new WebSocketConnection.Listener() {
                        @Override
                        public void message(WebSocketConnection connection, Object message) {
                            handling.handle(connection, message);
                        }

                        @Override
                        public void closed(WebSocketConnection connection) {
                            open.remove(connection);
                        }
                    })
                    .onSuccess(open::add)
                    .onFailure(ctx::fail);
        });
    }

    @AfterEach
    void givesBackAllMemoryWhenTheyAreGone() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        await().atMost(SOON)
                .until(() -> open.isEmpty() && gauge("ovos.http.bodies") == 0 && gauge("ovos.http.unsent") == 0);
        server.router().clear();
    }

    @Test
    void givesMessagesInTheirOrder() throws Exception {
        Socket socket = connect(server);
        for (int i = 0; i < 200; i++) {
            write(socket, FINAL | TEXT, "message " + i);
        }
        write(socket, BINARY, "in ");
        write(socket, FINAL | PING, "between");
        write(socket, CONTINUATION, "");
        write(socket, FINAL | CONTINUATION, "parts");
        for (int i = 0; i < 200; i++) {
            assertThat(read(socket, TEXT)).isEqualTo("message " + i);
        }
        assertThat(read(socket, BINARY)).isEqualTo("in parts");
    }

    @Test
    void answersAClosingPeer() throws Exception {
        Socket socket = connect(server);
        write(socket, FINAL | CLOSE, new byte[] {3, (byte) 232});
        assertThat(closeCode(socket)).isEqualTo(1000);
        await().atMost(SOON).until(open::isEmpty);
    }

    @Test
    void closesForAFrameThatIsTooLarge() throws Exception {
        Socket socket = connect(server);
        write(socket, FINAL | TEXT, "x".repeat(MOST));
        assertThat(read(socket, TEXT)).hasSize(MOST);
        write(socket, FINAL | TEXT, "x".repeat(MOST + 1));
        assertThat(closeCode(socket)).isEqualTo(1009);
    }

    @Test
    void closesForAMessageThatIsTooLarge() throws Exception {
        Socket socket = connect(server);
        write(socket, TEXT, "x".repeat(MOST / 2));
        write(socket, CONTINUATION, "x".repeat(MOST / 2 + 1));
        assertThat(closeCode(socket)).isEqualTo(1009);
    }

    @Test
    void closesForFragmentsWithoutEnd() throws Exception {
        Socket socket = connect(server);
        write(socket, TEXT, "");
        for (int i = 0; i < MOST; i++) {
            socket.getOutputStream().write(frame(CONTINUATION, new byte[0]));
        }
        assertThat(closeCode(socket)).isEqualTo(1009);
    }

    @Test
    void countsAFrameThatIsStillArriving() throws Exception {
        List<Integer> heard = new CopyOnWriteArrayList<>();
        handling = (connection, message) -> {
            heard.add(((byte[]) message).length);
            connection.next();
        };
        int whole = 500_000;
        byte[] begun = new byte[14 + 400_000];
        begun[0] = (byte) (FINAL | BINARY);
        begun[1] = (byte) 0xff;
        ByteBuffer.wrap(begun).putLong(2, whole);
        // a quarter of it is for those without a token
        try (TestServer small = TestServer.start("ovos.http.max-message=1MB", "ovos.http.max-bodies=4MB")) {
            serve(small, 1 << 20);
            Gauge bodies = small.metrics().get("ovos.http.bodies").gauge();
            Socket first = connect(small);
            first.getOutputStream().write(begun);
            await().atMost(SOON).until(() -> bodies.value() > 390_000);
            connect(small).getOutputStream().write(begun);
            await().atMost(SOON).until(() -> bodies.value() > 780_000);

            Socket third = connect(small);
            third.getOutputStream().write(begun);
            assertThat(closeCode(third)).isEqualTo(1013);
            third.close();
            await().atMost(SOON).until(() -> bodies.value() < 810_000);

            first.getOutputStream().write(new byte[whole - 400_000]);
            await().atMost(SOON).until(() -> heard.equals(List.of(whole)));
            await().atMost(SOON).until(() -> bodies.value() < 410_000);
        }
    }

    @Test
    void countsNoFrameThatHasNoMessage() throws Exception {
        Socket socket = connect(server);
        for (int i = 0; i < 2_000; i++) {
            socket.getOutputStream().write(frame(FINAL | PONG, new byte[100]));
        }
        write(socket, FINAL | TEXT, "still here");
        assertThat(read(socket, TEXT)).isEqualTo("still here");
        assertThat(gauge("ovos.http.bodies")).isLessThan(2 * MOST);
    }

    @Test
    void closesForAMessageThatIsAlreadyTooLargeWhileItArrives() throws Exception {
        Socket socket = connect(server);
        write(socket, BINARY, new byte[MOST - 10]);
        byte[] next = frame(FINAL | CONTINUATION, new byte[MOST]);
        socket.getOutputStream().write(next, 0, next.length - 1);
        assertThat(closeCode(socket)).isEqualTo(1009);
    }

    @Test
    void closesForATextThatIsNoUtf8() throws Exception {
        Socket socket = connect(server);
        write(socket, FINAL | TEXT, new byte[] {'a', (byte) 0xc0, (byte) 0xaf});
        assertThat(closeCode(socket)).isEqualTo(1007);
    }

    @Test
    void readsNoFurtherWhileAMessageIsHandled() throws Exception {
        AtomicReference<WebSocketConnection> busy = new AtomicReference<>();
        handling = (connection, message) -> busy.set(connection);
        Socket socket = connect(server);
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            byte[] frame = frame(FINAL | BINARY, new byte[MOST]);
            try {
                for (int i = 0; i < 20_000; i++) {
                    socket.getOutputStream().write(frame);
                }
            } catch (IOException e) {
                // closed at the end of the test
            }
        });
        await().atMost(SOON).until(() -> gauge("ovos.http.bodies") > 0);
        await().during(Duration.ofSeconds(2)).atMost(SOON).until(() -> gauge("ovos.http.bodies") < 4 * MOST);
        assertThat(writing.isDone()).isFalse();
        socket.close();
        handling = (connection, message) -> connection.next();
        busy.get().next();
    }

    @Test
    void readsNoPingsWhosePongsAreNotTaken() throws Exception {
        Socket socket = stuck();
        byte[] pings = frame(FINAL | PING, new byte[0]);
        assertThat(CompletableFuture.runAsync(() -> {
                    try {
                        while (true) {
                            socket.getOutputStream().write(pings);
                        }
                    } catch (IOException e) {
                        // cut off
                    }
                }))
                .succeedsWithin(SOON);
    }

    @Test
    void cutsOffAPeerWhoDoesNotTakeWhatItIsSent() throws Exception {
        double before = counter("ovos.http.cut.off");
        stuck();
        await().atMost(SOON).until(() -> open.size() == 1);
        WebSocketConnection connection = open.get(0);
        String message = "x".repeat(10_000);
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> connection.send(message).failed() || open.isEmpty());
        await().atMost(SOON).until(() -> counter("ovos.http.cut.off") > before && open.isEmpty());
    }

    @Test
    void keepsAPeerThatAnswersPings() throws Exception {
        Socket socket = connect(server);
        for (int i = 0; i < 4; i++) {
            read(socket, PING);
            write(socket, FINAL | PONG, "");
        }
        write(socket, FINAL | TEXT, "still here");
        assertThat(read(socket, TEXT)).isEqualTo("still here");
    }

    @Test
    void cutsOffAPeerThatGivesNoSignOfLife() throws Exception {
        double before = counter("ovos.http.cut.off");
        Socket socket = connect(server);
        TestServer.readAll(socket.getInputStream());
        assertThat(counter("ovos.http.cut.off")).isGreaterThan(before);
        await().atMost(SOON).until(open::isEmpty);
    }

    @Test
    void letsAPeerGoThatHasClosedItsHalf() throws Exception {
        Socket socket = connect(server);
        socket.shutdownOutput();
        TestServer.readAll(socket.getInputStream());
        await().atMost(SOON).until(open::isEmpty);
    }

    @Test
    void closesWhenThePeerHasLostItsRight() throws Exception {
        Socket socket = connect(server);
        allowed.set(false);
        assertThat(closeCode(socket)).isEqualTo(1008);
    }

    @Test
    void closesWhenTheServerStops() throws Exception {
        TestServer stopping = start("ovos.http.shutdown-timeout=60s");
        serve(stopping);
        Socket socket = connect(stopping);
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(stopping::close);
        assertThat(closeCode(socket)).isEqualTo(1001);
        write(socket, FINAL | CLOSE, new byte[] {3, (byte) 233});
        assertThat(stopped).succeedsWithin(SOON);
    }

    private static final String HANDSHAKE =
            "GET /socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

    private Socket connect(TestServer server) throws Exception {
        Socket socket = server.connect();
        sockets.add(socket);
        socket.getOutputStream().write(HANDSHAKE.getBytes(StandardCharsets.US_ASCII));
        readHead(socket);
        return socket;
    }

    /** A peer who reads nothing. */
    private Socket stuck() throws Exception {
        Socket socket = server.stuck(HANDSHAKE);
        sockets.add(socket);
        return socket;
    }

    private static void readHead(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = socket.getInputStream().read();
            if (octet < 0) {
                throw new EOFException(head.toString());
            }
            head.append((char) octet);
        }
        assertThat(head).startsWith("HTTP/1.1 101 ");
    }

    private static void write(Socket socket, int head, String content) throws IOException {
        write(socket, head, content.getBytes(StandardCharsets.UTF_8));
    }

    private static void write(Socket socket, int head, byte[] content) throws IOException {
        socket.getOutputStream().write(frame(head, content));
    }

    /** A frame whose mask changes nothing. */
    private static byte[] frame(int head, byte[] content) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(head);
        if (content.length < 126) {
            frame.write(0x80 | content.length);
        } else {
            frame.write(0x80 | 126);
            frame.write(content.length >> 8);
            frame.write(content.length);
        }
        frame.writeBytes(new byte[4]);
        frame.writeBytes(content);
        return frame.toByteArray();
    }

    /** The next message of this kind; others are passed over. */
    private static String read(Socket socket, int opcode) throws IOException {
        return new String(readFrame(socket, opcode), StandardCharsets.UTF_8);
    }

    private static int closeCode(Socket socket) throws IOException {
        byte[] content = readFrame(socket, CLOSE);
        return (content[0] & 0xff) << 8 | content[1] & 0xff;
    }

    private static byte[] readFrame(Socket socket, int opcode) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        while (true) {
            int head = in.readUnsignedByte();
            int length = in.readUnsignedByte();
            byte[] content = new byte[length == 126 ? in.readUnsignedShort() : length];
            in.readFully(content);
            if ((head & 15) == opcode) {
                return content;
            }
        }
    }

    private static double gauge(String name) {
        return server.metrics().get(name).gauge().value();
    }

    private static double counter(String name) {
        return server.metrics().get(name).functionCounter().count();
    }
}
