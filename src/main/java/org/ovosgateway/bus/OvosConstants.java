// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.bus;

import org.apache.camel.spi.Metadata;

/** Headers of the {@code ovos:} component. */
public final class OvosConstants {

    @Metadata(label = "consumer,producer", description = "Type of the message heard", javaType = "String")
    public static final String TYPE = "CamelOvosType";

    @Metadata(label = "consumer,producer", description = "Context of the message heard", javaType = "java.util.Map")
    public static final String CONTEXT = "CamelOvosContext";

    @Metadata(
            label = "consumer,producer",
            description =
                    "Name of the device it was heard on; and of the one to send to, where the endpoint names none",
            javaType = "String")
    public static final String DEVICE = "CamelOvosDevice";

    @Metadata(
            label = "producer",
            description = "Whether what was said was heard to its end, and not stopped; where done is spoken",
            javaType = "Boolean")
    public static final String SPOKEN = "CamelOvosSpoken";

    private OvosConstants() {}
}
