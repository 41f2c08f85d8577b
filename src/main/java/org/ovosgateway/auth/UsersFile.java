// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.ovosgateway.Json;
import org.springframework.beans.PropertyMatches;

/**
 * The format of {@code users.json}, which is that of ovos-api: a list of {@code user}, {@code password}, {@code active},
 * and, new here, {@code scopes}, {@code devices}, {@code skills} and {@code room}.
 */
final class UsersFile {

    static final int MAX_BYTES = 4 << 20;

    private static final Set<String> MEMBERS =
            Set.of("user", "password", "active", "scopes", "devices", "skills", "room");
    private static final int MISTYPED = 2;
    private static final Pattern PRINTABLE = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    // a cost of 17 and more takes many seconds, and every refused log in takes as long as the dearest hash
    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(?:0[4-9]|1[0-6])\\$[./A-Za-z0-9]{53}");
    private static final Pattern SCOPE =
            Pattern.compile("\\*|[A-Za-z0-9][A-Za-z0-9._:-]{0,63}|[A-Za-z0-9][A-Za-z0-9._-]{0,61}:\\*");
    private static final Pattern DEVICE = Pattern.compile("[a-z0-9][a-z0-9_-]{0,31}");
    private static final Pattern SKILL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final Pattern SKILL_OR_INTENT =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}(:[A-Za-z0-9][A-Za-z0-9 ._-]{0,127})?");
    private static final Pattern NAME = Pattern.compile("(?=.*\\S)[^\\p{Cntrl}\\p{Cs}]{1,256}");

    private UsersFile() {}

    /** What is wrong with the file, and where; never what is in it. */
    static final class MalformedException extends Exception {

        private int line;

        MalformedException(String reason) {
            super(reason);
        }

        /** The line, as it goes behind the name of the file; empty if it is not known. */
        String where() {
            return line > 0 ? ", line " + line : "";
        }
    }

    /** @param ignored the names of members that are not known, as far as they can be printed */
    record Content(Map<String, User> users, Set<String> ignored) {}

    /** What an entry may leave out, so that a name which is only mistyped would go unnoticed. */
    private record Omissible(Object scopes, Object devices, Object skills) {}

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    static boolean isDevice(String device) {
        return DEVICE.matcher(device).matches();
    }

    static boolean isScope(String scope) {
        return SCOPE.matcher(scope).matches();
    }

    /** The users by name. One entry that is wrong refuses the whole file, so that no mistake goes unnoticed. */
    static Content parse(byte[] content) throws MalformedException {
        Map<String, User> users = new LinkedHashMap<>();
        Set<String> ignored = new TreeSet<>();
        int number = 0;
        for (JsonNode entry : list(content)) {
            number++;
            try {
                User user = user(entry, "entry " + number, ignored);
                if (users.put(user.name(), user) != null) {
                    throw new MalformedException("entry " + number + " repeats the user of an earlier one");
                }
            } catch (MalformedException e) {
                e.line = line(content, number);
                throw e;
            }
        }
        return new Content(Map.copyOf(users), ignored);
    }

    /** The line on which this entry of the list begins. */
    static int line(byte[] content, int entry) {
        try (var parser = Json.STRICT.createParser(content)) {
            parser.nextToken();
            for (int i = 1; i < entry; i++) {
                parser.nextToken();
                parser.skipChildren();
            }
            parser.nextToken();
            return parser.currentTokenLocation().getLineNr();
        } catch (IOException e) {
            return 0;
        }
    }

    /** The entries as they are. */
    static ArrayNode list(byte[] content) throws MalformedException {
        try {
            if (Json.STRICT.readTree(content) instanceof ArrayNode list) {
                return list;
            }
            throw new MalformedException("it is not a JSON list");
        } catch (JsonProcessingException e) {
            // its message quotes the file
            var location = e.getLocation();
            throw new MalformedException(
                    location == null
                            ? "it is not valid JSON"
                            : "it is not valid JSON at line " + location.getLineNr() + ", column "
                                    + location.getColumnNr());
        } catch (IOException e) {
            throw new MalformedException("it is not valid JSON");
        }
    }

    private static User user(JsonNode entry, String where, Set<String> ignored) throws MalformedException {
        if (!entry.isObject()) {
            throw new MalformedException(where + " is not a JSON object");
        }
        for (var member : entry.properties()) {
            String name = member.getKey();
            if (MEMBERS.contains(name)) {
                continue;
            }
            String shown = PRINTABLE.matcher(name).matches() ? name : "?";
            // a mistyped "scopes" must not give all of them, nor "device" all devices
            String meant = meant(name.toLowerCase(Locale.ROOT));
            if (meant != null) {
                throw new MalformedException(
                        where + " has the member '" + shown + "', which is not known; it looks like " + meant);
            }
            ignored.add(shown);
        }
        JsonNode name = entry.path("user");
        if (!name.isTextual() || !isName(name.textValue())) {
            throw new MalformedException(where + " has no user of 1 to 256 printable characters");
        }
        JsonNode hash = entry.path("password");
        if (!hash.isTextual() || !BCRYPT.matcher(hash.textValue()).matches()) {
            throw new MalformedException(
                    where + " has no password hashed by bcrypt ($2a$, $2b$ or $2y$) with a cost of 4 to 16");
        }
        JsonNode active = entry.path("active");
        if (!active.isBoolean()) {
            throw new MalformedException(where + " does not say active: true or false");
        }
        return new User(
                name.textValue(),
                hash.textValue(),
                active.booleanValue(),
                entry.has("scopes")
                        ? words(
                                entry.get("scopes"),
                                SCOPE,
                                where,
                                "scopes",
                                "a scope that is none; they look like system:read")
                        : Caller.ALL,
                entry.has("devices")
                        ? words(
                                entry.get("devices"),
                                DEVICE,
                                where,
                                "devices",
                                "a device that is none; they look like kitchen")
                        : Caller.ALL,
                entry.has("skills") ? limits(entry.get("skills"), where) : SkillLimits.NONE,
                room(entry.path("room"), where));
    }

    private static SkillLimits limits(JsonNode skills, String where) throws MalformedException {
        if (!skills.isObject() || skills.isEmpty()) {
            throw new MalformedException(where + " has skills that are not {\"allow\": […]} or {\"deny\": […]}");
        }
        for (var member : skills.properties()) {
            if (!member.getKey().equals("allow") && !member.getKey().equals("deny")) {
                throw new MalformedException(where + " has skills with another member than allow and deny");
            }
        }
        // an intent alone can't be allowed: what else its skill understands would have to be known
        Set<String> allow = skills.has("allow")
                ? words(
                        skills.get("allow"),
                        SKILL,
                        where,
                        "skills.allow",
                        "in skills.allow what is no skill; they look like skill-count.openvoiceos")
                : null;
        Set<String> deny = skills.has("deny")
                ? words(
                        skills.get("deny"),
                        SKILL_OR_INTENT,
                        where,
                        "skills.deny",
                        "in skills.deny what is neither a skill nor skill:intent")
                : Set.of();
        return new SkillLimits(allow, deny);
    }

    private static String room(JsonNode room, String where) throws MalformedException {
        if (room.isMissingNode()) {
            return null;
        }
        if (!room.isTextual() || !isName(room.textValue())) {
            throw new MalformedException(where + " has a room that is not a text of 1 to 256 printable characters");
        }
        return room.textValue();
    }

    private static String meant(String member) {
        if (member.contains("scop")) {
            return "scopes";
        }
        if (member.contains("devic")) {
            return "devices";
        }
        if (member.contains("skil")) {
            return "skills";
        }
        String[] near =
                PropertyMatches.forField(member, Omissible.class, MISTYPED).getPossibleMatches();
        return near.length > 0 ? near[0] : null;
    }

    private static Set<String> words(JsonNode list, Pattern form, String where, String what, String flaw)
            throws MalformedException {
        Set<String> words = new LinkedHashSet<>();
        for (JsonNode word : list) {
            if (!word.isTextual() || !form.matcher(word.textValue()).matches()) {
                throw new MalformedException(where + " has " + flaw);
            }
            words.add(word.textValue());
        }
        if (!list.isArray()) {
            throw new MalformedException(where + " has " + what + " that are not a list");
        }
        return Set.copyOf(words);
    }

    /**
     * Adds the user, or changes the password and, if given, scopes and devices of the one of that name; makes the user active.
     * All else in the file stays, and so do its rights; it is replaced in one step.
     *
     * @return whether the user is new
     */
    static boolean put(
            Path file, String name, String hash, Optional<List<String>> scopes, Optional<List<String>> devices)
            throws IOException, MalformedException {
        Path target = target(file);
        ArrayNode entries = Json.PLAIN.createArrayNode();
        if (Files.exists(target)) {
            byte[] content = Files.readAllBytes(target);
            parse(content);
            entries = list(content);
        }
        ObjectNode known = null;
        for (JsonNode entry : entries) {
            if (entry.path("user").asText().equals(name)) {
                known = (ObjectNode) entry;
            }
        }
        ObjectNode user = known == null ? entries.addObject().put("user", name) : known;
        user.put("password", hash).put("active", true);
        scopes.ifPresent(list -> list.forEach(user.putArray("scopes")::add));
        devices.ifPresent(list -> list.forEach(user.putArray("devices")::add));
        replace(target, entries);
        return known == null;
    }

    /** Takes the user out of the file; returns whether there was one. All else stays. */
    static boolean remove(Path file, String name) throws IOException, MalformedException {
        Path target = target(file);
        byte[] content = Files.readAllBytes(target);
        parse(content);
        ArrayNode entries = list(content);
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).path("user").asText().equals(name)) {
                entries.remove(i);
                replace(target, entries);
                return true;
            }
        }
        return false;
    }

    /** A link is to go on pointing to the file. */
    private static Path target(Path file) throws IOException {
        return Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    }

    private static void replace(Path target, ArrayNode entries) throws IOException {
        var indenter = new DefaultIndenter("    ", "\n");
        var printer = new DefaultPrettyPrinter(
                        Separators.createDefaultInstance().withObjectFieldValueSpacing(Spacing.AFTER))
                .withObjectIndenter(indenter)
                .withArrayIndenter(indenter);
        replace(
                target,
                (Json.PLAIN.writer(printer).writeValueAsString(entries) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void replace(Path file, byte[] content) throws IOException {
        // made for its owner only
        Path next = Files.createTempFile(file.getParent(), file.getFileName() + ".", ".new");
        try {
            try (var channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(content));
                channel.force(true);
            }
            var view = Files.getFileAttributeView(next, PosixFileAttributeView.class);
            if (view != null && Files.exists(file)) {
                var old = Files.readAttributes(file, PosixFileAttributes.class);
                var made = view.readAttributes();
                if (!made.group().equals(old.group())) {
                    view.setGroup(old.group());
                }
                if (!made.owner().equals(old.owner())) {
                    view.setOwner(old.owner());
                }
                view.setPermissions(old.permissions());
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(next);
        }
    }
}
