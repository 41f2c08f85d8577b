// SPDX-License-Identifier: Apache-2.0

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.time.Duration;
import io.vertx.core.Vertx;
import org.ovosgateway.demo.SimulatedAssistant;

/**
 * The simulated assistant on a bus of somebody else's; ends with its standard input.
 *
 * <p>Arguments: the bus, the key of the companion skill, how many skills more. Lines of input: {@code silence <type>},
 * {@code unsilence <type>}; each is answered with a line.
 */
class Assistant {

    public static void main(String[] args) throws Exception {
        Vertx vertx = Vertx.vertx();
        SimulatedAssistant assistant = SimulatedAssistant.builder()
                .oneConnection()
                .copies(1)
                .extraSkills(Integer.parseInt(args[2]))
                .backOff(Duration.ofMillis(50))
                .apiKey(args[1])
                .start(vertx, URI.create(args[0]));
        assistant.connected().toCompletionStage().toCompletableFuture().join();
        System.out.println("connected");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("silence")) {
                assistant.silence(words[1]);
            } else {
                assistant.unsilence(words[1]);
            }
            System.out.println("done");
        }
        System.exit(0);
    }
}
