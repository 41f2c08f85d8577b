// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.api;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.vertx.core.Future;
import org.ovosgateway.http.HttpCall;
import org.ovosgateway.http.HttpProperties;
import org.ovosgateway.http.Problems;
import org.ovosgateway.problem.Problem;
import org.ovosgateway.problem.ProblemException;
import org.springframework.util.unit.DataSize;

/**
 * The body that one operation takes.
 *
 * @param readers by media type, such as {@code application/json} or {@code audio/*}
 * @param limit bytes, where the contract sets one; 0 is {@code ovos.http.max-body}
 * @param limitInMemory the same for a body that is kept in memory
 */
record RequestBody(boolean required, Map<String, BodyReader> readers, long limit, long limitInMemory) {

    private static final String JSON = "application/json";
    private static final String ANY = "*/*";
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String MULTIPART = "multipart/form-data";
    private static final String MAX_BODY = "x-max-body";
    private static final String STREAM = "x-stream";
    private static final String UPLOAD = "x-upload";
    private static final DataSize LARGEST = DataSize.ofGigabytes(1);

    /** For routes outside of the contract: forms and multipart; all else is for Camel. */
    static final RequestBody FORMS = new RequestBody(
            false,
            Map.of(FORM, new FormBody(false, Fields.any()), MULTIPART, new MultipartBody(false, Fields.any())),
            0,
            0);

    /**
     * The body of an operation.
     *
     * @throws IllegalArgumentException when it cannot be read as the contract has it
     */
    static RequestBody of(io.swagger.v3.oas.models.Operation operation, Schemas schemas, HttpProperties limits) {
        var body = operation.getRequestBody();
        if (body == null) {
            return null;
        }
        String id = operation.getOperationId();
        if (body.getContent() == null || body.getContent().isEmpty()) {
            throw new IllegalArgumentException("The body of '%s' has no media type".formatted(id));
        }
        boolean required = Boolean.TRUE.equals(body.getRequired());
        boolean stream = isTrue(operation, STREAM);
        boolean upload = isTrue(operation, UPLOAD);
        Map<String, BodyReader> readers = new LinkedHashMap<>();
        for (Map.Entry<String, MediaType> one : body.getContent().entrySet()) {
            String type = one.getKey().toLowerCase(Locale.ROOT);
            BodyReader reader = reader(type, one.getValue(), required, stream, upload, id, schemas);
            readers.put(type, reader);
        }
        long limit = limit(operation, readers.values().stream().allMatch(RequestBody::isInMemory), limits);
        // a large one is meant for files, where there are any
        long limitInMemory = limit > limits.maxBodies().toBytes() ? 0 : limit;
        return new RequestBody(required, readers, limit, limitInMemory);
    }

    private static boolean isInMemory(BodyReader reader) {
        return !(reader instanceof MultipartBody || reader instanceof StreamBody || reader instanceof FileBody);
    }

    /** Bytes that this reader may read, where the contract says it; 0 is {@code ovos.http.max-body}. */
    long limit(BodyReader reader) {
        return isInMemory(reader) ? limitInMemory : limit;
    }

    private static BodyReader reader(
            String type,
            MediaType media,
            boolean required,
            boolean stream,
            boolean upload,
            String id,
            Schemas schemas) {
        if (type.equals(JSON) || type.equals(ANY) && isJson(media.getSchema())) {
            if (media.getSchema() == null) {
                throw new IllegalArgumentException("The JSON body of '%s' needs a schema".formatted(id));
            }
            return new JsonBody(required, schemas.compile(media.getSchema()));
        }
        if (type.equals(FORM)) {
            return new FormBody(required, Fields.of(media, schemas, id));
        }
        if (type.equals(MULTIPART)) {
            return new MultipartBody(required, Fields.of(media, schemas, id));
        }
        if (type.startsWith("multipart/") || !type.matches("[^/;\\s]+/[^/;\\s]+")) {
            throw new IllegalArgumentException(
                    ("The body of '%s' is '%s'; there are application/json, application/x-www-form-urlencoded,"
                                    + " multipart/form-data, and any other type, such as audio/*, as bytes")
                            .formatted(id, type));
        }
        if (upload) {
            return new FileBody(required);
        }
        return stream ? new StreamBody(required) : RawBody.of(required, media.getSchema(), schemas);
    }

    /** Whether a body of any type is JSON by its schema: bytes are a string. */
    private static boolean isJson(Schema<?> schema) {
        return schema != null && (schema.get$ref() != null || schema.getProperties() != null);
    }

    private static long limit(io.swagger.v3.oas.models.Operation operation, boolean inMemory, HttpProperties limits) {
        Object extension = extension(operation, MAX_BODY);
        if (extension == null) {
            return 0;
        }
        DataSize size;
        try {
            size = DataSize.parse(extension.toString());
        } catch (IllegalArgumentException e) {
            size = DataSize.ofBytes(0);
        }
        if (size.toBytes() < 1 || size.compareTo(LARGEST) > 0) {
            throw new IllegalArgumentException(
                    "The x-max-body of '%s' is '%s'; it must be a size up to 1GB, such as 10MB"
                            .formatted(operation.getOperationId(), extension));
        }
        if (inMemory && size.compareTo(limits.maxBodies()) > 0) {
            throw new IllegalArgumentException(
                    ("The x-max-body of '%s' is %s, but all bodies in memory together may have %d bytes; set"
                                    + " ovos.http.max-bodies, or x-upload: true")
                            .formatted(
                                    operation.getOperationId(),
                                    extension,
                                    limits.maxBodies().toBytes()));
        }
        return size.toBytes();
    }

    private static boolean isTrue(io.swagger.v3.oas.models.Operation operation, String name) {
        return "true".equals(String.valueOf(extension(operation, name)));
    }

    private static Object extension(io.swagger.v3.oas.models.Operation operation, String name) {
        return operation.getExtensions() == null
                ? null
                : operation.getExtensions().get(name);
    }

    /** What reads JSON; null where none is taken. */
    JsonBody json() {
        return readers.get(JSON) instanceof JsonBody json ? json : null;
    }

    /** What reads a body of this type; where nothing does, what refuses it as soon as there is something of it. */
    BodyReader reader(String contentType) {
        BodyReader reader = find(contentType);
        return reader == null ? new Unread(required, String.join(" or ", readers.keySet())) : reader;
    }

    /** Null where there is none. */
    BodyReader find(String contentType) {
        if (contentType == null || contentType.chars().filter(c -> c == '"').count() % 2 != 0) {
            // what takes all types takes what has none
            return readers.get(ANY);
        }
        int parameters = contentType.indexOf(';');
        String type = (parameters < 0 ? contentType : contentType.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
        BodyReader reader = readers.get(type);
        int slash = type.indexOf('/');
        if (reader == null && slash > 0 && type.indexOf('/', slash + 1) < 0) {
            reader = readers.get(type.substring(0, slash) + "/*");
        }
        return reader == null ? readers.get(ANY) : reader;
    }

    /** A body without a type may yet turn out to be none: HTTP/2 does not say so in the headers. */
    private record Unread(boolean required, String types) implements BodyReader {

        @Override
        public Future<Content> read(HttpCall call, String contentType, boolean known, long most) {
            return call.body(known, 0)
                    .recover(failure -> Future.failedFuture(
                            failure instanceof ProblemException told
                                            && told.problem().status() == 413
                                    ? refusal()
                                    : failure))
                    .map(none -> new Content(0, this::nothing));
        }

        private Object nothing() {
            if (required) {
                throw new ProblemException(Problems.validation("body", "is required"));
            }
            return null;
        }

        private ProblemException refusal() {
            Problem problem = Problems.of(415);
            return new ProblemException(new Problem(
                            problem.type(),
                            problem.title(),
                            problem.status(),
                            "The body is of a kind that is not read here; send %s, not compressed.".formatted(types))
                    .header("Accept-Encoding", "identity"));
        }
    }
}
