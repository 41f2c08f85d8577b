// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.BeanDefinitionBuilder;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Which names are settings, in every spelling that Spring takes. */
class KnownSettingsTest {

    private static final String[] RECORDS = {
        "org.ovosgateway.bus.DevicesProperties",
        "org.ovosgateway.mqtt.MqttProperties",
        "org.ovosgateway.http.HttpProperties",
        "org.ovosgateway.api.ApiProperties",
        "org.ovosgateway.avs.AvsProperties",
        "org.ovosgateway.StateDirectory"
    };

    @ParameterizedTest
    @ValueSource(
            strings = {
                "OVOS_MQTT_KEEPALIVE",
                "OVOS_MQTT_KEEP_ALIVE",
                "ovos_mqtt_keepalive",
                "ovos.mqtt.keepAlive",
                "OVOS_MQTT_ALLOW_0_TOPIC",
                "OVOS_MQTT_ALLOW_1_TOPIC",
                "OVOS_MQTT_ALLOW_17_SCOPES_3",
                "OVOS_HTTP_TRUSTEDPROXIES_5",
                "OVOS_DEVICES_KITCHEN_HOST",
                "OVOS_DEVICES_BED_ROOM_2_ANSWERTIMEOUT",
                "OVOS_DEVICES_KITCHEN_TLS",
                "OVOS_DEVICES_KITCHEN_TLS_PIN",
                "OVOS_CONFIG_BASE_FOLDER",
                "OVOS_APIS_NOTES_ENABLED",
                "OVOS_APIS_NOTES_PORT",
                "OVOS_APIS_AVS_ENABLED",
                "OVOS_APIS_AVS_CLIENTSECRET",
                "SERVER_NAME"
            })
    void takesTheVariable(String name) {
        assertThatCode(() -> judge(variables(name))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "OVOS_MQTT_ALLOW_1_TOPIK,OVOS_MQTT_ALLOW_0_TOPIC",
        "OVOS_DEVICES_KITCHEN_HOSST,''",
        "ovos_mqtt_alow_0_topic,OVOS_MQTT_ALLOW_0_TOPIC",
        "ovos.mqtt.alow,ovos.mqtt.allow",
        "ovos.apis.notes.enabeld,ovos.apis.notes.enabled",
        "OVOS_APIS_NOTES_PROT,''"
    })
    void refusesTheVariable(String name, String nearest) {
        assertThatThrownBy(() -> judge(variables(name)))
                .hasMessageContaining(name + " is not a setting")
                .hasMessageContaining(nearest);
    }

    @Test
    void takesADeviceWhoseNameIsANumber() {
        assertThatCode(() -> judge(settings("ovos.devices[2].host", "a"))).doesNotThrowAnyException();
        assertThatThrownBy(() -> judge(settings("ovos.devices[2].hots", "a"))).hasMessageContaining("host");
    }

    @Test
    void takesAValueOrSettingsBelowItWhereBothMeanSomethingButNotBoth() {
        assertThatCode(() -> judge(settings("ovos.devices.kitchen.tls", "true")))
                .doesNotThrowAnyException();
        assertThatCode(() -> judge(settings("ovos.devices.kitchen.tls.ca", "a.pem")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> judge(new MapPropertySource(
                        "test", Map.of("ovos.devices.kitchen.tls", "true", "ovos.devices.kitchen.tls.ca", "a.pem"))))
                .hasMessageContaining("ovos.devices.kitchen.tls has a value, with which ovos.devices.kitchen.tls.ca is"
                        + " not read");
        assertThatThrownBy(() -> judge(settings("ovos.devices.kitchen", "true")))
                .hasMessageContaining("has settings below it");
    }

    @Test
    void refusesAValueThatRefersToNothing() {
        assertThatThrownBy(() -> judge(settings("ovos.mqtt.password", "${BROKER_PASSWORD}")))
                .hasMessageContaining("ovos.mqtt.password refers to ${BROKER_PASSWORD}, which is not set");
        assertThatCode(() -> judge(settings("ovos.mqtt.password", "${BROKER_PASSWORD:none}")))
                .doesNotThrowAnyException();
        assertThatCode(() -> judge(settings("ovos.mqtt.password", "a${b"))).doesNotThrowAnyException();
    }

    private static PropertySource<?> variables(String name) {
        return new SystemEnvironmentPropertySource("test-systemEnvironment", Map.of(name, "x"));
    }

    private static PropertySource<?> settings(String name, String value) {
        return new MapPropertySource("test", Map.of(name, value));
    }

    private static void judge(PropertySource<?> source) {
        ConfigurableEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .forEach(known -> environment.getPropertySources().remove(known.getName()));
        environment.getPropertySources().addFirst(source);
        var beans = new DefaultListableBeanFactory();
        for (String type : RECORDS) {
            beans.registerBeanDefinition(
                    "settings-" + type,
                    BeanDefinitionBuilder.genericBeanDefinition(type).getBeanDefinition());
        }
        var known = new KnownSettings();
        known.setEnvironment(environment);
        known.postProcessBeanFactory(beans);
    }
}
