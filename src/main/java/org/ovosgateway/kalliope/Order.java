// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.kalliope;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether an order fits the words of a signal, as Kalliope's {@code OrderAnalyser} has it: a bag of words, in lower case, in
 * which {@code {{ name }}} stands for any words.
 */
final class Order {

    static final List<String> MATCHING_TYPES = List.of("normal", "strict", "ordered-strict", "not-contain");

    static final String ORDER = "order";
    static final String TEXT = "text";
    private static final String MATCHING_TYPE = "matching-type";
    static final String EXCLUDED_WORDS = "excluded-words";
    static final String CORRECTION = "stt-correction";
    static final String INPUT = "input";
    static final String OUTPUT = "output";

    /** Characters of an order. */
    static final int LONGEST = 4_000;

    /** A word, or what stands for words. */
    private static final Pattern TOKEN = Pattern.compile("\\{\\{\\s*(\\w{1,64})\\s*}}|[^\\s{]+|\\{");

    private final String text;

    /** @param text what was said */
    Order(String text) {
        this.text = text;
    }

    /** The words that stand for the parameters of this signal; empty where the order does not fit it. */
    Optional<Map<String, String>> match(SynapsePart signal) {
        if (!signal.name().equals(ORDER)) {
            return Optional.empty();
        }
        String corrected = correct(text, signal.parameter(CORRECTION));
        String type = String.valueOf(signal.parameter(MATCHING_TYPE));
        if (type.equals("not-contain") && signal.parameter(EXCLUDED_WORDS) instanceof List<?> excluded) {
            List<String> words = words(lower(corrected));
            if (excluded.stream().anyMatch(word -> words.contains(lower(String.valueOf(word))))) {
                return Optional.empty();
            }
        }
        return match(corrected, signal.main(TEXT), type);
    }

    /** The same for words alone, as in the answers of a neurotransmitter. */
    Optional<Map<String, String>> match(String words) {
        return match(text, words, "normal");
    }

    private static Optional<Map<String, String>> match(String order, String signal, String type) {
        List<Token> tokens = signal == null ? List.of() : tokens(signal);
        List<String> said = words(order);
        List<String> lower = said.stream().map(Order::lower).toList();
        if (tokens.isEmpty() || !contains(lower, tokens)) {
            return Optional.empty();
        }
        Map<String, String> captured = captured(said, lower, tokens);
        if (type.equals("strict") || type.equals("ordered-strict")) {
            List<String> expected = new ArrayList<>();
            for (Token token : tokens) {
                expected.addAll(
                        token.variable() == null
                                ? List.of(token.word())
                                : words(lower(captured.getOrDefault(token.variable(), ""))));
            }
            boolean fits = type.equals("strict") ? expected.size() == lower.size() : expected.equals(lower);
            if (!fits) {
                return Optional.empty();
            }
        }
        return Optional.of(captured);
    }

    /** Whether each word is there, as often as in the signal. */
    private static boolean contains(List<String> said, List<Token> tokens) {
        Map<String, Integer> counts = new HashMap<>();
        said.forEach(word -> counts.merge(word, 1, Integer::sum));
        return tokens.stream()
                .filter(token -> token.variable() == null)
                .allMatch(token -> counts.merge(token.word(), -1, Integer::sum) >= 0);
    }

    /** Each parameter has the words up to the next word of the signal, the last one has all that are left. */
    private static Map<String, String> captured(List<String> said, List<String> lower, List<Token> tokens) {
        Map<String, String> captured = new LinkedHashMap<>();
        int at = 0;
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.variable() == null) {
                at = Math.min(find(token.word(), lower, at) + 1, said.size());
                continue;
            }
            Token next = i + 1 < tokens.size() ? tokens.get(i + 1) : null;
            int end = next == null
                    ? said.size()
                    : next.variable() == null ? find(next.word(), lower, at) : Math.min(at + 1, said.size());
            if (end > at) {
                captured.put(token.variable(), String.join(" ", said.subList(at, end)));
                at = end;
            }
        }
        return captured;
    }

    /** Where a word is from here on; behind the last one where it is not. */
    private static int find(String word, List<String> words, int from) {
        int found = words.subList(from, words.size()).indexOf(word);
        return found < 0 ? words.size() : from + found;
    }

    /** Ends at the length of the longest order: each correction may make it longer. */
    private static String correct(String order, Object corrections) {
        String corrected = order;
        if (corrections instanceof List<?> list) {
            for (Object one : list) {
                Map<?, ?> entry = (Map<?, ?>) one;
                corrected = correct(
                        corrected,
                        entry.get(INPUT).toString(),
                        entry.get(OUTPUT).toString());
            }
        }
        return corrected;
    }

    private static String correct(String order, String input, String output) {
        StringBuilder corrected = new StringBuilder();
        Matcher found = Pattern.compile(Pattern.quote(input), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
                .matcher(order);
        while (corrected.length() < LONGEST && found.find()) {
            found.appendReplacement(corrected, Matcher.quoteReplacement(output));
        }
        if (corrected.length() < LONGEST) {
            found.appendTail(corrected);
        }
        return Template.cut(corrected.toString(), LONGEST);
    }

    /** @param variable its name; null for a word */
    private record Token(String word, String variable) {}

    private static List<Token> tokens(String signal) {
        List<Token> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(signal);
        while (matcher.find()) {
            tokens.add(
                    matcher.group(1) == null
                            ? new Token(lower(matcher.group()), null)
                            : new Token(null, matcher.group(1)));
        }
        return tokens;
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.strip().split("\\s+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static String lower(String word) {
        return word.toLowerCase(Locale.ROOT);
    }
}
