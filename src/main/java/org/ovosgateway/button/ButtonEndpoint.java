// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.button;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.ovosgateway.Nearest;
import org.ovosgateway.live.Referring;

/** Run a command for each press of a button that a message tells of. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "button",
        title = "Button",
        syntax = "button:family",
        producerOnly = true,
        category = {Category.IOT})
class ButtonEndpoint extends DefaultEndpoint implements Referring {

    @UriPath(
            enums = "shelly-gen1,shelly-rpc,shelly-blu-script,tasmota,tasmota-topic,zigbee2mqtt,esphome-event,"
                    + "esphome-binary,theengs,radio433,aws,text,json",
            description = "What sends the message")
    @Metadata(required = true)
    private final Family family;

    @UriParam(
            prefix = "on.",
            multiValue = true,
            description = "What a gesture does, as on.single=stop: none, a command, or a command and its payload"
                    + " (utterance: good night). on.1_single is for the button 1 only, and goes before on.single.")
    private final Map<String, Object> on;

    @UriParam(description = "More of the same for gestures with names of their own: shake: listen, slide: stop")
    private String others;

    @UriParam(defaultValue = "default", description = "Name of the device under ovos.devices that obeys")
    private String device = "default";

    @UriParam(description = "Only presses of this device, as the press names it; its last part is enough")
    private String source;

    @UriParam(description = "Only presses of this button, by number or name; empty: of any")
    private String button;

    @UriParam(
            description = "A press that is told again within this time acts once; the default is that of the family",
            javaType = "java.time.Duration")
    private Duration window;

    @UriParam(description = "Of json: where the value is, as event.type or /event/type")
    private String path;

    @UriParam(
            description = "Of text and json: what values mean, as pressed: single, held: hold."
                    + " A value that is not there is the name of its gesture.")
    private String values;

    private final Map<String, Action> actions = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    ButtonEndpoint(String uri, ButtonComponent component, Family family, Map<String, Object> on) {
        super(uri, component);
        this.family = family;
        this.on = on;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        if (family == Family.JSON && (path == null || path.isBlank())) {
            throw new IllegalArgumentException("button:json needs to know where the value is, such as path=event.type");
        }
        Table.of("others", others).forEach((word, action) -> actions.put(word, Action.of(word, action)));
        on.forEach((word, action) -> actions.put(word, Action.of(word, action)));
        actions.keySet().forEach(this::checkGesture);
    }

    /** Buttons may have words of their own, but hardly one that is nearly a gesture. */
    private void checkGesture(String key) {
        Set<String> words = new TreeSet<>(Gesture.words());
        if (family.words() != null) {
            words.addAll(family.words());
        }
        String word = key.substring(key.lastIndexOf('_') + 1);
        boolean known = words.stream().anyMatch(word::equalsIgnoreCase) || family.words() != null && family.knows(key);
        if (known || word.length() < (family.words() == null ? 5 : 4)) {
            return;
        }
        boolean anybodysWords = family.words() == null && family != Family.ZIGBEE2MQTT;
        Nearest.of(word, words, anybodysWords || word.length() < 5 ? 1 : 2)
                .filter(gesture -> !word.startsWith(gesture) && !gesture.startsWith(word))
                .ifPresent(gesture -> {
                    throw new IllegalArgumentException("'%s' is no gesture of %s; the nearest is '%s'"
                            .formatted(key, family, key.substring(0, key.lastIndexOf('_') + 1) + gesture));
                });
    }

    @Override
    public void check(Names names) {
        actions.forEach((gesture, action) -> {
            if (!action.isNone() && !names.commands().containsKey(action.command())) {
                throw new MissingName(
                        "%s runs the command '%s',".formatted(gesture, action.command()),
                        action.command(),
                        names.commands().keySet());
            }
        });
    }

    @Override
    public void checkInputs(Names names) {
        actions.forEach((gesture, action) -> {
            Receiver command = action.isNone() ? null : names.commands().get(action.command());
            if (command != null) {
                try {
                    command.check(action.payload());
                } catch (IllegalArgumentException e) {
                    boolean text = action.payload() instanceof String;
                    throw new Mistake(
                            "%s runs the command '%s' %s: %s"
                                    .formatted(
                                            gesture,
                                            action.command(),
                                            action.payload() == null
                                                    ? "without a payload"
                                                    : "with '" + action.payload() + "'",
                                            e.getMessage()),
                            text ? action.command() + ": " + action.payload() : action.command());
                }
            }
        });
    }

    @Override
    public Producer createProducer() {
        ButtonComponent component = (ButtonComponent) getComponent();
        return new ButtonProducer(this, component);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("A route cannot begin with button:; it begins with paho-mqtt5:<topic>");
    }

    Decoder decoder() {
        return family.decoder(path, values);
    }

    Family family() {
        return family;
    }

    /** Whether this endpoint is for the button of the press. */
    boolean takes(Press press) {
        return (isAny(button) || button.equalsIgnoreCase(press.button()))
                && (isAny(source) || source.equalsIgnoreCase(press.source()) || endsWith(press.source(), "/" + source));
    }

    private static boolean isAny(String wanted) {
        return wanted == null || wanted.isBlank();
    }

    private static boolean endsWith(String text, String end) {
        return text.regionMatches(true, text.length() - end.length(), end, 0, end.length());
    }

    Action action(Press press) {
        String word = press.gesture().word();
        Action ofButton = press.button().isEmpty() ? null : actions.get(press.button() + "_" + word);
        return ofButton != null ? ofButton : actions.getOrDefault(word, Action.NONE);
    }

    public String getFamily() {
        return family.toString();
    }

    public String getOthers() {
        return others;
    }

    public void setOthers(String others) {
        this.others = others;
    }

    public String getDevice() {
        return device;
    }

    public void setDevice(String device) {
        this.device = device;
    }

    public String getSource() {
        return source;
    }

    public void setSource(String source) {
        this.source = source;
    }

    public String getButton() {
        return button;
    }

    public void setButton(String button) {
        this.button = button;
    }

    /** How long a repetition is one; null: as the family has it. */
    public Duration getWindow() {
        return window;
    }

    public void setWindow(Duration window) {
        this.window = window;
    }

    public String getPath() {
        return path;
    }

    public void setPath(String path) {
        this.path = path;
    }

    public String getValues() {
        return values;
    }

    public void setValues(String values) {
        this.values = values;
    }
}
