// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.demo;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

class SoundTest {

    private static final byte[] FORMAT = new byte[16];
    private static final byte[] SAMPLES = new byte[100];
    private static final int UNKNOWN = -1;

    private static String wav(int riffLength, byte[]... chunks) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] chunk : chunks) {
            all.writeBytes(chunk);
        }
        byte[] file = ByteBuffer.allocate(12 + all.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(ISO_8859_1))
                .putInt(riffLength)
                .put("WAVE".getBytes(ISO_8859_1))
                .put(all.toByteArray())
                .array();
        return Base64.getEncoder().encodeToString(file);
    }

    private static byte[] chunk(String name, int length, byte[] content) {
        return ByteBuffer.allocate(8 + content.length + content.length % 2)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(name.getBytes(ISO_8859_1))
                .putInt(length)
                .put(content)
                .array();
    }

    private static byte[] chunk(String name, byte[] content) {
        return chunk(name, content.length, content);
    }

    private static byte[] list(byte[]... tags) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes("INFO".getBytes(ISO_8859_1));
        for (byte[] tag : tags) {
            all.writeBytes(tag);
        }
        return chunk("LIST", all.toByteArray());
    }

    @Test
    void hasTheTextThatItWasMadeOf() {
        assertThat(Sound.text(Sound.of("what time is it?"))).hasValue("what time is it?");
    }

    @Test
    void saysNothingInAFileOfAnotherProgram() {
        byte[] encoder = chunk("ISFT", "Lavf59.27.100\0".getBytes(ISO_8859_1));

        assertThat(Sound.text(wav(200, chunk("fmt ", FORMAT), list(encoder), chunk("data", SAMPLES))))
                .hasValue("");
        assertThat(Sound.text(wav(200, chunk("fmt ", FORMAT), chunk("data", SAMPLES), new byte[1])))
                .hasValue("");
    }

    @Test
    void findsItsTextAmongOtherTags() {
        byte[] title = chunk("INAM", "odd".getBytes(ISO_8859_1));
        byte[] comment = chunk("ICMT", "hello\0".getBytes(ISO_8859_1));

        assertThat(Sound.text(wav(200, chunk("fmt ", FORMAT), list(title, comment), chunk("data", SAMPLES))))
                .hasValue("hello");
    }

    @Test
    void isReadToItsEndWhereAProgramDidNotKnowItsLength() {
        assertThat(Sound.text(wav(UNKNOWN, chunk("fmt ", FORMAT), chunk("data", UNKNOWN, SAMPLES))))
                .hasValue("");
    }

    @Test
    void isNoSoundWithoutItsHeader() {
        assertThat(Sound.text(Base64.getEncoder().encodeToString("no sound at all".getBytes(ISO_8859_1))))
                .isEmpty();
        assertThat(Sound.text("")).isEmpty();
    }
}
