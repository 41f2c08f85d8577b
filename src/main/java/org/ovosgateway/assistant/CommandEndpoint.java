// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.assistant;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

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
import org.ovosgateway.problem.ProblemException;

/** Define and run the commands that a device takes. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "command",
        title = "Command",
        syntax = "command:name",
        category = {Category.IOT})
class CommandEndpoint extends DefaultEndpoint implements Referring, Referring.Receiver {

    private static final BigDecimal LONGEST_TEXT = BigDecimal.valueOf(1000);

    @UriPath(description = "Name of the command: a-z, 0-9, _")
    @Metadata(required = true)
    private final String name;

    @UriParam(
            label = "consumer",
            description = "The operation of the contract that it is: the contract then says scope and input")
    private String operation;

    @UriParam(
            label = "consumer",
            description = "The scope that is needed to run it, such as voice:stop; required without operation")
    private String scope;

    @UriParam(
            label = "consumer",
            enums = "none,text,switch,number,object",
            defaultValue = "none",
            description =
                    "What it takes; the body of the route is null, a string, a boolean (null to toggle), a number, a map")
    private String payload = "none";

    @UriParam(label = "consumer", description = "The member of a JSON object that means the same as the bare payload")
    private String value = "";

    @UriParam(label = "consumer", description = "The smallest number", defaultValue = "0")
    private BigDecimal min = BigDecimal.ZERO;

    @UriParam(label = "consumer", description = "The largest number (100), or the length of the longest text (1000)")
    private BigDecimal max;

    @UriParam(
            label = "producer",
            defaultValue = "default",
            description = "The device; else the header CamelOvosDevice says it")
    private String device;

    CommandEndpoint(String uri, CommandComponent component, String name) {
        super(uri, component);
        this.name = name;
    }

    @Override
    public Producer createProducer() {
        if (operation != null
                || scope != null
                || max != null
                || min.signum() != 0
                || !payload.equals("none")
                || !value.isEmpty()) {
            throw new IllegalArgumentException(
                    "'to: command:%s' takes the body of the message as its payload, and has the option device only; operation, scope, payload, value, min and max belong to 'from:'"
                            .formatted(name));
        }
        return new CommandProducer(this, commands());
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        if (operation == null && (scope == null || !scope.matches("[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*"))) {
            throw new IllegalArgumentException(
                    "The command '%s' needs a scope, such as scope=voice:stop, or an operation of the contract"
                            .formatted(name));
        }
        payload();
        CommandConsumer consumer = new CommandConsumer(this, processor, commands());
        configureConsumer(consumer);
        return consumer;
    }

    private Commands commands() {
        return ((CommandComponent) getComponent()).commands();
    }

    private Payload payload() {
        try {
            return Payload.valueOf(payload.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "payload is none, text, switch, number or object, not '" + payload + "'", e);
        }
    }

    /** The scope that is needed to run it; null for none. */
    String neededScope() {
        return operation == null ? scope : operations().scope(operation);
    }

    @Override
    public void check(Names names) {
        if (operation != null) {
            if (!names.operations().isEmpty() && !names.operations().contains(operation)) {
                throw new MissingName(
                        "the command '%s' is the operation '%s' of the contract,".formatted(name, operation),
                        operation,
                        names.operations());
            }
        } else if (scope == null) {
            if (!names.commands().containsKey(name)) {
                throw new MissingName(
                        "it runs the command '%s',".formatted(name),
                        name,
                        names.commands().keySet());
            }
        } else if (isMisspelt(scope, names.scopes())) {
            throw new MissingName(
                    "the command '%s' needs the scope '%s',".formatted(name, scope), scope, names.scopes());
        }
    }

    /** A scope of its own is anybody's right, beside those of the contract. */
    private static boolean isMisspelt(String scope, Set<String> scopes) {
        String resource = scope.substring(0, scope.indexOf(':') + 1);
        return !scopes.contains(scope)
                && (scopes.stream().anyMatch(known -> known.startsWith(resource))
                        || Nearest.of(scope, scopes, 2).isPresent());
    }

    /** The operation that it is, if the contract does not have it. */
    Optional<String> missingOperation() {
        return operation == null || operations().has(operation) ? Optional.empty() : Optional.of(operation);
    }

    @Override
    public void check(Object input) {
        if (operation != null && !operations().willHave(operation)) {
            return; // a mistake of its own
        }
        try {
            read(input, operations()::readNext);
        } catch (ProblemException e) {
            throw new IllegalArgumentException(e.problem().detail(), e);
        }
    }

    private ApiOperations operations() {
        return ((CommandComponent) getComponent()).operations();
    }

    /**
     * @param given text, map or null
     * @throws ProblemException 422
     */
    ApiOperations.Input read(Object given) {
        return read(given, operations()::read);
    }

    private ApiOperations.Input read(
            Object given, BiFunction<String, Map<String, Object>, ApiOperations.Input> reader) {
        if (operation != null) {
            return new OperationInput(operation, value, reader).read(given);
        }
        Payload kind = payload();
        BigDecimal largest = max != null ? max : kind == Payload.TEXT ? LONGEST_TEXT : BigDecimal.valueOf(100);
        return new ApiOperations.Input(kind.read(given, value, min, largest), Map.of());
    }

    @Override
    public boolean isLenientProperties() {
        return false;
    }

    public String getName() {
        return name;
    }

    public String getOperation() {
        return operation;
    }

    public void setOperation(String operation) {
        this.operation = operation;
    }

    public String getScope() {
        return scope;
    }

    public void setScope(String scope) {
        this.scope = scope;
    }

    public String getPayload() {
        return payload;
    }

    public void setPayload(String payload) {
        this.payload = payload;
    }

    public String getValue() {
        return value;
    }

    public void setValue(String value) {
        this.value = value;
    }

    public BigDecimal getMin() {
        return min;
    }

    public void setMin(BigDecimal min) {
        this.min = min;
    }

    public BigDecimal getMax() {
        return max;
    }

    public void setMax(BigDecimal max) {
        this.max = max;
    }

    public String getDevice() {
        return device;
    }

    public void setDevice(String device) {
        this.device = device;
    }
}
