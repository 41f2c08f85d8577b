// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.LogDefinition;
import org.apache.camel.model.SetHeadersDefinition;
import org.apache.camel.model.SetVariableDefinition;
import org.apache.camel.model.SetVariablesDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.DefaultInterceptSendToEndpoint;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.apache.camel.util.URISupport;

/**
 * Keeps a {@link DryRun} from doing anything, whatever a user's route is made of.
 *
 * <p>A step runs only if it is known to do nothing outside of the exchange; all others are noted and skipped. The
 * gateway's own endpoints take notes themselves. All other endpoints are noted whoever sends to them: a step, a list of
 * recipients, or an error handler.
 */
final class DryRunGuard implements InterceptStrategy {

    private static final String OURS = DryRunGuard.class.getPackageName() + ".";

    /** Steps that only change the exchange, or lead to other steps, each of which is looked at by itself. */
    private static final Set<String> HARMLESS = Set.of(
            "to",
            "toD",
            "recipientList",
            "routingSlip",
            "setBody",
            "setHeader",
            "setHeaders",
            "setProperty",
            "setVariable",
            "setVariables",
            "setExchangePattern",
            "removeHeader",
            "removeHeaders",
            "removeProperty",
            "removeProperties",
            "removeVariable",
            "convertBodyTo",
            "convertHeaderTo",
            "convertVariableTo",
            "choice",
            "when",
            "otherwise",
            "filter",
            "doTry",
            "doCatch",
            "doFinally",
            "stop",
            "log",
            "marshal",
            "unmarshal",
            "transform",
            "validate",
            "split",
            "loop",
            "multicast",
            "pipeline",
            "step",
            "throwException",
            "rollback",
            "sort",
            "onException",
            "onFallback",
            "circuitBreaker",
            "intercept",
            "interceptFrom",
            "loadBalance",
            "failover",
            "roundRobin",
            "random",
            "enrich");

    /** The gateway's own, which only shape or tell what they are given. */
    private static final Set<String> BEANS = Set.of("answer", "skills", "volume", "state");

    private static final Set<String> LANGUAGES = Set.of(
            "constant",
            "simple",
            "header",
            "exchangeProperty",
            "variable",
            "jsonpath",
            "jq",
            "xpath",
            "tokenize",
            "xtokenize");

    /** What in the Simple language can reach something outside of the exchange. */
    private static final Pattern REACHES_OUT =
            Pattern.compile("\\$(?:simple)?\\{\\s*(?:bean:(?!(?:" + String.join("|", BEANS) + ")\\b)"
                    + "|ref:|type:|camelContext|exchange\\b|messageHistory|function|stepId)");

    /** They cannot be wrapped: Camel looks for their own class; or they only start routes. */
    private static final Set<String> UNWRAPPED = Set.of(
            "rest",
            "rest-api",
            "rest-openapi",
            "platform-http",
            "timer",
            "scheduler",
            "quartz",
            "cron",
            "seda",
            "direct",
            "mock",
            "log",
            "dataformat");

    private static final Set<String> QUEUES = Set.of("seda", "vm", "disruptor");
    private static final int DEEPEST = 20;
    private static final String DEPTH = "ovosDryRunDepth";
    private static final int LONGEST = 200;

    /** Wraps an endpoint that is not ours, so that a dry run does not send to it. */
    static Endpoint guard(Endpoint endpoint) {
        if (endpoint.getClass().getName().startsWith(OURS)
                || endpoint instanceof DefaultInterceptSendToEndpoint
                || UNWRAPPED.contains(scheme(endpoint))) {
            return endpoint;
        }
        DefaultInterceptSendToEndpoint guarded = new DefaultInterceptSendToEndpoint(endpoint, true);
        guarded.setBefore(exchange -> {
            DryRun dryRun = DryRun.of(exchange);
            if (dryRun != null) {
                dryRun.note(sent(endpoint));
            }
            exchange.setProperty(ExchangePropertyKey.INTERCEPT_SEND_TO_ENDPOINT_WHEN_MATCHED, dryRun != null);
        });
        return guarded;
    }

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode node, Processor target, Processor next) {
        if (node instanceof ToDefinition to && !reachesOut(to.getUri())) {
            Endpoint endpoint = endpoint(target);
            if (endpoint == null || runs(endpoint)) {
                return endpoint == null ? skipping(node, target, null) : target;
            }
            return QUEUES.contains(scheme(endpoint))
                    ? runningQueue(context, endpoint, target)
                    : skipping(node, target, sent(endpoint));
        }
        return isHarmless(node) ? target : skipping(node, target, null);
    }

    private static boolean runs(Endpoint endpoint) {
        return endpoint.getClass().getName().startsWith(OURS)
                // takes its own note
                || endpoint instanceof DefaultInterceptSendToEndpoint
                || Set.of("direct", "log", "dataformat").contains(scheme(endpoint));
    }

    private static Processor skipping(NamedNode node, Processor target, Map<String, Object> known) {
        Map<String, Object> note = known != null ? known : step(node);
        return new DelegateAsyncProcessor(target) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                DryRun dryRun = DryRun.of(exchange);
                if (dryRun == null) {
                    return super.process(exchange, callback);
                }
                dryRun.note(note);
                callback.done(true);
                return true;
            }
        };
    }

    /** The routes behind a queue run at once, so that what they would do is noted before the answer is given. */
    private static Processor runningQueue(CamelContext context, Endpoint queue, Processor target) {
        return new DelegateAsyncProcessor(target) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                DryRun dryRun = DryRun.of(exchange);
                if (dryRun == null) {
                    return super.process(exchange, callback);
                }
                dryRun.note(sent(queue));
                int depth = exchange.getProperty(DEPTH, 0, Integer.class);
                for (Route route : List.copyOf(context.getRoutes())) {
                    if (depth < DEEPEST
                            && route.getEndpoint().getEndpointBaseUri().equals(queue.getEndpointBaseUri())) {
                        Exchange copy = ExchangeHelper.createCorrelatedCopy(exchange, false);
                        copy.setProperty(DEPTH, depth + 1);
                        try {
                            route.getConsumer().getProcessor().process(copy);
                        } catch (Exception e) {
                            copy.setException(e);
                        }
                        if (copy.getException() != null) {
                            dryRun.note(
                                    Map.of("route", route.getRouteId(), "error", "The route failed; see its steps."));
                        }
                    }
                }
                callback.done(true);
                return true;
            }
        };
    }

    private static boolean isHarmless(NamedNode node) {
        if (node instanceof BeanDefinition bean) {
            return bean.getRef() != null && BEANS.contains(bean.getRef()) && !reachesOut(bean.getMethod());
        }
        if (!HARMLESS.contains(node.getShortName())) {
            return false;
        }
        if (node instanceof LogDefinition log) {
            return !reachesOut(log.getMessage());
        }
        if (node instanceof ToDynamicDefinition to) {
            return !reachesOut(to.getUri());
        }
        if (node instanceof SetHeadersDefinition headers) {
            return headers.getHeaders().stream().allMatch(DryRunGuard::isHarmless);
        }
        if (node instanceof SetVariablesDefinition variables) {
            return variables.getVariables().stream().allMatch(DryRunGuard::isHarmless);
        }
        if (node instanceof SetVariableDefinition variable
                && variable.getName() != null
                // of another route, or of all
                && variable.getName().contains(":")) {
            return false;
        }
        return !(node instanceof ExpressionNode step) || isHarmless(step.getExpression());
    }

    private static boolean isHarmless(ExpressionDefinition expression) {
        return expression == null
                || expression.getExpressionType() != null
                || LANGUAGES.contains(expression.getLanguage()) && !reachesOut(expression.getExpression());
    }

    private static boolean reachesOut(String text) {
        return text != null && REACHES_OUT.matcher(text).find();
    }

    private static Endpoint endpoint(Processor target) {
        Processor inner = target;
        while (inner instanceof DelegateAsyncProcessor delegate) {
            inner = delegate.getProcessor();
        }
        return inner instanceof EndpointAware sends ? sends.getEndpoint() : null;
    }

    private static String scheme(Endpoint endpoint) {
        String uri = endpoint.getEndpointUri();
        int colon = uri.indexOf(':');
        return colon < 0 ? uri : uri.substring(0, colon);
    }

    private static Map<String, Object> sent(Endpoint endpoint) {
        return Map.of("to", Ellipsis.cut(URISupport.sanitizeUri(endpoint.getEndpointBaseUri()), LONGEST));
    }

    private static Map<String, Object> step(NamedNode node) {
        Map<String, Object> step = new LinkedHashMap<>();
        step.put("step", node.getShortName());
        step.put("what", Ellipsis.cut(URISupport.sanitizeUri(node.getLabel().replaceFirst("\\?.*", "")), LONGEST));
        if (node.getLineNumber() > 0) {
            step.put("line", node.getLineNumber());
        }
        return step;
    }
}
