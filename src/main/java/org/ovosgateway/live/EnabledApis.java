// SPDX-License-Identifier: Apache-2.0
package org.ovosgateway.live;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.ovosgateway.Nearest;
import org.ovosgateway.api.Api;
import org.ovosgateway.api.ApiProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which folders are APIs that are to be served; says once of each other folder, and of each setting without one, what it lacks. */
final class EnabledApis {

    private static final Logger LOG = LoggerFactory.getLogger(EnabledApis.class);

    private final RoutesFolder folder;
    private final LiveProperties properties;
    private final ApiProperties apis;
    /** Those that are not served because nobody has enabled them. */
    private Set<Api> disabled = Set.of();
    /** Settings of APIs that have no folder. */
    private List<String> unused = List.of();
    /** Why folders are not read that look like APIs. */
    private volatile Set<String> misnamed = Set.of();

    EnabledApis(RoutesFolder folder, LiveProperties properties, ApiProperties apis) {
        this.folder = folder;
        this.properties = properties;
        this.apis = apis;
    }

    /** The files of the APIs that are enabled. */
    Map<String, RoutesFolder.Text> files(Map<String, RoutesFolder.Text> all) {
        Map<String, RoutesFolder.Text> enabled = new TreeMap<>();
        Set<Api> others = new HashSet<>();
        all.forEach((file, text) -> {
            Api api = folder.api(file);
            if (apis.isEnabled(api)) {
                enabled.put(file, text);
            } else if (others.add(api) && !disabled.contains(api)) {
                LOG.info(
                        "The API in {} is not served; to serve it, set ovos.apis.{}.enabled to true and start again",
                        properties.folder().resolve(api.name()),
                        api.name());
            }
        });
        disabled = others;
        return enabled;
    }

    /** Warns of settings for which there is neither one of these files nor a folder that is not enabled. */
    void warnOfUnusedSettings(Set<String> files) {
        Set<String> folders = new TreeSet<>();
        files.forEach(file -> folders.add(folder.api(file).name()));
        disabled.forEach(api -> folders.add(api.name()));
        folders.remove(Api.OWN.name());
        unused = apis.apis().keySet().stream()
                // an API that is shipped has settings, whether it is there or not
                .filter(name -> apis.apis().get(name).enabled())
                .filter(name -> folders.stream()
                        .noneMatch(folder -> folder.replace("-", "").equals(name.replace("-", ""))))
                .map(name -> "ovos.apis." + name + " is for an API that is not there: " + properties.folder()
                        + " has no such folder" + Nearest.hint(name, folders))
                .toList();
        unused.forEach(LOG::warn);
    }

    /** Says once of each folder how an API may be called. */
    void warnOfMisnamed() {
        Set<String> now = new TreeSet<>();
        folder.misnamed()
                .forEach(path -> now.add("Nothing in " + path + " is served: " + Api.RULE + "; rename it to '"
                        + Api.nearest(path.getFileName().toString()) + "'"));
        now.stream().filter(line -> !misnamed.contains(line)).forEach(LOG::warn);
        misnamed = now;
    }

    /** What is wrong with folders and settings, for a person. */
    Stream<String> problems() {
        return Stream.concat(unused.stream(), misnamed.stream());
    }
}
