// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.Route;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.CatchDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.OtherwiseDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RemoveHeaderDefinition;
import org.apache.camel.model.RemovePropertyDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SetBodyDefinition;
import org.apache.camel.model.SetHeaderDefinition;
import org.apache.camel.model.SetPropertyDefinition;
import org.apache.camel.model.StopDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.TryDefinition;
import org.apache.camel.model.WhenDefinition;
import org.apache.camel.model.errorhandler.ErrorHandlerHelper;
import org.apache.camel.model.errorhandler.RefErrorHandlerDefinition;
import org.apache.camel.model.language.ConstantExpression;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.model.language.SimpleExpression;

/**
 * Tells which routes may run on an event loop: those made only of steps that never block, and that take no time worth a
 * word. What is not known here may block.
 */
final class NonBlocking {

    private static final Set<Class<?>> STEPS = Set.of(
            ToDefinition.class,
            BeanDefinition.class,
            SetBodyDefinition.class,
            SetHeaderDefinition.class,
            SetPropertyDefinition.class,
            RemoveHeaderDefinition.class,
            RemovePropertyDefinition.class,
            ChoiceDefinition.class,
            WhenDefinition.class,
            OtherwiseDefinition.class,
            FilterDefinition.class,
            TryDefinition.class,
            CatchDefinition.class,
            StopDefinition.class);

    /** The gateway's own, which only reshape what they are given. */
    private static final Set<String> BEANS = Set.of(
            "answer",
            "skills",
            "volume",
            "loudspeaker",
            "tickets",
            "links",
            "eventFeed",
            "voiceState",
            "chats",
            "ollama",
            "openai");

    private static final Set<String> FUNCTIONS = Set.of("body", "header", "exchangeProperty", "null", "list");

    /** What begins in a text of the Simple language, in either of its notations. */
    private static final Pattern FUNCTION = Pattern.compile("\\$(?:simple)?\\{\\s*(bean:\\w*|\\w*)");

    /** Without options, one of which could have it wait; it leaves a route that may block to a worker. */
    private static final Pattern DIRECT = Pattern.compile("direct:[^?]+");

    private static final List<String> SENDERS = List.of("ovos:", "converse:", "transcode:");

    private NonBlocking() {}

    static boolean is(Route route) {
        // another error handler may wait, and try again
        return route.getRoute() instanceof RouteDefinition definition
                && isUsual(definition.getErrorHandlerFactory())
                && route.getInterceptStrategies().isEmpty()
                && route.getRoutePolicyList().isEmpty()
                && definition.getDelayer() == null
                && are(definition.getOutputs());
    }

    private static boolean isUsual(ErrorHandlerFactory errorHandler) {
        return errorHandler instanceof RefErrorHandlerDefinition named
                && ErrorHandlerHelper.DEFAULT_ERROR_HANDLER_BUILDER.equals(named.getRef());
    }

    private static boolean are(List<ProcessorDefinition<?>> steps) {
        return steps.stream().allMatch(NonBlocking::is);
    }

    private static boolean is(ProcessorDefinition<?> step) {
        if (!STEPS.contains(step.getClass())) {
            return false;
        }
        if (step instanceof ToDefinition to) {
            return sends(to.getEndpointUri());
        }
        if (step instanceof BeanDefinition bean) {
            return bean.getRef() != null && BEANS.contains(bean.getRef()) && isPlain(bean.getMethod());
        }
        if (step instanceof ExpressionNode node && !isPlain(node.getExpression())) {
            return false;
        }
        if (step instanceof CatchDefinition caught && caught.getOnWhen() != null) {
            return false;
        }
        if (step instanceof TryDefinition attempt
                && (attempt.getFinallyClause() != null
                        || !attempt.getCatchClauses().stream().allMatch(caught -> is(caught)))) {
            return false;
        }
        return are(step.getOutputs());
    }

    private static boolean sends(String uri) {
        return DIRECT.matcher(uri).matches()
                || SENDERS.stream().anyMatch(uri::startsWith) && !uri.contains("synchronous") && isPlain(uri);
    }

    private static boolean isPlain(ExpressionDefinition expression) {
        return expression instanceof ConstantExpression
                || expression instanceof SimpleExpression && isPlain(expression.getExpression());
    }

    private static boolean isPlain(String text) {
        return text == null
                || FUNCTION.matcher(text).results().allMatch(found -> {
                    String function = found.group(1);
                    return function.startsWith("bean:")
                            ? BEANS.contains(function.substring("bean:".length()))
                            : FUNCTIONS.contains(function);
                });
    }
}
