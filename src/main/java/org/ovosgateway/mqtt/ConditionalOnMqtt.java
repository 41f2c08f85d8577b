// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.mqtt;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.context.annotation.Conditional;

/** A bean that exists only when MQTT is on. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Conditional(MqttSwitch.class)
public @interface ConditionalOnMqtt {}
