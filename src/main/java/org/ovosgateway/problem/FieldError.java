// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.problem;

/**
 * One thing in a request that does not fit.
 *
 * @param field its name, with dots and brackets below the top: {@code a.b[0]}
 * @param reason what is wrong with it, going on after its name: {@code is required}
 */
public record FieldError(String field, String reason) {}
