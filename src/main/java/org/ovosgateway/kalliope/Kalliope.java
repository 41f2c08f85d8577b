// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.RuntimeCamelException;
import org.ovosgateway.GatewayApplication;
import org.ovosgateway.LogText;
import org.ovosgateway.api.Upload;
import org.ovosgateway.audio.Audio;
import org.ovosgateway.auth.Caller;
import org.ovosgateway.kalliope.OpenQuestions.Question;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Orders, and the synapses that they start; routes call it as the bean {@code kalliope}. */
@Component("kalliope")
public class Kalliope {

    static final String MUTE = "mute";
    static final String VARIABLES = "variables";
    static final String HOOKS = "hooks";

    private static final Logger LOG = LoggerFactory.getLogger(Kalliope.class);
    private static final String RUN = "run";
    private static final String ALOUD = "aloud";
    private static final String NO_VOICE = "no_voice";
    private static final String NOT_FOUND_HOOK = "on_order_not_found";
    private static final int MOST_PARAMETERS = 50;
    private static final int LONGEST_NAME = 65;

    private final Synapses synapses;
    private final KalliopeState state;
    private final OpenQuestions questions;

    Kalliope(Synapses synapses, KalliopeState state, @Value("${ovos.conversation.expire-after:5m}") Duration patience) {
        this.synapses = synapses;
        this.state = state;
        // as long as a conversation
        this.questions = new OpenQuestions(patience);
    }

    /** The version of the gateway, under Kalliope's name for it. */
    public Map<String, Object> version() {
        return Map.of("Kalliope version", ownVersion());
    }

    /** Says why nothing is installed. */
    public void refuseInstall(Exchange exchange) {
        forbid(
                exchange,
                "Neurons are no programs here, so none can be installed. What a synapse can do is in GET /neurons; a skill of OVOS"
                        + " can do more.");
    }

    /** Says why nothing is shut down. */
    public void refuseShutdown(Exchange exchange) {
        forbid(exchange, "Clients cannot shut the assistant down. Stop it where it runs.");
    }

    private static void forbid(Exchange exchange, String why) {
        KalliopeBody.refuse(exchange, 403, Map.of("error", Map.of("Error", why)));
    }

    static String ownVersion() {
        String version = GatewayApplication.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }

    /** Begins the run of the order in a body of JSON. */
    public void order(Exchange exchange) {
        Map<String, Object> body = KalliopeBody.json(exchange);
        if (!(body.get(Order.ORDER) instanceof String order) || order.isBlank()) {
            KalliopeBody.refuse(
                    exchange,
                    "Wrong parameters, 'order' not set: send {\"order\": \"…\"} with Content-Type: application/json");
        } else if (order.length() > Order.LONGEST) {
            KalliopeBody.refuse(
                    exchange, "Wrong parameters, 'order' has more than %d characters".formatted(Order.LONGEST));
        } else {
            begin(exchange, order, isAloud(body));
        }
    }

    /** The sound in a form, and whether its answers are said aloud. */
    public void sound(Exchange exchange) {
        Map<?, ?> form = exchange.getMessage().getBody() instanceof Map<?, ?> map ? map : Map.of();
        Object file = form.get("file") instanceof List<?> several ? several.get(0) : form.get("file");
        if (!(file instanceof Upload upload) || upload.getFilename().isEmpty()) {
            KalliopeBody.refuse(exchange, 400, Map.of("error", Map.of("error", "No file provided")));
            return;
        }
        exchange.setProperty(ALOUD, isAloud(form));
        exchange.getMessage().setBody(upload);
    }

    /** Begins the run of the order that was heard; the body has the transcriptions. */
    public void heard(Exchange exchange) {
        String order = Audio.best(exchange.getMessage().getBody(Map.class));
        if (order == null) {
            KalliopeBody.refuse(
                    exchange, 400, Map.of("error", Map.of("error", "The given order doesn't match any synapses")));
            return;
        }
        begin(exchange, order, exchange.getProperty(ALOUD, Boolean.class));
    }

    /** Begins the run of a synapse by its name. */
    public void byName(Exchange exchange) {
        String name = exchange.getMessage().getHeader("name", String.class);
        Map<String, Object> body = KalliopeBody.any(exchange);
        Optional<Synapses.Found> found = synapses.find(name);
        if (found.isEmpty()) {
            KalliopeBody.refuse(exchange, 404, notFound(name));
            return;
        }
        Map<?, ?> parameters = body.get("parameters") instanceof Map<?, ?> given ? given : Map.of();
        if (parameters.size() > MOST_PARAMETERS) {
            KalliopeBody.refuse(
                    exchange, "Wrong parameters, there may be %d of them in 'parameters'".formatted(MOST_PARAMETERS));
            return;
        }
        Run run = new Run(null, isAloud(body));
        run.start(found.get().synapse(), null, values(parameters));
        exchange.setProperty(RUN, run);
        exchange.getMessage().setBody(null);
    }

    static Map<String, Object> notFound(String name) {
        return Map.of("error", Map.of("synapse name not found", name));
    }

    private void begin(Exchange exchange, String order, boolean aloud) {
        Question question = questions.take(Caller.of(exchange));
        Run run;
        if (question == null) {
            run = new Run(order, aloud);
            startMatching(run, new Order(order));
            if (!run.isUnfinished()) {
                run.ask(order, null);
            }
        } else if (question.run() == null) {
            run = new Run(order, aloud);
            run.ask(order, question.conversation());
        } else {
            run = question.run();
            run.resume(aloud);
            if (question.conversation() != null) {
                run.answer(order, question.conversation());
            } else {
                startLinked(run, new Order(order));
            }
        }
        exchange.setProperty(RUN, run);
        exchange.getMessage().setBody(null);
    }

    private void startMatching(Run run, Order order) {
        List<Synapse> all = synapses.all();
        // each one goes before those that were started
        for (int i = all.size() - 1; i >= 0; i--) {
            Synapse synapse = all.get(i);
            if (synapse.enabled()) {
                for (SynapsePart signal : synapse.signals()) {
                    Optional<Map<String, String>> captured = order.match(signal);
                    if (captured.isPresent()) {
                        run.startFirst(synapse, signal.main(Order.TEXT), values(captured.get()));
                        break;
                    }
                }
            }
        }
    }

    /** Starts the synapses that a neurotransmitter names for this answer. */
    private void startLinked(Run run, Order answer) {
        run.ran(null);
        boolean found = false;
        for (Object one : (List<?>) run.part().parameter("from_answer_link")) {
            Map<?, ?> link = (Map<?, ?>) one;
            for (Object words : (List<?>) link.get("answers")) {
                Optional<Map<String, String>> captured = answer.match(String.valueOf(words));
                if (captured.isPresent()) {
                    startNamed(run, link.get("synapse"), String.valueOf(words), captured.get());
                    found = true;
                    break;
                }
            }
        }
        if (!found) {
            startNamed(run, run.part().parameter("default"), null, Map.of());
        }
    }

    private void startNamed(Run run, Object name, String matchedOrder, Map<String, ?> values) {
        synapses.find(String.valueOf(name))
                .ifPresentOrElse(
                        found -> run.start(found.synapse(), matchedOrder, values(values)),
                        () -> LOG.warn("Synapse '{}' names '{}', which is not there", run.synapse(), LogText.of(name)));
    }

    private Map<String, Object> values(Map<?, ?> given) {
        Map<String, Object> values = state.map(VARIABLES);
        // a longer name fits nothing
        given.forEach(
                (name, value) -> values.put(Template.cut(String.valueOf(name), LONGEST_NAME), Template.value(value)));
        return values;
    }

    private boolean isAloud(Map<?, ?> body) {
        Object mute = body.get(MUTE) == null ? body.get(NO_VOICE) : body.get(MUTE);
        return mute == null ? !state.isTrue(MUTE) : !KalliopeBody.isTrue(mute);
    }

    /**
     * The next neuron of the run is to be run.
     *
     * @throws ProblemException 403 for one that can reach skills and machines of which the caller may ask some only
     */
    public void next(Exchange exchange, @ExchangeProperty(RUN) Run run) {
        exchange.getMessage().setBody(null);
        run.next();
        if (SynapseReader.OF_OWNER.contains(run.getNeuron())
                && Caller.of(exchange).skills().isLimited()) {
            throw new ProblemException(new Problem(
                    "forbidden",
                    "This user may not do that",
                    403,
                    "The synapse '%s' has the neuron '%s', which users who may ask some skills only cannot run."
                            .formatted(run.synapse(), run.getNeuron())));
        }
    }

    /** What {@code say} says: one of its messages. */
    public Map<String, Object> speech(@ExchangeProperty(RUN) Run run) {
        SynapsePart say = run.part();
        String message = say.parameter("message") instanceof List<?> several
                ? String.valueOf(several.get(ThreadLocalRandom.current().nextInt(several.size())))
                : say.main("message");
        Map<String, Object> speech = new LinkedHashMap<>();
        speech.put("utterance", Template.fill(message, run.values()));
        return speech;
    }

    /** Starts the synapse of a direct link, or waits for the answer. */
    public void link(@ExchangeProperty(RUN) Run run) {
        Object direct = run.part().parameter("direct_link");
        if (direct == null) {
            run.waitForAnswer();
        } else {
            run.ran(null);
            startNamed(run, direct, null, run.values());
        }
    }

    /** The neuron has said what the body is: a text, an outcome of a conversation, or nothing. */
    public void ran(Exchange exchange, @ExchangeProperty(RUN) Run run) {
        Object said = exchange.getMessage().getBody();
        if (run.getNeuron().equals("neurotransmitter")) {
            return;
        }
        if (said instanceof Map<?, ?> outcome && outcome.get("answers") != null) {
            run.answered(outcome);
            Object hook = state.map(HOOKS).get(NOT_FOUND_HOOK);
            if (run.isNotUnderstood() && hook != null) {
                (hook instanceof List<?> several ? several : List.of(hook))
                        .forEach(name -> startNamed(run, name, null, Map.of()));
            }
        } else {
            run.ran(said instanceof String text ? text : null);
        }
    }

    /**
     * The neuron has failed. Kalliope leaves it out and goes on.
     *
     * @throws ProblemException where the caller has to know: for an order to the assistant, for what the caller may not do, and
     *     while the assistant is away
     */
    public void failed(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception failure, @ExchangeProperty(RUN) Run run) {
        if (failure instanceof ProblemException told) {
            int status = told.problem().status();
            if (status == 401 || status == 403 || status == 503) {
                throw told;
            }
        }
        if (run.isOrder()) {
            throw RuntimeCamelException.wrapRuntimeCamelException(failure);
        }
        LOG.warn(
                "Neuron '{}' of synapse '{}' failed: {}",
                run.getNeuron(),
                run.synapse(),
                failure instanceof ProblemException told
                        ? LogText.of(told.problem().detail())
                        : failure.getClass().getSimpleName());
        LOG.debug("Neuron failed", failure);
    }

    /** What was done, as Kalliope tells it. */
    public Map<String, Object> outcome(Exchange exchange, @ExchangeProperty(RUN) Run run) {
        if (run.isEndless()) {
            LOG.warn("Synapse '{}' was stopped: its synapses start each other again and again", run.synapse());
        }
        if (run.isWaiting()) {
            questions.put(Caller.of(exchange), new Question(run.isOrder() ? null : run, run.awaitedIn()));
        }
        return run.shown();
    }
}
