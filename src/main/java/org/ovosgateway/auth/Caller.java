// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.auth;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

import org.apache.camel.Exchange;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;

/**
 * Who calls, by whichever door, and what may be done on their behalf.
 *
 * @param name of the user, or the topic of the message
 * @param scopes as in the contract, {@code voice:stop}; {@code voice:*} stands for all that begin so, {@code *} for all
 * @param devices the assistants that may be meant, by name; {@link #ALL} for all
 * @param skills the skills that the caller may ask
 * @param room of a user, from the users file; null where it has none
 * @param login how a user has proved to be one, and the links that were followed; null for all others
 */
public record Caller(
        Kind kind, String name, Set<String> scopes, Set<String> devices, SkillLimits skills, String room, Login login) {

    /** The scopes, or the devices, of a user without a list of them. */
    public static final Set<String> ALL = Set.of("*");

    /** A route that nobody called, or that its owner lets everybody call: it acts for its owner. */
    public static final Caller OWNER = new Caller(Kind.OWNER, "", ALL, null);

    /** Somebody who has shown no credential where none is needed. */
    public static final Caller ANYBODY = new Caller(Kind.ANYBODY, "", Set.of(), null);

    /** The property of an exchange that holds its caller. */
    public static final String PROPERTY = "caller";

    private static final int LONGEST_QUOTE = 64;

    /** By what a caller is known. */
    public enum Kind {
        OWNER,
        ANYBODY,
        USER,
        /** A message of a broker, known by its topic. */
        TOPIC,
        /** A signed link, which is good for one path. */
        LINK
    }

    /**
     * A login of a user, or a link.
     *
     * @param stamp changes with the password of the user; null for a link
     * @param tokenId the {@code jti} of the token, or the id of a long-lived one; null where the user has sent the password
     * @param family the login that the token comes from; null like the token, and for a long-lived one
     * @param issued when the token was made; null like the token
     * @param expires end of the token, or of the link; null like the token, {@link Instant#MAX} where there is none
     * @param refresh whether the token is good for refreshing, and for nothing else
     * @param other what the caller has shown beside it, where one credential is not enough; null for nothing
     */
    public record Login(
            String stamp,
            String tokenId,
            String family,
            Instant issued,
            Instant expires,
            boolean refresh,
            Login other) {

        /** By one token. */
        public Login(String stamp, String tokenId, String family, Instant issued, Instant expires, boolean refresh) {
            this(stamp, tokenId, family, issued, expires, refresh, null);
        }

        /** By password. */
        public Login(String stamp) {
            this(stamp, null, null, null, null, false);
        }

        private Login and(Login more) {
            return new Login(stamp, tokenId, family, issued, expires, refresh, other == null ? more : other.and(more));
        }

        /** By a link. */
        boolean isLink() {
            return stamp == null;
        }

        /** By a long-lived token. */
        public boolean isLongLived() {
            return tokenId != null && family == null;
        }
    }

    /** For all devices. */
    public Caller(Kind kind, String name, Set<String> scopes, Login login) {
        this(kind, name, scopes, ALL, SkillLimits.NONE, null, login);
    }

    /** For all skills. */
    public Caller(Kind kind, String name, Set<String> scopes, Set<String> devices, Login login) {
        this(kind, name, scopes, devices, SkillLimits.NONE, null, login);
    }

    /** A message on this topic. */
    public static Caller topic(String topic, Set<String> scopes) {
        return new Caller(Kind.TOPIC, topic, scopes, null);
    }

    /** The holder of a link that the gateway has signed for this path, until it expires. */
    public static Caller link(String path, Instant expires) {
        return new Caller(Kind.LINK, path, ALL, new Login(null, null, null, null, expires, false));
    }

    static Caller user(User user, Login login) {
        return new Caller(Kind.USER, user.name(), user.scopes(), user.devices(), user.skills(), user.room(), login);
    }

    /** Tells callers of all kinds apart. */
    public String id() {
        return kind + " " + name;
    }

    /** Who called this exchange; the owner of the route where nobody did. */
    public static Caller of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, OWNER, Caller.class);
    }

    /** From now on the exchange is on behalf of this caller. */
    public void mark(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** Whether what needs this scope may be done. */
    public boolean may(String scope) {
        return !isRefreshing() && covers(scopes, scope);
    }

    /**
     * Does nothing if the caller has this scope.
     *
     * @throws ProblemException 403
     */
    public void require(String scope) {
        if (!may(scope)) {
            throw new ProblemException(new Problem(
                            "forbidden", title(), 403, "The scope '%s' is needed, and %s.".formatted(scope, lack()))
                    .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"" + scope + "\""));
        }
    }

    private String title() {
        return switch (kind) {
            case TOPIC -> "This topic may not do that";
            case USER -> "This user may not do that";
            default -> "This call may not do that";
        };
    }

    private String lack() {
        return switch (kind) {
            case TOPIC -> "messages on this topic do not have it; see ovos.mqtt.allow";
            case USER ->
                isLongLived()
                        ? "this long-lived token of user '%s' does not have it. Make one with this scope, which the user must have too"
                                .formatted(name)
                        : "user '%s' does not have it. It is given in the users file".formatted(name);
            default -> "this call does not have it; send a credential";
        };
    }

    private boolean isLongLived() {
        return login != null && login.isLongLived();
    }

    /** Whether only a new token can be had. */
    public boolean isRefreshing() {
        return login != null && login.refresh();
    }

    /** This caller, with only what the other one may do as well. */
    public Caller within(Set<String> others) {
        Set<String> both = new LinkedHashSet<>();
        scopes.stream().filter(scope -> covers(others, scope)).forEach(both::add);
        others.stream().filter(scope -> covers(scopes, scope)).forEach(both::add);
        return new Caller(kind, name, Set.copyOf(both), devices, skills, room, login);
    }

    /** This caller, with only those of these devices that it may use. */
    public Caller withinDevices(Set<String> others) {
        Set<String> both = new LinkedHashSet<>(devices.equals(ALL) ? others : devices);
        both.removeIf(device ->
                !devices.equals(ALL) && !devices.contains(device) || !others.equals(ALL) && !others.contains(device));
        return new Caller(kind, name, scopes, Set.copyOf(both), skills, room, login);
    }

    /** This user, by two credentials, or by one and a link: only what both allow, as long as both hold. */
    public Caller and(Caller other) {
        Caller both = within(other.scopes).withinDevices(other.devices);
        Login logins = login == null ? other.login : login.and(other.login);
        return new Caller(kind, name, both.scopes, both.devices, skills, room, logins);
    }

    /** Whether this device may be used. */
    public boolean mayUse(String device) {
        return devices.equals(ALL) || devices.contains(device);
    }

    /** Whether all may be done and every device be used that the other one may do and use. */
    public boolean mayAllOf(Caller other) {
        return (devices.equals(ALL) || devices.containsAll(other.devices))
                && other.scopes.stream().allMatch(scope -> covers(scopes, scope));
    }

    /**
     * Does nothing if the caller may use this device.
     *
     * @throws ProblemException 403, whether there is such a device or not
     */
    public void requireDevice(String device) {
        if (!mayUse(device)) {
            throw refused("%s may not use the device '%s'; %s"
                    .formatted(capital(), device.substring(0, Math.min(device.length(), LONGEST_QUOTE)), usable()));
        }
    }

    /**
     * The device that is meant where none is named: the usual one; for a caller who may not use that, but one other, that one.
     *
     * @throws ProblemException 403 for a caller who must name one
     */
    public String device(String usual) {
        if (mayUse(usual)) {
            return usual;
        }
        if (devices.size() == 1) {
            return devices.iterator().next();
        }
        throw refused("No device is named, and %s may not use the device '%s', which is meant then; %s"
                .formatted(subject(), usual, usable()));
    }

    /**
     * Does nothing if the caller may ask every skill. No skill can be kept from an utterance to the device itself: OVOS ignores
     * the session of such a message.
     *
     * @throws ProblemException 403
     */
    public void requireAllSkills() {
        if (skills.isLimited()) {
            throw refused(
                    "%s may ask some skills only, which OVOS can be held to in a conversation alone. Use POST /v1/conversation, with speak if the device is to say the answer."
                            .formatted(capital()));
        }
    }

    private ProblemException refused(String detail) {
        return new ProblemException(new Problem("forbidden", title(), 403, detail)
                .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\""));
    }

    private String subject() {
        return kind == Kind.USER ? "user '" + name + "'" : kind == Kind.TOPIC ? "this topic" : "this call";
    }

    private String capital() {
        String subject = subject();
        return Character.toUpperCase(subject.charAt(0)) + subject.substring(1);
    }

    private String usable() {
        return devices.isEmpty() ? "it may use none." : "it may use " + String.join(", ", new TreeSet<>(devices)) + ".";
    }

    /** Without the login. */
    @Override
    public String toString() {
        return "Caller[" + kind + (name.isEmpty() ? "" : " " + name) + "]";
    }

    private static boolean covers(Set<String> scopes, String scope) {
        return scopes.contains(scope)
                || scopes.contains("*")
                || scopes.contains(scope.substring(0, scope.indexOf(':') + 1) + "*");
    }
}
