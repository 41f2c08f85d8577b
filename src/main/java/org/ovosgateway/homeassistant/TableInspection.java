// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.homeassistant;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.ovosgateway.Inspected;
import org.ovosgateway.Reason;
import org.ovosgateway.bus.Devices;
import org.ovosgateway.mqtt.MqttSwitch;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Looks at the table of entities, also while MQTT is off. */
@Component
class TableInspection implements Inspected {

    private final Path file;
    private final Path ownFile;
    private final Devices devices;
    private final boolean needed;

    TableInspection(
            @Value("${ovos.routes.folder:routes}") Path folder,
            @Value("${ovos.routes.own:routes.d}") Path own,
            Devices devices,
            Environment environment) {
        this.file = folder.resolve(EntityTableFiles.NAME);
        this.ownFile = own.resolve(EntityTableFiles.NAME);
        this.devices = devices;
        this.needed = MqttSwitch.isOn(environment);
    }

    @Override
    public String subject() {
        return EntityTableFiles.NAME;
    }

    @Override
    public List<String> problems() {
        return Stream.concat(problems(file, needed).stream(), problems(ownFile, false).stream())
                .toList();
    }

    private List<String> problems(Path file, boolean needed) {
        try {
            return problems(file, Files.readString(file, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return needed ? List.of(file + ": " + Reason.of(e)) : List.of();
        } catch (IOException e) {
            return List.of(file + " cannot be read: " + Reason.of(e));
        }
    }

    private List<String> problems(Path file, String yaml) {
        try {
            return EntityTable.parse(yaml).devices().keySet().stream()
                    .filter(name -> !devices.names().contains(name))
                    .map(name -> problem(file, yaml, "devices." + name + ": there is no such device"))
                    .toList();
        } catch (IllegalArgumentException e) {
            return List.of(
                    e.getCause() instanceof MarkedYamlEngineException broken
                            ? place(file, broken.getProblemMark()) + ": " + broken.getProblem()
                            : problem(file, yaml, e.getMessage()));
        }
    }

    /** @param reason begins with the path of the entry, such as {@code assistant.volume.platform} */
    private static String problem(Path file, String yaml, String reason) {
        Optional<Node> at = new Compose(LoadSettings.builder().build()).composeString(yaml);
        Optional<Mark> mark = Optional.empty();
        for (String name : reason.split("[ :]", 2)[0].split("\\.")) {
            Optional<NodeTuple> entry = at.flatMap(node -> entry(node, name));
            if (entry.isEmpty()) {
                break;
            }
            mark = entry.get().getKeyNode().getStartMark();
            at = entry.map(NodeTuple::getValueNode);
        }
        return place(file, mark) + ": " + reason;
    }

    private static Optional<NodeTuple> entry(Node node, String name) {
        return node instanceof MappingNode map
                ? map.getValue().stream()
                        .filter(entry -> entry.getKeyNode() instanceof ScalarNode key
                                && key.getValue().equals(name))
                        .findFirst()
                : Optional.empty();
    }

    private static String place(Path file, Optional<Mark> mark) {
        return file + mark.map(at -> ":" + (at.getLine() + 1)).orElse("");
    }
}
